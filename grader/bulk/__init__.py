"""Many submissions: graded side by side, then written down."""

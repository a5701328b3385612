"""What the kernel is asked for: confinement, system calls, scratch folders; both sides of the sandbox use it."""

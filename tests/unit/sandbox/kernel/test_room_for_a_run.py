"""What intake lets in can be run: a run's folder also holds what notebooks are converted to."""

from __future__ import annotations

from grader.intake.bounds import Bounds
from grader.sandbox.kernel import bubblewrap


def test_the_largest_submission_can_be_copied_in() -> None:
    """Even one in which every entry is a notebook, with a module and its map beside it."""
    bounds = Bounds()
    assert 3 * bounds.entries <= bubblewrap.MOST_FILES
    assert bounds.total < bubblewrap.LARGEST

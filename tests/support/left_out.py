"""What a machine may lack and how to have it: the reasons of skips, and what a run says of them at its end."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.sandbox.parent.selftest import Level

SLOW = (
    "end_to_end",
    "fuzz",
    "hostile",
    "real",
    "test_submissions.py",
    "test_suite.py",
    "unit/audit",
    "unit/bulk",
    "unit/execute",
    "unit/intake/test_git.py",
    "unit/reference",
    "unit/render/test_visible.py",
    "unit/sandbox",
    "unit/test_contributing.py",
    "unit/test_plugins.py",
)
"""Where tests run models, a browser or sandboxes: `make quick` leaves them out."""

HOW = "; to have it: "
"""Stands between what is lacking and how to have it."""
MARKS = {
    "real": f"tests on a real model{HOW}make test-real",
    "slow": f"slow tests{HOW}make test",
    "place": f"folders and files of slow tests{HOW}make test",
}
"""Marks by which a whole run leaves tests out."""


def lacking(what: str, how: str) -> str:
    """The reason of a skip."""
    return f"{what}{HOW}{how}"


NO_BROWSER = lacking("Chromium is not installed", "make browser")
NO_BUBBLEWRAP = lacking("bubblewrap is not installed (isolation level 3)", "make bubble")
NO_DASK = lacking("dask is not installed", "pip install '.[cluster]'")
NO_NAMESPACE = lacking("a mount namespace may not be made here", "run as root, outside of a container")
NOT_ROOT = lacking("only root has capabilities to drop", "run as root")
NOT_LINUX = lacking("the kernel's filters are Linux's", "run on Linux, x86-64 or aarch64")
NO_HEADERS = lacking("the kernel's headers are not installed", "apt-get install linux-libc-dev")


def no_level(level: Level) -> str:
    """Why this machine does not reach an isolation level; empty where it does."""
    from grader.sandbox.kernel import bubblewrap
    from grader.sandbox.parent.selftest import self_test

    (report,) = self_test(level)
    if report.reached:
        return ""
    if level == bubblewrap.LEVEL and shutil.which("bwrap") is None:
        return NO_BUBBLEWRAP
    return lacking(f"isolation level {level} is not reached here", "grader doctor says what is missing")


def need_level(level: Level) -> None:
    """Skip the test where the machine does not reach an isolation level."""
    if reason := no_level(level):
        pytest.skip(reason)


def lines(skipped: Iterable[Any], deselected: Mapping[str, int]) -> list[str]:
    """What was left out: a line a reason, with the number of tests and how to have them.

    Args:
        skipped: reports of skips; one that comes from every worker, such as that of a module, counts once.
        deselected: mark to the number of tests that it left out.
    """
    reasons = Counter({MARKS[mark]: count for mark, count in deselected.items() if count})
    once = {(report.nodeid, report.longrepr[2].removeprefix("Skipped: ")) for report in skipped}
    reasons.update(reason for _, reason in once)
    split = [(count, *reason.partition(HOW)[::2]) for reason, count in reasons.most_common()]
    width = max((len(what) for _, what, _ in split), default=0)
    return [f"{count:5}  {what:{width}}  {how}".rstrip() for count, what, how in split]

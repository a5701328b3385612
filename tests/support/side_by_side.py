"""How tests are shared out among the processes of pytest-xdist.

The tests of a file stay together, so that what they share is made once. Where a test takes long and shares nothing, it
goes alone. What takes longest starts first. Tests wait as much as they compute: there are more processes than cores.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

APART = (
    "tests/end_to_end/test_busy_class.py",
    "tests/end_to_end/test_interrupted.py",
    "tests/end_to_end/test_isolation.py",
    "tests/end_to_end/test_ci.py",
    "tests/end_to_end/test_handbook.py",
    "tests/end_to_end/test_keep_warm.py",
    "tests/end_to_end/test_cluster_trust.py",
    "tests/unit/execute/test_calls.py",
    "tests/unit/sandbox/parent/test_doubts.py",
    "tests/unit/test_contributing.py",
    "tests/unit/test_plugins.py",
)
"""Files whose tests take long and share nothing."""
LEVELS = "tests/hostile/test_hostile.py"
"""Its tests share what one level did, and nothing with another level."""
_LEVEL = re.compile(r"[\[-]([123])\]$")
AUDITS = "test_no_question_is_weak"
"""A test for each chapter, each of which takes long."""
LONGEST = (
    "test_a_busy_machine_gives_the_same_marks",
    "tests/end_to_end/test_class.py",
    "hostile-1",
    "tests/end_to_end/test_course_audit.py",
    "test_no_question_is_weak[ch04_recent_progress]",
    "tests/end_to_end/test_kit.py",
    "test_killed_at_any_moment_it_ends_as_if_nothing_had_been",
    "tests/test_submissions.py",
    "tests/end_to_end/test_odd_machine.py",
    "tests/end_to_end/test_cluster.py",
    "tests/hostile/test_intake.py",
    "hostile-",
    *APART,
    "tests/end_to_end",
    "tests/hostile",
)
"""What starts first: beginnings of groups, or parts of the names of tests that go alone."""
_MOST = 8


def processes() -> int:
    """How many processes share the tests."""
    return min(_MOST, 2 * (os.cpu_count() or 1))


def group(test: str) -> str:
    """What has to run in one process with a test of this id; the id itself where nothing has to."""
    file = test.partition("::")[0]
    if file == LEVELS and (level := _LEVEL.search(test)) is not None:
        return f"hostile-{level[1]}"
    return test if file in APART or AUDITS in test else file


class Scheduler(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives each process whole groups, in the order of the tests."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def order(items: list[pytest.Item]) -> None:
    """Put what takes longest in front; the rest stays as it is."""
    items.sort(key=lambda item: _place(group(item.nodeid)))


def _place(name: str, beginnings: Sequence[str] = LONGEST) -> int:
    return next((place for place, part in enumerate(beginnings) if part in name), len(beginnings))

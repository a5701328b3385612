"""What all tests share: where the course is, and a key store that lives as long as the test session."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from support import left_out, side_by_side
from support.command_line import CommandLine

# The same examples in every run, and no deadline: a busy machine must not fail a suite. Look for new examples with
# `pytest --hypothesis-profile default`.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parent.parent

_SLOW = frozenset(ROOT / "tests" / place for place in left_out.SLOW)
_left_out = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is left out yet; the order is settled last."""
    config.stash[_left_out] = Counter[str]()
    config.pluginmanager.register(_LongestFirst())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what is slow when it is left out: importing takes longer than all quick tests."""
    if "not slow" not in config.option.markexpr or collection_path not in _SLOW:
        return None
    config.stash[_left_out]["place"] += 1
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark what is slow by the folder it is in, and what needs a browser."""
    for item in items:
        if any(item.path.is_relative_to(place) for place in _SLOW) or item.get_closest_marker("chromium"):
            item.add_marker("slow")


class _LongestFirst:
    """Orders the tests after pytest-randomly did."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put what takes longest in front, where several processes share the tests."""
        if "PYTEST_XDIST_WORKER" in os.environ:
            side_by_side.order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Have more processes than cores."""
    return side_by_side.processes()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> side_by_side.Scheduler:
    """Share the tests out as `support.side_by_side` says."""
    return side_by_side.Scheduler(config, log)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what marks leave out; what was not asked for by name is not left out."""
    for item in items:
        marks = (mark for mark in left_out.MARKS if item.get_closest_marker(mark))
        mark = next((mark for mark in marks if f"not {mark}" in item.config.option.markexpr), None)
        if mark is not None:
            item.config.stash[_left_out][mark] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist tells the process that speaks; all of them collect the same tests."""
    if hasattr(session.config, "workeroutput"):
        counts = session.config.stash[_left_out]
        session.config.workeroutput["left_out"] = dict(counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear what a worker of pytest-xdist left out; one that crashed says nothing."""
    told = Counter[str](getattr(node, "workeroutput", {}).get("left_out", {}))
    node.config.stash[_left_out] |= told


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and how to have it."""
    counts = config.stash[_left_out]
    lines = left_out.lines(terminalreporter.stats.get("skipped", ()), counts)
    if lines:
        terminalreporter.section("left out")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def assignments() -> Path:
    """The course that the repository carries."""
    return ROOT / "assignments"


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests never read or write the user's own key store; the processes of one test run share theirs."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent / "cache" if "PYTEST_XDIST_WORKER" in os.environ else base / "cache"
    shared.mkdir(exist_ok=True)
    os.environ["GRADER_CACHE"] = str(shared)
    os.environ["GRADER_KEEP_WARM"] = "0"  # nothing goes on after a test
    os.environ.pop("GRADER_SECRET", None)
    os.environ.pop("GRADER_SECRET_FILE", None)


@pytest.fixture(scope="session")
def grader() -> CommandLine:
    """The command line: call it, or make a process of it."""
    return CommandLine()


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A copy of the small sound course in `courses/toy`, to grade with or to spoil: what holds `assignments`."""
    shutil.copytree(ROOT / "tests/courses/toy", tmp_path, dirs_exist_ok=True)
    return tmp_path

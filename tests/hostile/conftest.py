"""Suites: every attack once at each level, with what was left over afterwards."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from attack import ATTACKS
from harness import AttackSuite, Targets, alive, own_temporary_folder
from suite_report import MODEL, SuiteReport
from support.left_out import need_level

from grader.nouns.binding import Binding
from grader.sandbox.parent.forkserver import ForkServer
from grader.sandbox.parent.oneshot import OneShot
from grader.sandbox.seam import Sandbox


def opened(level: int, model: Path, **knobs: object) -> Sandbox:
    """The backend of a level with the miniature bound."""
    binding = Binding(name="mini", kind="causal_lm", source="mini", directory=model, config=model, fingerprint="0")
    if level == 1:
        return OneShot({"mini": binding}, preload=())
    return ForkServer({"mini": binding}, preload=("torch",), inside_bubble=level == 3, **knobs)


@pytest.fixture(scope="session")
def suite_at(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], SuiteReport]:
    """The suite at a level, run once."""
    kept: dict[int, SuiteReport] = {}

    def at(level: int) -> SuiteReport:
        if level not in kept:
            need_level(level)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("GRADER_SECRET", "TOKEN-" + "5" * 32)
                kept[level] = run_suite(level, tmp_path_factory.mktemp(f"level-{level}"))
        return kept[level]

    return at


def run_suite(level: int, top: Path) -> SuiteReport:
    """All attacks that this level claims to stop."""
    targets = Targets(top, MODEL)
    before = {process.pid for process in psutil.Process().children(recursive=True)}  # of tests that ran here earlier
    with own_temporary_folder(top / "tmp") as temporary:
        with opened(level, targets.model) as sandbox:
            suite = AttackSuite(targets, sandbox)
            suite.run([attack for attack in ATTACKS if attack.holds_from <= level])
        until = time.monotonic() + 5
        while (left := alive(temporary)) and time.monotonic() < until:
            time.sleep(0.1)
        files = sorted(path.name for path in temporary.iterdir())
    since = (process for process in psutil.Process().children(recursive=True) if process.pid not in before)
    zombies = [process for process in since if process.status() == psutil.STATUS_ZOMBIE]
    report = SuiteReport(suite, targets.reached(), targets.changed(), files, left, zombies)
    targets.close()
    return report

"""Student code runs on this machine, in the sandbox of this process."""

from __future__ import annotations

import contextlib
import math
import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.execute.allowance import Allowance
from grader.execute.calls import run_questions
from grader.nouns.outcome import Work
from grader.nouns.question import Asked
from grader.nouns.report import Isolation
from grader.sandbox.seam import Sandbox

_EACH = 1 << 30
"""Bytes of memory that a submission running beside others is reckoned to need."""


@dataclass(frozen=True)
class Local:
    """Runs in one sandbox, which its owner closes."""

    sandbox: Sandbox

    @property
    def slots(self) -> int:
        """Return the number of processors that this process may use, or fewer where memory is short."""
        return max(1, min(_processors(), psutil.virtual_memory().available // _EACH))

    @property
    def isolation(self) -> Isolation:
        """Return the isolation of the sandbox."""
        return self.sandbox.isolation

    def run(self, folder: Path, module: str, asked: Asked, allowance: Allowance | None = None) -> Work:
        """Run one module; see `Executor.run`."""
        return run_questions(self.sandbox, folder, module, asked, allowance)

    def close(self) -> None:
        """Do nothing: the owner of the sandbox closes it."""


def _processors() -> int:
    """Processors of this process: those it is bound to, and no more than its control group may keep busy."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(bound, math.ceil(int(quota) / int(period))))
    return bound


def start(sandbox: Sandbox) -> Local:
    """Return an executor on this machine."""
    return Local(sandbox)

"""What a suite of attacks left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil
from harness import AttackSuite

MODEL = Path(__file__).parents[2] / "reference" / "models" / "ernie-4.5-0.3b"


@dataclass(frozen=True)
class SuiteReport:
    """A suite, and what it left behind once its sandbox was closed."""

    suite: AttackSuite
    reached: list[str]
    changed: list[str]
    files: list[str]
    processes: list[psutil.Process]
    zombies: list[psutil.Process]

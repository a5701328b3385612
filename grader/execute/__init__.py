"""Where student code runs: one module a place, each with a function `start`.

An executor runs one module's answers and gives raw outcomes; comparing is the driver's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from grader.nouns.outcome import Work
from grader.nouns.question import Asked
from grader.nouns.report import Isolation


class Executor(Protocol):
    """Runs modules of submissions; several threads may call it side by side."""

    @property
    def slots(self) -> int | None:
        """How many submissions are worth sending at once; None where the caller decides."""

    @property
    def isolation(self) -> Isolation:
        """What student code is confined by."""

    def run(self, folder: Path, module: str, asked: Asked) -> Work:
        """Raw outcomes of one module: question id to one outcome a case.

        Raises:
            SandboxError: the machines, not the student, are at fault.
        """

    def close(self) -> None:
        """Let go of what was started."""

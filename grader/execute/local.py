"""Student code runs on this machine, in the sandbox of this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.execute.calls import run_questions
from grader.nouns.outcome import Work
from grader.nouns.question import Asked
from grader.nouns.report import Isolation
from grader.sandbox.seam import Sandbox


@dataclass(frozen=True)
class Local:
    """Runs in one sandbox, which its owner closes."""

    sandbox: Sandbox
    slots: int | None = None

    @property
    def isolation(self) -> Isolation:
        """That of the sandbox."""
        return self.sandbox.isolation

    def run(self, folder: Path, module: str, asked: Asked) -> Work:
        """Raw outcomes of one module; see `Executor.run`."""
        return run_questions(self.sandbox, folder, module, asked)

    def close(self) -> None:
        """Nothing is held."""


def start(sandbox: Sandbox) -> Local:
    """An executor on this machine."""
    return Local(sandbox)

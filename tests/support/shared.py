"""One sandbox for several gradings, each of which would close its own."""

from __future__ import annotations

from typing import Self

from grader.nouns.job import Job
from grader.nouns.outcome import Outcome
from grader.nouns.report import Isolation
from grader.sandbox.seam import Sandbox


class Shared:
    """Runs jobs in a sandbox that its owner closes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.isolation: Isolation = sandbox.isolation
        self._sandbox = sandbox

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run a job; see `Sandbox.run`."""
        return self._sandbox.run(job)

    def close(self) -> None:
        """Leave the sandbox to its owner."""

"""What runs a job, whatever stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from grader.nouns.job import Job
    from grader.nouns.outcome import Outcome
    from grader.nouns.report import Isolation


class Sandbox(Protocol):
    """Runs jobs, each in a process of its own; several threads may run jobs side by side.

    Attributes:
        isolation: the level that was measured when the sandbox was opened.
    """

    isolation: Isolation

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run a job's calls in order.

        Returns:
            One outcome for each call that was reached, at least one. After a time-out, a crash, memory or a garbled
            answer the rest is left over, to be run in a fresh child. A fault of the import itself is given for every
            call, since none can be reached.

        Raises:
            SandboxError: the machine, not the student, is at fault.
        """
        ...

    def close(self) -> None:
        """End everything that runs."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

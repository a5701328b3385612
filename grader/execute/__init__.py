"""Runs the answers of one module and returns raw outcomes. Judging them is left to `grader.marking`.

runtime       bound models, a sandbox and an executor
local, dask   executors, on this machine or on a cluster (`dask_client`, `dask_worker`); each has a function `start`
calls         questions and cases as calls in a sandbox, one outcome a call
allowance     what is left of a submission's budget while its calls run
measures      a question's measure applied to what came back
evidence      a chapter of a submission: its outcomes, and what else judging needs from its files
opened        what a chapter's files hold, read by a reader's child before anything runs
reading       what that child does: source, notebook, answers, forbidden names
answer_line   the line of a source that answers a question
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from grader.execute.allowance import Allowance
from grader.nouns.outcome import Work
from grader.nouns.question import Asked
from grader.nouns.report import Isolation


class Executor(Protocol):
    """Runs modules of submissions. Several threads may use one executor."""

    @property
    def slots(self) -> int:
        """How many submissions to send at the same time, 1 or more."""

    @property
    def isolation(self) -> Isolation:
        """The isolation that student code runs at."""

    def run(self, folder: Path, module: str, asked: Asked, allowance: Allowance | None = None) -> Work:
        """Run one module and return question id to one raw outcome a case.

        All calls draw on the allowance, where there is one.

        Raises:
            SandboxError: a machine failed, not the student.
        """

    def close(self) -> None:
        """End what was started."""

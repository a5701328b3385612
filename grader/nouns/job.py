"""What a sandbox is asked to do: calls into one module of one submission."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, model_validator

from grader.nouns.base import Noun
from grader.nouns.question import Budget, Limits


class Given(Noun):
    """A positional argument that the worker already holds: a model, its tokenizer, or a published configuration."""

    model: str
    part: Literal["model", "tokenizer", "config"]


class Call(Noun):
    """One call of one function with one case's inputs, or one look into `ANSWERS`.

    Attributes:
        question, case: ids, for error messages; the child learns the ids, never expected values.
        function: name of a function in the module; exclusive with `answer`.
        parameters: the declared parameter names, for a message when the student's signature differs.
        arguments: positional; `Given` is resolved in the child, everything else is a `Value` sent as is.
        answer: key in the module's `ANSWERS`.
        forbid: names that are taken away in its process before the module is imported.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    question: str
    case: str
    function: str | None = None
    parameters: tuple[str, ...] = ()
    arguments: tuple[Any, ...] = ()
    answer: str | None = None
    forbid: tuple[str, ...] = ()
    limits: Limits = Limits()


class Job(Noun):
    """Calls that share one child process, in order; inputs are sent one by one. All of them forbid the same names.

    Attributes:
        folder: the submission's folder: working directory, importable, readable; nothing outside it is.
        module: the file in it to import, for example `ch01_overview.py`.
        seed: generators are seeded with it before the import and before every call.
        budget: what the calls may use together, besides the limits of each; no more than their limits when None.
        variation: a numerical set-up of `grader.sandbox.child.variations` in which the calls run (audits only).
    """

    folder: Path
    module: str
    calls: tuple[Call, ...]
    seed: int = 0
    budget: Budget | None = None
    variation: str = ""

    @model_validator(mode="after")
    def _agree(self) -> Job:
        if len({call.forbid for call in self.calls}) > 1:
            raise ValueError("calls that forbid different names cannot share a process")
        return self

    @property
    def forbid(self) -> tuple[str, ...]:
        """The names that are taken away in the process."""
        return self.calls[0].forbid if self.calls else ()

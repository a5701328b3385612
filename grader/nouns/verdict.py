"""What the parent decides about one question, after the child is gone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from grader.nouns.base import Noun
from grader.nouns.outcome import Usage
from grader.nouns.text import Block, Line, Message

Status = Literal[
    "correct",
    "partial",
    "wrong",
    "error",
    "timeout",
    "out_of_memory",
    "crashed",
    "garbled",
    "missing",
    "forbidden",
    "needs_review",
]

FAULTS: frozenset[Status] = frozenset({"error", "timeout", "out_of_memory", "crashed", "garbled"})
"""The statuses of code that failed instead of giving a value that can be compared."""


class Comparison(Noun):
    """What a comparison found.

    Attributes:
        share: 1.0 for a match, 0.0 for none; a comparison may give a share in between.
        parts: the share of each named part of the value, where the comparison marks parts by themselves.
        message: what was expected in kind, what came, where they part; None for a match. Never the hidden answer.
    """

    share: float
    message: Message | None = None
    parts: dict[str, float] = Field(default_factory=dict)


class CaseVerdict(Noun):
    """One case of a question. `file`/`line` point into the student's folder where that is known."""

    id: Line
    hidden: bool
    status: Status
    share: float
    message: Message | None = None
    inputs: Line = ""
    output: Block = ""
    traceback: Block = ""
    file: Line | None = None
    line: int | None = None
    usage: Usage = Usage()


class Verdict(Noun):
    """One question of one submission, before policy: `share` of the points earned, status, reasons.

    Attributes:
        message: may quote any case, so it is the staff's where cases are hidden.
        from_source: the message was read from the source before anything ran, and quotes no case.
        file, line: where the question is answered, read from the source too.
        touched: places of the rubric's points that a free text may touch; for the eye of whoever marks it.
    """

    question: str
    share: float
    status: Status
    message: Message | None = None
    from_source: bool = False
    file: Line | None = None
    line: int | None = None
    diagnosis: Message | None = None
    misconception: str | None = None
    touched: tuple[int, ...] = ()
    cases: tuple[CaseVerdict, ...] = ()

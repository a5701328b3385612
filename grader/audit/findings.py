"""What an audit finds."""

from __future__ import annotations

from typing import Literal, TypeAlias

from grader.nouns.base import Noun
from grader.nouns.text import Message

MARGIN = 4.0
"""A tolerance is at least this many times the spread, and at most this share of the way to a misconception."""


class Finding(Noun):
    """One thing a check looked at in one question.

    Attributes:
        chapter, question: ids.
        check: what was looked at, in a word: the check's module name or the part of it.
        ok: False makes the question weak and the audit's exit code 1.
        text: what was found, and for a weakness what to do about it.
    """

    chapter: str
    question: str
    check: str
    ok: bool
    text: Message


class Calibration(Noun):
    """How one case's tolerance lies between the reference's own spread and the nearest misconception.

    All three are in units of the tolerance (1 = as far off as the comparison just accepts).

    Attributes:
        spread: set-up (threads, attention, precision …) to how far the reference then is from the truth.
        misconceptions: name to how far its value is from the truth; infinite where it is of another shape.
    """

    chapter: str
    question: str
    case: str
    spread: dict[str, float]
    misconceptions: dict[str, float]

    @property
    def widest(self) -> float:
        """The largest spread."""
        return max(self.spread.values(), default=0.0)

    @property
    def nearest(self) -> float:
        """The distance to the nearest misconception that is not the truth itself; infinite when there is none."""
        return min((d for d in self.misconceptions.values() if d > 0), default=float("inf"))


class Mutation(Noun):
    """How many mutants of the reference still earn full marks."""

    chapter: str
    question: str
    mutants: int
    survivors: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Per cent of mutants that survive."""
        return 100 * len(self.survivors) / self.mutants if self.mutants else 0.0


Found: TypeAlias = Finding | Calibration | Mutation
"""What a check may yield."""


class Audit(Noun):
    """Everything an audit found."""

    findings: tuple[Finding, ...]
    calibrations: tuple[Calibration, ...] = ()
    mutations: tuple[Mutation, ...] = ()
    kind: Literal["short", "full"] = "full"

    @property
    def weak(self) -> tuple[Finding, ...]:
        """The findings that make a question weak."""
        return tuple(finding for finding in self.findings if not finding.ok)

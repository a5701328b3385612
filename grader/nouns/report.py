"""What is handed back: the report of one submission. Field names are those of `reports/<submission>.json`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from grader.nouns.base import Noun
from grader.nouns.text import Line, Message, Text
from grader.nouns.verdict import CaseVerdict, Status


class IsolationCheck(Noun):
    """One line of the start-up self-test."""

    name: str
    passed: bool
    detail: str = ""


class Isolation(Noun):
    """The level that was measured (0-3), and by which checks."""

    level: Literal[0, 1, 2, 3]
    backend: str
    checks: tuple[IsolationCheck, ...] = ()

    @staticmethod
    def lowest(isolations: Iterable[Isolation | None]) -> Isolation | None:
        """Return the lowest level, which holds for all together; None where nothing ran."""
        return min((one for one in isolations if one), key=lambda one: one.level, default=None)


class BoundModel(Noun):
    """Which model a logical name stood for."""

    name: str
    source: str
    fingerprint: str


class Environment(Noun):
    """What the work was graded with."""

    grader: str
    python: str
    torch: str
    transformers: str
    platform: str
    models: tuple[BoundModel, ...]


class QuestionScore(Noun):
    """One line of a report. `message`, `from_source`, `file`, `line` and `touched` are as in `Verdict`."""

    id: str
    title: Text
    score: float
    max_score: float
    status: Status
    advanced: bool = False
    message: Message | None = None
    from_source: bool = False
    file: Line | None = None
    line: int | None = None
    diagnosis: Message | None = None
    misconception: str | None = None
    touched: tuple[int, ...] = ()
    cases: tuple[CaseVerdict, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nobody and nothing has marked it yet: its score of 0 is no mark."""
        return self.status == "needs_review" and self.score == 0


class ChapterScore(Noun):
    """One chapter of a report.

    Attributes:
        before_late: the mark before lateness; None where lateness is not charged, as in a try-out.
        days_late: begun days after the deadline that count as late.
        decided: a person set the chapter's mark, and lateness takes nothing from it.
        notes: what is said of the work behind this chapter, and of decisions about it.
    """

    id: str
    title: Text
    score: float
    max_score: float
    questions: tuple[QuestionScore, ...]
    before_late: float | None = None
    days_late: int = 0
    decided: bool = False
    notes: tuple[Message, ...] = ()


class Report(Noun):
    """Everything one submission earned, and why.

    Attributes:
        name, members, team, account, submitted, late, attempt: as in `Submission`.
        days_late: begun days after the deadline that count as late, summed over the chapters.
        excused: ids of chapters that do not count for this person.
    """

    submission: str
    student: str
    name: str = ""
    members: tuple[str, ...] = ()
    team: str = ""
    account: str = ""
    submitted: datetime | None = None
    late: bool = False
    days_late: int = 0
    attempt: int = 1
    excused: tuple[str, ...] = ()
    score: float
    max_score: float
    isolation: Isolation | None
    environment: Environment
    chapters: tuple[ChapterScore, ...]
    notes: tuple[Message, ...] = ()

    @property
    def needs_review(self) -> bool:
        """Whether a person still has to look at some answer."""
        return any(q.status == "needs_review" for c in self.chapters for q in c.questions)

    @property
    def open_questions(self) -> int:
        """How many questions nobody has marked yet."""
        return sum(q.is_open for c in self.chapters for q in c.questions)

    @property
    def is_full(self) -> bool:
        """Whether nothing is lost: every mark is full, or waits for a person."""
        return all(q.score >= q.max_score or q.status == "needs_review" for c in self.chapters for q in c.questions)

"""An exception from the course's rules that a person grants, for one student or for everybody."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from grader.nouns.base import Noun

Kind = Literal["extend", "excuse", "drop", "full"]


class Ruling(Noun):
    """One exception. The newest one of a kind for a student and place counts.

    Attributes:
        kind: `extend`: the chapter's deadline is later; `excuse`: the chapter, or the question, does not count;
            `drop`: the question counts for nobody; `full`: full marks in the question for all who handed in.
        student: whose; empty for everybody.
        question: None for the whole chapter.
        days: by how much a deadline is later, in days of 24 hours; 0 for other kinds.
        withdrawn: True takes the earlier one back.
        reason: shown to the student.
        who, at: who granted it, and when.
    """

    kind: Kind
    student: str = ""
    chapter: str = Field(min_length=1)
    question: str | None = None
    days: float = Field(default=0.0, ge=0)
    withdrawn: bool = False
    reason: str = Field(min_length=1)
    who: str = Field(min_length=1)
    at: AwareDatetime

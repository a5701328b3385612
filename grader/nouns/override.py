"""A mark that a person set, over what was computed."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from grader.nouns.base import Noun


class Override(Noun):
    """One decision. The newest one for a student and place counts.

    Attributes:
        question: None sets the whole chapter's mark, after lateness.
        score: the mark; None takes an earlier decision back.
        worth: points of the place when it was decided; the mark goes along when they change. None where not known.
        reason: shown to the student.
        who, at: who decided, and when.
    """

    student: str = Field(min_length=1)
    chapter: str = Field(min_length=1)
    question: str | None = None
    score: float | None = Field(default=None, ge=0)
    worth: float | None = Field(default=None, gt=0)
    reason: str = Field(min_length=1)
    who: str = Field(min_length=1)
    at: AwareDatetime

    def mark(self, worth: float) -> float | None:
        """Return the mark for a place that is worth so many points now."""
        if self.score is None or self.worth is None:
            return self.score
        return self.score * worth / self.worth

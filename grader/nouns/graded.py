"""One submission, run and judged, before policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.nouns.report import Isolation
from grader.nouns.submission import Submission
from grader.nouns.text import Message
from grader.nouns.verdict import Verdict


@dataclass(frozen=True)
class Graded:
    """One submission with the verdicts of its chapters.

    Attributes:
        submission: the work.
        verdicts: chapter id to question id to verdict.
        isolation: the lowest that any of it was run at; None where nothing ran.
        notes: what is worth saying about the hand-in and the run; a report tells each once.
    """

    submission: Submission
    verdicts: Mapping[str, Mapping[str, Verdict]]
    isolation: Isolation | None
    notes: tuple[Message, ...] = ()

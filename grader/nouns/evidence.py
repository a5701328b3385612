"""What running gave, and what was decided from it."""

from __future__ import annotations

from grader.nouns.base import Noun
from grader.nouns.outcome import Outcome
from grader.nouns.report import Isolation
from grader.nouns.text import Line, Message
from grader.nouns.use import Use
from grader.nouns.verdict import Verdict


class Evidence(Noun):
    """One question of one submission, run and not yet judged.

    Attributes:
        outcomes: one a case; a measured question's carry figures.
        uses: uses of forbidden names in the source, placed in what was handed in.
        unread: why the source could not be searched for forbidden names, where it could not.
        file, line: where the question is answered; `line` is None where that is not known.
        broken: why nothing could be run.
        notes: what the run showed about the hand-in.
        isolation: what the run was confined by; None where nothing ran.
    """

    outcomes: tuple[Outcome, ...] = ()
    uses: tuple[Use, ...] = ()
    unread: Message | None = None
    file: Line = ""
    line: int | None = None
    broken: Message | None = None
    notes: tuple[Message, ...] = ()
    isolation: Isolation | None = None


class Judged(Noun):
    """A verdict with what else a report says about the run behind it."""

    verdict: Verdict
    notes: tuple[Message, ...] = ()
    isolation: Isolation | None = None

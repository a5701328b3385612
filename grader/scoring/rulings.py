"""Which exceptions stand for a person, and what each changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from grader.nouns.ruling import Kind, Ruling
from grader.nouns.text import Message, say

_Place = tuple[Kind, str, str, str | None]


def standing(rulings: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Return the rulings that stand: the newest of each kind for a student and place, unless it takes one back.

    Args:
        rulings: oldest first.
    """
    newest: dict[_Place, Ruling] = {}
    for ruling in rulings:
        newest[ruling.kind, ruling.student, ruling.chapter, ruling.question] = ruling
    return tuple(ruling for ruling in newest.values() if not ruling.withdrawn)


class Exceptions:
    """The rulings that stand for one person: those of that person, and those for everybody.

    Args:
        rulings: all that stand, as `standing` gives them.
        student: the person.
    """

    def __init__(self, rulings: Sequence[Ruling] = (), student: str = "") -> None:
        self._own = [ruling for ruling in rulings if ruling.student in {"", student}]

    def extension(self, chapter: str) -> timedelta:
        """Return how much later the chapter's deadline is; the longest counts."""
        return timedelta(days=max((ruling.days for ruling in self._of("extend", chapter)), default=0.0))

    def is_excused(self, chapter: str, question: str | None = None) -> bool:
        """Whether a chapter, or a question of it, does not count."""
        kinds: tuple[Kind, ...] = ("excuse",) if question is None else ("excuse", "drop")
        return any(ruling.question == question for kind in kinds for ruling in self._of(kind, chapter))

    def is_full(self, chapter: str, question: str) -> bool:
        """Whether a question has full marks whatever was handed in for it."""
        return any(ruling.question == question for ruling in self._of("full", chapter))

    def of_the_missing(self) -> Exceptions:
        """Return those that hold for a chapter that was not handed in: full marks are not among them."""
        left = Exceptions()
        left._own = [ruling for ruling in self._own if ruling.kind != "full"]
        return left

    def notes(self, chapter: str) -> tuple[Message, ...]:
        """Return what is said of them in the report, in the order they were granted."""
        return tuple(said(ruling) for ruling in self._own if ruling.chapter == chapter)

    def _of(self, kind: Kind, chapter: str) -> Iterator[Ruling]:
        return (ruling for ruling in self._own if ruling.kind == kind and ruling.chapter == chapter)


def said(ruling: Ruling) -> Message:
    """Return a ruling in words, for the student."""
    place = f"{ruling.chapter}/{ruling.question}" if ruling.question else ruling.chapter
    if ruling.kind == "extend":
        return say("{place}: the deadline is {days} days later, by {who}: {reason}",
                   place=place, days=round(ruling.days, 2), who=ruling.who, reason=ruling.reason)  # fmt: skip
    if ruling.kind == "full":
        return say("{place}: full marks for all who handed it in, by {who}: {reason}",
                   place=place, who=ruling.who, reason=ruling.reason)  # fmt: skip
    return say("{place}: does not count, by {who}: {reason}", place=place, who=ruling.who, reason=ruling.reason)

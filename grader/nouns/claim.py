"""What says whose work a hand-in is, and how far that can be trusted."""

from __future__ import annotations

from enum import IntEnum

from grader.nouns.base import Noun


class Rank(IntEnum):
    """Kinds of evidence for whose work it is. A smaller number beats a larger one."""

    PLATFORM = 1
    """An account, address or number that the platform itself wrote, and not the student."""
    WHOLE = 2
    """The name of the file or folder as a whole, or the person's name on the platform."""
    PART = 3
    """A part of that name."""
    INNER = 4
    """Something inside: the name of a folder in the only archive of all, the author's address of a commit."""


class Claim(Noun):
    """One hand-in's claim on a student.

    Attributes:
        student: who is claimed.
        rank: what kind of evidence it is.
        text: what was read, without copy marks, times and the names of chapters.
        container: `file`, `folder`, `archive` or `repository`; empty where the platform says whose work it is.
        where: what the hand-in was called on arrival.
    """

    student: str = ""
    rank: Rank = Rank.WHOLE
    text: str = ""
    container: str = ""
    where: str = ""

    def same(self, other: Claim) -> bool:
        """Whether one person can have made both, one after the other: only copy mark, time or chapter may differ."""
        return self.model_copy(update={"where": other.where}) == other

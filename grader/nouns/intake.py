"""Who is in the class, and what was taken in for grading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Literal

from grader.nouns.base import Noun
from grader.nouns.claim import Claim
from grader.nouns.submission import Submission
from grader.nouns.text import Line, Message
from grader.nouns.zone import Zone


def fold(name: str) -> str:
    """Return a name as it is compared: width, case, spaces and punctuation do not count.

    >>> fold("Zhang, San"), fold("ＺＨＡＮＧ-san"), fold("欧阳 修")
    ('zhangsan', 'zhangsan', '欧阳修')
    """
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


class Student(Noun):
    """One line of the roster.

    Attributes:
        id: the student number; what the course calls this person everywhere.
        accounts: login names of the same person, which may stand in a file's name.
        platforms: platform and account of the same person on it (`("canvas", "501")`); one number may be another
            person on another platform, so that it counts there only.
        team: the name of the team, where the course has teams.
        submitted: when this person handed in, where the roster is a worksheet that says so.
    """

    id: str
    name: str = ""
    email: str = ""
    accounts: tuple[str, ...] = ()
    platforms: tuple[tuple[str, str], ...] = ()
    team: str = ""
    submitted: datetime | None = None

    def account(self, platform: str) -> str:
        """Return this person's account on a platform; empty where the roster does not say."""
        return dict(self.platforms).get(platform, "")


class Roster(Noun):
    """The class. Empty when no roster was given: then everybody is who the file names say.

    Attributes:
        students: who is in it.
        zone: the course's, for hand-in times that come without one.
    """

    students: tuple[Student, ...] = ()
    zone: Zone = "UTC"

    @cached_property
    def _exact(self) -> dict[str, Student | None]:
        """Map ids, addresses and login names to students; None where two share one."""
        return _index((key, s) for s in self.students for key in (s.id, s.email, *s.accounts))

    @cached_property
    def _named(self) -> dict[str, Student | None]:
        """Map names, in either order, to students; None where two share one."""
        return _index((key, s) for s in self.students for key in _spellings(s.name))

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        """Words of names and the local parts of addresses, to the ids of all students that they may mean."""
        found: dict[str, set[str]] = {}
        for student in self.students:
            for word in (*_parted(student.name), student.email.split("@")[0]):
                if len(fold(word)) > 1:
                    found.setdefault(fold(word), set()).add(student.id)
        return {word: frozenset(students) for word, students in found.items()}

    @cached_property
    def _on(self) -> dict[tuple[str, str], Student]:
        return {(platform, fold(account)): s for s in self.students for platform, account in s.platforms}

    @cached_property
    def _teams(self) -> dict[str, tuple[Student, ...]]:
        teams: dict[str, tuple[Student, ...]] = {}
        for student in self.students:
            if student.team:
                teams[fold(student.team)] = (*teams.get(fold(student.team), ()), student)
        return teams

    def find(self, *keys: str) -> Student | None:
        """Return the one student that a key stands for; ids and logins before names, earlier keys before later ones."""
        for index in (self._exact, self._named):
            for key in keys:
                student = index.get(fold(key)) if key else None
                if student is not None:
                    return student
        return None

    def known(self, key: str) -> Student | None:
        """Return the one student that a number, an address or a login stands for; names do not count."""
        return self._exact.get(fold(key)) if fold(key) else None

    def on(self, platform: str, account: str) -> Student | None:
        """Return the student that has an account on a platform."""
        return self._on.get((platform, fold(account)))

    def hinted(self, word: str) -> frozenset[str]:
        """Return the ids of all students whose name has this word, or whose address starts with it."""
        return self._words.get(fold(word), frozenset())

    def ambiguous(self, key: str) -> bool:
        """Whether two students go by this name."""
        return fold(key) in self._named and self._named[fold(key)] is None

    def team(self, name: str) -> tuple[Student, ...]:
        """Return the members of a team, in roster order."""
        return self._teams.get(fold(name), ()) if name else ()


class Problem(Noun):
    """Something that could not be taken in as it is, for the teacher.

    Attributes:
        kind: `refused` (unsafe or unreadable, not graded), `conflict` (not graded, because a person has to say whose it
            is), `unmapped` (graded under the name it came with), `duplicate` (another hand-in of the same student
            counts), `ignored` (not work at all).
        where: the file or folder, and the entry in it, as they were called on arrival; what cannot be shown, or written
            to a file, is escaped.
        students: ids of those whose work it may be.
        claim: the evidence that it was one student's, where there is any.
    """

    kind: Literal["refused", "conflict", "unmapped", "duplicate", "ignored"]
    where: Line
    message: Message
    students: tuple[str, ...] = ()
    claim: Claim | None = None

    @property
    def stops(self) -> bool:
        """Whether something was not graded that somebody handed in."""
        return self.kind in {"refused", "conflict"}


class Intake(Noun):
    """What one source gave: submissions to grade, and what is wrong with the rest."""

    submissions: tuple[Submission, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Intake) -> Intake:
        """Both, in order."""
        return Intake(submissions=self.submissions + other.submissions, problems=self.problems + other.problems)


def _parted(name: str) -> list[str]:
    return [word for word in re.split(r"[\s,，、·]+", name) if word]


def _spellings(name: str) -> set[str]:
    words = _parted(name)
    return {fold("".join(words)), fold("".join(reversed(words))), fold("".join(words[-1:] + words[:-1]))} - {""}


def _index(pairs: Iterable[tuple[str, Student]]) -> dict[str, Student | None]:
    index: dict[str, Student | None] = {}
    for key, student in pairs:
        if fold(key):
            index[fold(key)] = student if index.get(fold(key), student) is student else None
    return index

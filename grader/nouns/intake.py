"""Who is in the class, and what was taken in for grading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Literal

from grader.nouns.base import Noun
from grader.nouns.submission import Submission
from grader.nouns.text import Message


def fold(name: str) -> str:
    """A name as it is compared: width, case, spaces and punctuation do not count (`Zhang, San` = `zhangsan`)."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


class Student(Noun):
    """One line of the roster.

    Attributes:
        id: the student number; what the course calls this person everywhere.
        accounts: what other systems call the same person (Canvas user id, login, Moodle participant, GitHub name).
        team: the name of the team, where the course has teams.
        submitted: when this person handed in, where the roster is a worksheet that says so.
    """

    id: str
    name: str = ""
    email: str = ""
    accounts: tuple[str, ...] = ()
    team: str = ""
    submitted: datetime | None = None


class Roster(Noun):
    """The class. Empty when no roster was given: then everybody is who the file names say."""

    students: tuple[Student, ...] = ()

    @cached_property
    def _exact(self) -> dict[str, Student | None]:
        """Ids, addresses and accounts; None where two students share one."""
        return _index((key, s) for s in self.students for key in (s.id, s.email, *s.accounts))

    @cached_property
    def _named(self) -> dict[str, Student | None]:
        """Names in either order; None where two students share one."""
        return _index((key, s) for s in self.students for key in _spellings(s.name))

    @cached_property
    def _teams(self) -> dict[str, tuple[Student, ...]]:
        teams: dict[str, tuple[Student, ...]] = {}
        for student in self.students:
            if student.team:
                teams[fold(student.team)] = (*teams.get(fold(student.team), ()), student)
        return teams

    def find(self, *keys: str) -> Student | None:
        """The one student that a key stands for; ids and accounts before names, earlier keys before later ones."""
        for index in (self._exact, self._named):
            for key in keys:
                student = index.get(fold(key)) if key else None
                if student is not None:
                    return student
        return None

    def ambiguous(self, key: str) -> bool:
        """Whether two students go by this name."""
        return fold(key) in self._named and self._named[fold(key)] is None

    def team(self, name: str) -> tuple[Student, ...]:
        """The members of a team, in roster order."""
        return self._teams.get(fold(name), ()) if name else ()


class Problem(Noun):
    """Something that could not be taken in as it is, for the teacher.

    Attributes:
        kind: `refused` (unsafe or unreadable, not graded), `unmapped` (graded under the name it came with),
            `duplicate` (another hand-in of the same student counts), `ignored` (not work at all).
        where: the file or folder, and the entry in it, as they were called on arrival.
    """

    kind: Literal["refused", "unmapped", "duplicate", "ignored"]
    where: str
    message: Message


class Intake(Noun):
    """What one source gave: submissions to grade, and what is wrong with the rest."""

    submissions: tuple[Submission, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Intake) -> Intake:
        """Both, in order."""
        return Intake(submissions=self.submissions + other.submissions, problems=self.problems + other.problems)


def _spellings(name: str) -> set[str]:
    words = [word for word in re.split(r"[\s,，、·]+", name) if word]
    return {fold("".join(words)), fold("".join(reversed(words))), fold("".join(words[-1:] + words[:-1]))} - {""}


def _index(pairs: Iterable[tuple[str, Student]]) -> dict[str, Student | None]:
    index: dict[str, Student | None] = {}
    for key, student in pairs:
        if fold(key):
            index[fold(key)] = student if index.get(fold(key), student) is student else None
    return index

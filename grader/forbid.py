"""Uses of forbidden names in the code that a question's function can reach, on the syntax tree."""

from __future__ import annotations

from grader.nouns.base import Noun


class Use(Noun):
    """One use of a forbidden name: where it is, relative to the student's folder."""

    name: str
    file: str
    line: int

"""A use of a forbidden name in a student's source."""

from __future__ import annotations

from grader.nouns.base import Noun


class Use(Noun):
    """One use of a forbidden name: the file, relative to the student's folder, and the line in it."""

    name: str
    file: str
    line: int

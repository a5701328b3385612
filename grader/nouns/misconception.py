"""A wrong answer that students really give, with its name and its explanation."""

from __future__ import annotations

from grader.nouns.base import Noun
from grader.nouns.text import Text
from grader.nouns.value import Value


class Misconception(Noun):
    """A named wrong answer.

    Attributes:
        name: what follows `__` in the name of its function.
        function: the function in `misconceptions.py` that gives it.
        explanation: what the student did, in both languages, without the right value.
        see: anchor of the section in the handout; empty for the question's own.
        line: where it is defined.
    """

    name: str
    function: str
    explanation: Text
    see: str = ""
    line: int = 0


Values = dict[str, dict[str, Value]]
"""Misconception name to case id to the value it gives; cases it has no value for are absent."""

"""Free-text answers that stand in markdown cells, under the heading of their question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from grader.notebook.read import Cell
from grader.nouns.intake import fold
from grader.nouns.question import Question

_HEADING = re.compile(r" {0,3}#{1,6}(?=\s)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r" {0,3}(?:```|~~~)")


def answers_in(cells: Iterable[Cell], questions: Sequence[Question]) -> dict[str, str]:
    """Return, by `ANSWERS` key, what is written under each question's heading.

    A heading belongs to a question when it names its id or holds its title in either language. The answer is all
    markdown from there to the next heading or code cell, without quoted lines (`>`, the question's own text) and
    comments. Questions without any text there are absent.
    """
    asked = [question for question in questions if question.answer is not None]
    found: dict[str, list[str]] = {}
    current: str | None = None
    for cell in cells:
        if cell.kind == "code":
            current = None
            continue
        fenced = False
        for line in _COMMENT.sub("", cell.source).split("\n"):
            fenced ^= bool(_FENCE.match(line))
            heading = None if fenced else _HEADING.match(line)
            if heading:
                current = _key(line[heading.end() :].strip().rstrip("#").rstrip(), asked)
            elif current is not None and not line.lstrip().startswith(">"):
                found.setdefault(current, []).append(line)
        if current is not None:
            found.setdefault(current, []).append("")
    texts = {key: "\n".join(lines).strip() for key, lines in found.items()}
    return {key: text for key, text in texts.items() if text}


def _key(heading: str, asked: Sequence[Question]) -> str | None:
    """The `ANSWERS` key of the question a heading names; None for any other heading."""
    words = set(re.findall(r"\w+", heading))
    for question in asked:
        if question.id in words or question.answer in words:
            return question.answer
    folded = fold(heading)
    for question in asked:
        if any(title in folded for title in (fold(question.title.zh), fold(question.title.en))):
            return question.answer
    return None

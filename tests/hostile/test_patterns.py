"""Regular expressions over student text: none takes longer than its text is long, whatever the text."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from importlib import import_module

import pytest

from grader.execute.answer_line import answer_line
from grader.intake.modules import _without_copy
from grader.notebook.answers import answers_in
from grader.notebook.convert import flat_source, module_source
from grader.notebook.magics import plain_python
from grader.notebook.read import Cell
from grader.nouns.question import Question
from grader.sandbox import wire

PIECES = (
    *(
        " ",
        "\t",
        "\n",
        "-",
        "_",
        "(",
        "（",
        ")",
        ".",
        ",",
        ":",
        "'",
        '"',
        "'''",
        "\\",
        "#",
        "=",
        "[",
        "]",
        "*",
        "?",
        "%",
        "!",
    ),
    *(
        "a",
        "1",
        "12",
        "一",
        "·",
        "Ａ",
        "copy",
        "副本",
        "<!--",
        "-->",
        "```",
        ">",
        "def f",
        "2020年1月1日",
        "20200101",
        "_LATE",
    ),
)
NAMES = ("intake.modules", "intake.people", "intake.sources.canvas", "intake.sources.moodle", "intake.sources.zips")
TEXTS = (
    "notebook.magics",
    "notebook.answers",
    "marking.forbid.names",
    "marking.compare.choice",
    "render.formats.junit",
)
FILE_NAME = 255
"""The longest name that a file can have."""
TEXT = 20_000


def patterns(modules: tuple[str, ...]) -> dict[str, re.Pattern[str]]:
    """The patterns at the top of modules, by their names."""
    return {
        f"{name}.{word}": value
        for name in modules
        for word, value in vars(import_module(f"grader.{name}")).items()
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
    }


def adversarial(length: int, together: int = 1) -> list[str]:
    """Texts of one piece or several again and again, with something at the end that no pattern wants."""
    seeds = ["".join(each) for count in range(1, together + 1) for each in itertools.permutations(PIECES, count)]
    return [(seed * (length // len(seed) + 1))[:length] + end for seed in seeds for end in ("", "\x00x")]


def slowest(action: Callable[[str], object], texts: list[str]) -> tuple[float, str]:
    """The most CPU seconds that an action takes on any text, the best of two times, and the beginning of that text."""
    worst = (0.0, "")
    for text in texts:
        took = float("inf")
        for _ in range(2):
            began = time.process_time()
            action(text)
            took = min(took, time.process_time() - began)
            if took < 0.01:
                break
        worst = max(worst, (took, text[:20]))
    return worst


@pytest.mark.parametrize("name", patterns(NAMES))
def test_patterns_over_names(name: str) -> None:
    """A name of a file is short: a hundredth of a second is already much."""
    pattern = patterns(NAMES)[name]
    texts = adversarial(FILE_NAME, 2)
    for use in (pattern.search, pattern.match, pattern.fullmatch):
        took, text = slowest(use, texts)
        assert took < 0.05, (text, pattern.pattern)


SEARCHED = ("_COMMENT", "_ILLEGAL", "_WORD", "_TOKEN")
"""Patterns that are tried at every place of a text; all others at its beginning only."""


@pytest.mark.parametrize("name", patterns(TEXTS))
def test_patterns_over_texts(name: str) -> None:
    """What is looked for in a text of 20 KB takes a fraction of a second."""
    pattern = patterns(TEXTS)[name]
    uses = [pattern.match, pattern.fullmatch]
    if name.rpartition(".")[2] in SEARCHED:
        uses.append(lambda text: pattern.sub("", text))
    for use in uses:
        took, text = slowest(use, adversarial(TEXT))
        assert took < 0.3, (text, pattern.pattern)


WHY = Question.model_validate({"id": "why", "title": {"zh": "为什么", "en": "Why"}, "points": 1, "answer": "why"})
CALL = Question.model_validate({"id": "f", "title": {"zh": "函", "en": "F"}, "points": 1, "call": "f(x)"})
WAYS: dict[str, Callable[[str], object]] = {
    "a cell's magics": plain_python,
    "an answer under a heading": lambda text: answers_in(
        [Cell(number=1, kind="markdown", source=f"# why\n{text}")], [WHY]
    ),
    "a heading": lambda text: answers_in([Cell(number=1, kind="markdown", source=f"## {text}")], [WHY]),
    "the module of a notebook": lambda text: module_source("a.ipynb", [(1, plain_python(text))], {"why": text}),
    "the source of a notebook": lambda text: flat_source([(1, plain_python(text))]),
    "the line of a function": lambda text: answer_line(text.splitlines(), CALL),
    "the line of an answer": lambda text: answer_line(text.splitlines(), WHY),
    "a value off the wire": lambda text: _decoded(f'["{text}'.encode()),
}


def _decoded(text: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(len(text).to_bytes(4, "big") + text, bounds=wire.Bounds(1, 1, 1))


@pytest.mark.parametrize("name", WAYS)
def test_ways_of_reading(name: str) -> None:
    """Whole functions, with the loops around their patterns."""
    took, text = slowest(WAYS[name], adversarial(TEXT))
    assert took < 1, text


def test_the_mark_of_a_copy() -> None:
    """What systems append to names goes, in time that the length of the name allows."""
    for name in ("a (1)", "a（2）", "a-1", "a_2", "a - 副本", "a副本 (2)", "a - copy", "a_copy", "a  -  Copy"):
        assert _without_copy(name) == "a"
    for name in ("a", "a copy", "photocopy", "a-123", "copy"):
        assert _without_copy(name) == name
    took, text = slowest(_without_copy, adversarial(TEXT))
    assert took < 0.3, text

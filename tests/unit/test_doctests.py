"""What a docstring shows is what happens."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import grader

PACKAGE = Path(grader.__file__).parent
SHOWN = [
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    for file in sorted(PACKAGE.rglob("*.py"))
    if "\n    >>> " in file.read_text("utf-8")
]


@pytest.mark.parametrize("name", SHOWN)
def test_examples_in_docstrings_hold(name: str) -> None:
    """Each example of a module gives what is written below it."""
    result = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_helpers_that_everybody_meets_have_an_example() -> None:
    """Marks, sizes, names, lateness, draws and digests."""
    helpers = "render.plain nouns.size nouns.intake scoring.lateness course.draw store.digest"
    assert {f"grader.{helper}" for helper in helpers.split()} <= set(SHOWN)

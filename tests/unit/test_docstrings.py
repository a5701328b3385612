"""What a docstring shows is what happens, and nothing public goes without one."""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterator
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


def _undocumented(file: Path) -> Iterator[str]:
    """Public modules, classes, functions and methods of a file without a docstring; a setter has its getter's."""
    place = file.relative_to(PACKAGE.parent).as_posix()
    tree = ast.parse(file.read_text("utf-8"))
    if ast.get_docstring(tree) is None and tree.body:
        yield place
    pending: list[ast.Module | ast.ClassDef] = [tree]
    while pending:
        for node in pending.pop().body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
                "_"
            ):
                setter = any(getattr(decorator, "attr", "") == "setter" for decorator in node.decorator_list)
                if ast.get_docstring(node) is None and not setter:
                    yield f"{place}:{node.lineno}: {node.name}"
                if isinstance(node, ast.ClassDef):
                    pending.append(node)


def test_every_public_name_says_what_it_is() -> None:
    """The floor is 100 %: modules, classes, functions, methods."""
    assert [name for file in sorted(PACKAGE.rglob("*.py")) for name in _undocumented(file)] == []

"""What a docstring shows is what happens, and nothing public goes without one."""

from __future__ import annotations

import ast
import doctest
import re
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


def _not_listed(folder: Path) -> set[str]:
    """What stands in a package and is not told by its docstring; nothing where the docstring is no list of modules."""
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
    listed = [re.split(r", ", head) for head in re.findall(r"^(\w+/?(?:, \w+/?)*)  +\S", docstring, re.MULTILINE)]
    told = {name.removesuffix("/") for names in listed for name in names}
    there = {f.stem for f in folder.glob("*.py")} | {f.parent.name for f in folder.glob("*/__init__.py")}
    if not told & there:
        return set()
    told |= {word for code in re.findall(r"`([^`]+)`", docstring) for word in re.findall(r"\w+", code)}
    return there - told - {"__init__", "__main__"}


def test_a_list_of_modules_lists_them_all() -> None:
    """Whoever adds a module to a package whose docstring lists them adds its line."""
    packages = [file.parent for file in sorted(PACKAGE.rglob("__init__.py"))]
    assert {f"{p.relative_to(PACKAGE)}: {name}" for p in packages for name in _not_listed(p)} == set()


def test_a_module_that_is_not_listed_is_found(tmp_path: Path) -> None:
    """Beside one that is; a docstring that lists nothing has nothing to miss."""
    for name in ("read", "write", "helper"):
        (tmp_path / f"{name}.py").touch()
    (tmp_path / "__init__.py").write_text('"""Files.\n\nread    with `helper`\n"""\n', "utf-8")
    assert _not_listed(tmp_path) == {"write"}
    (tmp_path / "__init__.py").write_text('"""Files: reading and writing."""\n', "utf-8")
    assert _not_listed(tmp_path) == set()

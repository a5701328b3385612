"""Uses of forbidden names in the code that a question's function can reach, found on the syntax tree.

Students may well compare their own work with the forbidden function elsewhere, so only what the function reaches
counts: its body, decorators and defaults, the definitions and assignments of its module that it names, directly or
through others, and what it takes from other files of the same folder. Code under `if __name__ == "__main__":` and
helpers that nothing reaches do not count.

This is a reading, not a lock: a name put together at run time is not seen here but taken away in the child. Where code
looks a name up that it puts together itself, and that may be a forbidden one, or does what its source does not show, a
person has to look. A syntax tree costs a multiple of its source, without any bound that pays: call it in a reader's
child only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.marking.forbid.names import dotted
from grader.marking.forbid.opaque import opaque
from grader.marking.forbid.reach import Folder, Part, reached
from grader.marking.forbid.spelling import looked_up
from grader.nouns.text import Message, say
from grader.nouns.use import Use

_RUNS_TEXT = {"eval", "exec", "compile"}
_LONGEST_CODE = 10_000  # characters of a string that are searched
_LOOKED_UP = say("it looks up a name that it puts together only when it runs")
_TEXTS = (ast.Constant, ast.BinOp, ast.JoinedStr, ast.Call, ast.Subscript)


@dataclass(frozen=True)
class Findings:
    """What a search found.

    Attributes:
        uses: in the order of files and lines.
        unread: code that the function reaches and that could not be searched: the file, and why.
    """

    uses: tuple[Use, ...]
    unread: tuple[tuple[str, Message], ...] = ()


def forbidden_uses(files: Folder, module: str, function: str, names: Sequence[str]) -> Findings:
    """All uses of names in what a function reaches.

    A use is an attribute `.name`, the bare name unless the student's own code defines it, its import under whatever
    name, and a string that spells it (`getattr(model, "name")`, `methodcaller("name")`), also put together from
    constants or in code for `eval`.

    Args:
        files: the submission's folder.
        module: the file in it that holds the function, for example `ch01_overview.py`.
        function: the function that the question calls.
        names: what it may not use.
    """
    start = files.read(files.root / module)
    parts = list(reached(files, start, function)) if start else []
    found = {(part.module.name, line, name) for part in parts for line, name in _uses(files, part, frozenset(names))}
    hidden = {part.module.name: reason for part in parts if (reason := opaque(part)) is not None}
    looked_up = {part.module.name: _LOOKED_UP for part in parts if _looks_up(part, names)}
    unread = hidden | looked_up | files.unread
    uses = tuple(Use(name=name, file=file, line=line) for file, line, name in sorted(found))
    return Findings(uses, tuple(sorted(unread.items(), key=lambda entry: entry[0])))


def _uses(files: Folder, part: Part, names: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Lines and names of the uses in one part."""
    bare = {path[0] for path in part.taken if path[0] in names and not part.module.defines(path[0])}
    notes = _notes(part.node)
    for node in ast.walk(part.node):
        if isinstance(node, ast.Attribute) and node.attr in names and not _is_own(files, part, dotted(node)):
            yield node.end_lineno or node.lineno, node.attr
        elif isinstance(node, ast.Name) and node.id in bare and node.id not in part.imports:
            yield node.lineno, node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, name) for name in _imported(files, part, node) & names)
        elif isinstance(node, ast.Call) and (dotted(node.func) or ("",))[-1] in _RUNS_TEXT:
            yield from ((node.lineno, name) for name in names if _in_code(part, node, name))
        elif isinstance(node, _TEXTS) and id(node) not in notes:
            yield from ((node.lineno, name) for name in names & _spelled(part.texts.text(node)))


def _looks_up(part: Part, names: Sequence[str]) -> bool:
    """Whether it looks a name up by a text that it puts together at run time and that may be one of the names."""
    keys = list(looked_up(part.node))
    variables = {key.id for key in keys if isinstance(key, ast.Name)}
    places = {id(where): where for name in variables for where in (part, *part.module.parts_of(name))}
    given = [(where, value) for where in places.values() for value in _given(where.node, variables)]
    return any(where.texts.may_spell(key, names) for where, key in [*((part, key) for key in keys), *given])


def _given(tree: ast.AST, variables: set[str]) -> Iterator[ast.expr]:
    """What variables are set to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in variables for t in node.targets):
            yield node.value


def _is_own(files: Folder, part: Part, path: tuple[str, ...] | None) -> bool:
    """Whether a dotted name leads to another file of the student's, where it is followed."""
    return path is not None and bool(files.places(part, path))


def _imported(files: Folder, part: Part, node: ast.Import | ast.ImportFrom) -> set[str]:
    """The original names that an import takes from libraries."""
    taken = set()
    for alias in node.names:
        local = alias.asname or alias.name.partition(".")[0]
        if not files.places(part, (local,)):
            taken.update(alias.name.split("."))
    return taken


def _notes(node: ast.AST) -> set[int]:
    """Strings that stand alone as statements: docstrings and notes."""
    return {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Expr)}


def _spelled(text: str | None) -> set[str]:
    """The names in a text that is a name or dotted names as a whole."""
    names = text.split(".") if text else []
    return set(names) if all(name.isidentifier() for name in names) else set()


def _in_code(part: Part, call: ast.Call, name: str) -> bool:
    texts = (part.texts.text(node) for node in ast.walk(call) if isinstance(node, _TEXTS))
    return any(text and re.search(rf"\b{re.escape(name)}\b", text[:_LONGEST_CODE]) for text in texts)

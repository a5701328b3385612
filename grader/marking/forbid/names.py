"""Which names Python code takes from outside itself and which it binds, on the syntax tree; nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

Path = tuple[str, ...]
"""A dotted name: `("helper", "go")` for `helper.go`."""

ANY = "*"
"""Stands for names that cannot be told, as in `globals()[name] = …` and `from helper import *`."""

_DYNAMIC = {
    "globals",
    "locals",
    "vars",
    "getattr",
    "setattr",
    "eval",
    "exec",
    "compile",
    "sys",
    "importlib",
    "__import__",
}
_RUNS_TEXT = ("exec", "eval", "compile")
_WORD = re.compile(r"[^\W\d]\w*")
_LONGEST_CODE = 10_000  # characters of a string that are searched for names

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def dotted(node: ast.expr) -> Path | None:
    """The dotted name that an expression is; None if it is something else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else None


def root(node: ast.expr) -> str | None:
    """The name that a target such as `table["x"].y` starts from; None where a call gives it, as in `globals()["x"]`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def taken(node: ast.AST) -> set[Path]:
    """The dotted names that code takes from its module: names read that are not local to a function within it.

    Names that imports within functions bind count as taken, so that they can be followed. Where code looks names up
    by their spelling (`globals()["helper"]`, `eval("helper()")`), all words in its strings count as taken too.
    """
    found: set[Path] = set()
    words: set[str] = set()
    pending: list[tuple[ast.AST, frozenset[str]]] = [(node, frozenset())]
    while pending:
        part, local = pending.pop()
        path = dotted(part) if isinstance(part, ast.Attribute | ast.Name) else None
        if path is not None:
            if path[0] not in local:
                found.add(path)
            continue
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            words.update(_WORD.findall(part.value[:_LONGEST_CODE]))
        pending += _parts(part, local)
    if any(path[0] in _DYNAMIC for path in found):
        found |= {(word,) for word in words}
    return found


def _parts(node: ast.AST, local: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """The children of a node, each with the names that are local there."""
    inner = local
    if isinstance(node, _Function):
        inner = local | _locals(node)
    elif isinstance(node, _COMPREHENSIONS):
        inner = local | {name for part in node.generators for name in stored(part.target)}
    body = getattr(node, "body", []) if isinstance(node, _Function) else []
    inside = {id(part) for part in (body if isinstance(body, list) else [body])}
    everywhere = isinstance(node, _COMPREHENSIONS)
    for child in ast.iter_child_nodes(node):
        yield child, inner if everywhere or id(child) in inside else local


def _locals(function: _Function) -> set[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    names = {argument.arg for argument in every if argument is not None}
    body = function.body if isinstance(function.body, list) else [function.body]
    for statement in body:
        names |= stored(statement)
    return names - {name for part in ast.walk(function) if isinstance(part, ast.Global) for name in part.names}


def stored(node: ast.AST) -> set[str]:
    """The names that code binds in its own scope, other than by imports."""
    names: set[str] = set()
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            names.add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(part.name)
            continue
        elif isinstance(part, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and part.name:
            names.add(part.name)
        if not isinstance(part, (ast.Lambda, *_COMPREHENSIONS)):
            pending += ast.iter_child_nodes(part)
    return names


def bound(statement: ast.AST) -> set[str]:
    """The names of a module that a statement at its top level gives a value or changes."""
    if isinstance(statement, ast.Import):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, ast.ImportFrom):
        return {alias.asname or alias.name for alias in statement.names}
    names = stored(statement)
    names |= {name for part in ast.walk(statement) if isinstance(part, ast.Global) for name in part.names}
    for target in _targets(statement):
        names.add(root(target) or ANY)
    if isinstance(statement, ast.Expr) and any(_mentions(statement, name) for name in _RUNS_TEXT):
        names.add(ANY)
    return names


def _targets(statement: ast.AST) -> list[ast.expr]:
    """What a statement changes in place."""
    if isinstance(statement, ast.Assign | ast.Delete):
        return statement.targets
    if isinstance(statement, ast.AugAssign | ast.AnnAssign):
        return [statement.target]
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Attribute) and (root(call.func) or _mentions(call.func, "globals")):
            return [call.func]
        if isinstance(call.func, ast.Name) and call.func.id == "setattr" and call.args:
            return [call.args[0]]
    return []


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))

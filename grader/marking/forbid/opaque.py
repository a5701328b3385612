"""Ways by which code does what its source does not show: a person has to look at a function that takes one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.marking.forbid.names import dotted
from grader.marking.forbid.reach import Part
from grader.nouns.text import Message, say

_RUNS_TEXT = {"eval", "exec", "compile"}
_IMPORTS = {"__import__", "import_module"}
_ALL_NAMES = {"vars", "dir", "getmembers", "getmembers_static"}
"""Functions that give all names of an object, where they are called with one."""
_ASKED_FOR_ONE = {"get", "pop", "update", "setdefault"}
_HARMLESS = {"len", "print"}
_MODULES = {"builtins", "ctypes", "cffi", "gc", "marshal", "mmap", "runpy", "code", "codeop"}
_MODULES |= {"pickle", "_pickle", "dill", "cloudpickle", "shelve"}
"""Modules by which code is run, or objects are found, that no source names."""
_INTERNALS = {"__subclasses__", "__globals__", "__code__", "__builtins__", "__closure__", "__loader__", "__reduce__"}
_INTERNALS |= {"f_globals", "f_locals", "f_back", "gi_frame", "tb_frame", "cr_frame", "ag_frame", "_getframe"}
_INTERNALS |= {"CodeType", "FunctionType", "spec_from_file_location", "spec_from_loader", "exec_module"}
_INTERNALS |= {"path_hooks", "meta_path", "path_importer_cache", "pycache_prefix", "SourcelessFileLoader"}
_INTERNALS |= {"getattr_static", "getsource", "getsourcelines", "get_source", "get_code", "PackageImporter"}
_UNPICKLES = {"weights_only": True, "allow_pickle": False}
"""Parameters by which a file's reader runs code, with the value that keeps it from that."""


def opaque(part: Part) -> Message | None:
    """Why a part of a module may do what it does not say; None where it cannot.

    That is: code made of text that only the run puts together, a module whose name only the run tells, all names of an
    object taken at once, and what reaches into the interpreter or runs code from data.
    """
    free = {path[0] for path in part.taken}
    unknown = {name for name in free if not part.module.defines(name) and name not in part.imports}
    for name in _made_by_the_run(part, unknown):
        return say("it runs code that it puts together only when it runs ({name})", name=name)
    for name in _all_names(part.node):
        return say("it goes through all names of an object ({name})", name=name)
    for name in _inner_ways(part, unknown):
        return say("it reaches what its text does not name ({name})", name=name)
    return None


def _made_by_the_run(part: Part, unknown: set[str]) -> Iterator[str]:
    """The functions that run, or import, a text that is not told by the source; also where they are handed on."""
    told = set()
    for node in ast.walk(part.node):
        if not isinstance(node, ast.Call):
            continue
        last = (dotted(node.func) or (getattr(node.func, "attr", ""),))[-1]
        text = part.texts.text(node.args[0]) if node.args else None
        if text is not None and last in _RUNS_TEXT | _IMPORTS:
            told.add(id(node.func))
        elif last in _IMPORTS and node.args:
            yield last
    runs = _RUNS_TEXT & unknown
    for node in ast.walk(part.node):
        if isinstance(node, ast.Name) and node.id in runs and id(node) not in told:
            yield node.id


def _all_names(tree: ast.AST) -> Iterator[str]:
    """How code takes all names of an object at once; `vars(x)["name"]` and what is the student's own `self` is none."""
    accepted = set(_asked_for_one(tree))
    for node in ast.walk(tree):
        if id(node) in accepted:
            continue
        if isinstance(node, ast.Attribute) and node.attr == "__dict__" and not _is_self(node.value):
            yield "__dict__"
        elif isinstance(node, ast.Call) and node.args and not _is_self(node.args[0]):
            last = (dotted(node.func) or ("",))[-1]
            if last in _ALL_NAMES:
                yield last


def _asked_for_one(tree: ast.AST) -> Iterator[int]:
    """The expressions, by `id`, of which one name is taken, or that are counted, printed or compared with."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=value):
                yield id(value)
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _ASKED_FOR_ONE:
                yield id(value)
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in _HARMLESS:
                yield from (id(argument) for argument in arguments)
            case ast.Compare(comparators=comparators):
                yield from (id(side) for side in comparators)


def _inner_ways(part: Part, unknown: set[str]) -> Iterator[str]:
    """Names that lead into the interpreter, or to code in data."""
    yield from sorted(unknown & {"__builtins__", "__loader__"})
    imports = {**part.module.imports, **part.imports}
    sources = [source for path in part.taken for source in imports.get(path[0], ())]
    sources += [source for found in part.imports.values() for source in found]
    for source in sources:
        yield from (name for name in (*source[:1], *source[-1:]) if name in _MODULES | _INTERNALS)
    for node in ast.walk(part.node):
        if isinstance(node, ast.Attribute) and node.attr in _INTERNALS:
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg in _UNPICKLES:
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            if value is not _UNPICKLES[node.arg]:
                yield node.arg


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"

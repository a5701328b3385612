"""Runs the cells of a notebook as one module, in the confined child.

This file is copied beside the module that stands for the notebook and is all that the child gets; it imports nothing
of the grader. Each top-level statement runs by itself: one that fails is noted, and the rest goes on.
"""

from __future__ import annotations
import __future__

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

REPORT = "notebook_cells"
_ABSENT = ("IPython", "matplotlib", "seaborn", "plotly", "ipywidgets", "google.colab")
_LONGEST = 300
_FUTURES = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}


def run(
    namespace: dict[str, Any], folder: str, notebook: str, cells: Sequence[tuple[int, str]], answers: dict[str, str]
) -> None:
    """Run cells (number, source) in a module's namespace, fill blank answers, leave a report of what went wrong."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    sys.meta_path.append(_Absent())
    namespace.update(display=_nothing, get_ipython=_Anything)
    work = _Run(namespace, folder, notebook)
    for number, source in cells:
        work.cell(number, source)
    work.restore_functions()
    _fill(namespace, answers)
    report = {"errors": work.errors[:20], "redefined": work.redefined(), "replaced": work.replaced}
    namespace[REPORT] = lambda: report


class _Run:
    """The state of running the cells one after another."""

    def __init__(self, namespace: dict[str, Any], folder: str, notebook: str) -> None:
        self.namespace = namespace
        self.folder = folder
        self.notebook = notebook
        self.errors: list[dict[str, Any]] = []
        self.replaced: list[dict[str, Any]] = []
        self._flags = 0
        self._defined: dict[str, list[tuple[int, str]]] = {}
        self._functions: dict[str, tuple[int, Any]] = {}

    def cell(self, number: int, source: str) -> None:
        file = os.path.join(self.folder, f"{self.notebook}:cell {number}")  # noqa: PTH118 - only a name
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        try:
            tree = ast.parse(source, file)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._failed(number, error, getattr(error, "lineno", None) or 1)
            return
        failed = False
        for statement in tree.body:
            try:
                self._statement(number, statement, file)
            except BaseException as error:  # noqa: BLE001 - whatever a scratch line raises must not end the module
                if not failed:
                    self._failed(number, error, statement.lineno)
                failed = True

    def _statement(self, number: int, statement: ast.stmt, file: str) -> None:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                self._flags |= _FUTURES.get(alias.name, 0)
        code = compile(ast.Module([statement], []), file, "exec", flags=self._flags, dont_inherit=True)
        exec(code, self.namespace)  # noqa: S102 - running student code is what this process is for
        name = _name(statement)
        if name:
            self._defined.setdefault(name, []).append((number, ast.dump(statement)))
            if not isinstance(statement, ast.Assign | ast.AnnAssign):
                self._functions[name] = (number, self.namespace.get(name))

    def _failed(self, number: int, error: BaseException, line: int) -> None:
        try:
            message = str.__str__(str(error.msg if isinstance(error, SyntaxError) else error))
        except Exception:  # noqa: BLE001 - a student's __str__ may do anything
            message = ""
        entry = {"cell": number, "line": line, "type": type(error).__name__, "message": message[:_LONGEST]}
        self.errors.append(entry)

    def restore_functions(self) -> None:
        """Restore functions whose name a later cell gave to a plain value."""
        for name, (number, function) in self._functions.items():
            if callable(function) and not callable(self.namespace.get(name)):
                self.namespace[name] = function
                self.replaced.append({"name": name, "cell": number})

    def redefined(self) -> list[dict[str, Any]]:
        """Return the names that several cells define differently."""
        return [
            {"name": name, "cells": [number for number, _ in places]}
            for name, places in self._defined.items()
            if len({text for _, text in places}) > 1
        ]


def _name(statement: ast.stmt) -> str | None:
    """The name that a statement defines, where defining it twice would be worth a word."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return statement.name
    targets = (
        statement.targets
        if isinstance(statement, ast.Assign)
        else [statement.target]
        if isinstance(statement, ast.AnnAssign)
        else []
    )
    return next((t.id for t in targets if isinstance(t, ast.Name) and t.id == "ANSWERS"), None)


def _fill(namespace: dict[str, Any], answers: dict[str, str]) -> None:
    """Answers from markdown cells, where `ANSWERS` has none."""
    if not answers:
        return
    written = namespace.setdefault("ANSWERS", {})
    if type(written) is dict:
        for key, text in answers.items():
            value = written.setdefault(key, text)
            if value is None or (isinstance(value, str) and not value.strip()):
                written[key] = text


def _nothing(*_objects: object, **_options: object) -> None:
    """Stands for `display`."""


class _Anything:
    """Stands for any object of a display or plotting library: every use of it gives another placeholder."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()

    def __call__(self, *_arguments: object, **_options: object) -> Any:
        return _Anything()

    def __getitem__(self, _key: object) -> Any:
        return _Anything()

    def __iter__(self) -> Iterator[Any]:
        return iter((_Anything(), _Anything()))  # fig, ax = plt.subplots()

    def __bool__(self) -> bool:
        return False  # "is this IPython?" is asked of get_ipython()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class _Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import finder, last in line, that stands in for display and plotting libraries that are not installed."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        del path, target
        known = any(
            fullname == name or fullname.startswith(f"{name}.") or name.startswith(f"{fullname}.") for name in _ABSENT
        )
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if known else None

    def exec_module(self, module: types.ModuleType) -> None:
        def attribute(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return (8, 0, 0) if name == "version_info" else _Anything()

        module.__dict__["__getattr__"] = attribute

"""What a function of a student's module reaches: parts of the module and of other files in the same folder."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES
from pathlib import Path

from grader.marking.forbid import names
from grader.marking.forbid.spelling import Texts
from grader.nouns.text import Message, say

_LONGEST_FILE = 2**20  # bytes
_DEEPEST = 64  # folders in folders that an import is followed into
_REEXPORTS = 8  # modules that a name may be passed on through


@dataclass(frozen=True)
class Part:
    """A statement or definition at the top level of a module that is reached."""

    module: Module
    node: ast.AST

    @cached_property
    def taken(self) -> set[names.Path]:
        """The dotted names it takes from its module."""
        return names.taken(self.node)

    @cached_property
    def texts(self) -> Texts:
        """The texts that its expressions are."""
        return Texts(self.node)

    @cached_property
    def imports(self) -> dict[str, list[names.Path]]:
        """The names it imports, wherever in it, and what they stand for; a leading `.` for each relative level."""
        found: dict[str, list[names.Path]] = {}
        for part in ast.walk(self.node):
            if isinstance(part, ast.Import):
                for alias in part.names:
                    whole = tuple(alias.name.split("."))
                    found.setdefault(alias.asname or whole[0], []).append(whole if alias.asname else whole[:1])
            elif isinstance(part, ast.ImportFrom):
                source = ("." * part.level,) * bool(part.level) + tuple(
                    (part.module or "").split(".") * bool(part.module)
                )
                for alias in part.names:
                    target = source if alias.name == names.ANY else (*source, alias.name)
                    found.setdefault(alias.asname or alias.name, []).append(target)
        return found


@dataclass
class Module:
    """A file of the student's."""

    file: Path
    name: str
    tree: ast.Module

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What runs when it is imported, in order; nothing under `if __name__ == "__main__":`."""
        return tuple(Part(self, node) for node in _statements(self.tree.body))

    @cached_property
    def _by_name(self) -> dict[str, list[Part]]:
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            for name in names.bound(part.node):
                if not (isinstance(part.node, ast.Expr) and name in self.imports):
                    found.setdefault(name, []).append(part)
        return found

    @cached_property
    def imports(self) -> dict[str, list[names.Path]]:
        """The names that it imports at its top level, and what they stand for."""
        found: dict[str, list[names.Path]] = {}
        for part in self.parts:
            if isinstance(part.node, ast.Import | ast.ImportFrom):
                for name, targets in part.imports.items():
                    found.setdefault(name, []).extend(targets)
        return found

    def parts_of(self, name: str | None) -> list[Part]:
        """The parts that give a name its value (for `ANY`, those that bind what cannot be told); all for None."""
        return list(self.parts) if name is None else self._by_name.get(name, [])

    def defines(self, name: str) -> bool:
        """Whether it gives a name a value itself or imports it."""
        return name in self._by_name


Place = tuple[Module, str | None]
"""A name in a module, or the whole module."""


class Folder:
    """The student's folder: the files that code may import. Links that lead out of it are not followed.

    Args:
        root: the folder.
        sources: Python that stands for files of it, by their paths relative to it.

    Attributes:
        unread: code that something asked for and that could not be read: its path in the folder, and why.
    """

    def __init__(self, root: Path, sources: Mapping[str, str] | None = None) -> None:
        self.root = root.resolve()
        self.unread: dict[str, Message] = {}
        self._sources = {self.root / name: text for name, text in (sources or {}).items()}
        self._read: dict[Path, Module | None] = {}
        self._folders: dict[Path, bool] = {}

    def read(self, file: Path) -> Module | None:
        """A file as a module; None where there is none, or where it cannot be read: then it is in `unread`."""
        if file not in self._read:
            self._read[file] = self._module(file)
        return self._read[file]

    def text(self, name: str) -> str:
        """The beginning of a file of the folder, as text; empty where there is none to read."""
        file = self.root / name
        if file in self._sources:
            return self._sources[file]
        if not (file.is_file() and file.resolve().is_relative_to(self.root)):
            return ""
        with file.open("rb") as stream:
            return stream.read(_LONGEST_FILE).decode("utf-8", "replace")

    def _module(self, file: Path) -> Module | None:
        if not file.is_relative_to(self.root):
            return None
        name = file.relative_to(self.root).as_posix()
        try:
            source = self._source(file)
            return None if source is None else Module(file, name, ast.parse(source))
        except _Unread as problem:
            self.unread[name] = problem.reason
        except (SyntaxError, ValueError, RuntimeError, MemoryError, OSError) as error:
            self.unread[name] = say("it cannot be read as Python ({error})", error=type(error).__name__)
        return None

    def _source(self, file: Path) -> str | bytes | None:
        """What stands in a file; None where there is none that an import could find."""
        if file in self._sources:
            _bounded(len(self._sources[file]))
            return self._sources[file]
        is_there = os.path.lexists(file) and not file.is_dir()
        for suffix in EXTENSION_SUFFIXES if is_there else (*EXTENSION_SUFFIXES, *BYTECODE_SUFFIXES):
            if os.path.lexists(file.with_suffix(suffix)):  # an import takes it, or takes it first
                raise _Unread(say("{file} is not Python source", file=file.with_suffix(suffix).name))
        if not is_there:
            return None
        if not file.resolve().is_relative_to(self.root):
            raise _Unread(say("it is a link out of the folder"))
        if not file.is_file():
            raise _Unread(say("it is not an ordinary file"))
        _bounded(file.stat().st_size)
        return file.read_bytes()

    def places(self, part: Part, path: names.Path) -> list[Place]:
        """Where in other files of the folder a dotted name leads that a part takes."""
        return self._follow(part.module, {**part.module.imports, **part.imports}, path, _REEXPORTS)

    def _follow(
        self, module: Module, imports: dict[str, list[names.Path]], path: names.Path, depth: int
    ) -> list[Place]:
        sources = [(*source, *path[1:]) for source in imports.get(path[0], ())]
        sources += [(*source, *path) for source in imports.get(names.ANY, ())]
        places = []
        for source in sources if depth else ():
            other, rest = self._longest(module, source)
            if other is not None:
                places.append((other, rest[0] if rest else None))
                if rest:
                    places += self._follow(other, other.imports, rest, depth - 1)
        return places

    def _is_folder(self, path: Path) -> bool:
        if path not in self._folders:
            self._folders[path] = os.path.isdir(path)  # noqa: PTH112 - false for a name that is too long
        return self._folders[path]

    def _longest(self, module: Module, path: names.Path) -> tuple[Module | None, names.Path]:
        """The file that the longest front part of a dotted name stands for, and the rest of the name.

        Of a package and a module of one name an import takes the package.
        """
        base = self.root
        if path and path[0].startswith("."):
            base, path = module.file.parents[min(len(path[0]), len(module.file.parents)) - 1], path[1:]
        for end in range(min(len(path), _DEEPEST), -1, -1):
            stem = base.joinpath(*path[:end])
            if (end or base != self.root) and self._is_folder(stem.parent):
                other = self.read(stem / "__init__.py") if self._is_folder(stem) else None
                other = other or (self.read(stem.with_suffix(".py")) if end else None)
                if other is not None:
                    return other, path[end:]
        return None, path


class _Unread(Exception):  # noqa: N818 - not an error: it becomes an entry of `unread`
    """Code is there and cannot be read."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason.text)


def _bounded(size: int) -> None:
    if size > _LONGEST_FILE:
        raise _Unread(say("it is larger than {size} MiB", size=_LONGEST_FILE // 2**20))


def reached(folder: Folder, start: Module, function: str) -> Iterator[Part]:
    """The parts that a function reaches: what it takes, directly or through others, each once."""
    seen: set[int] = set()
    asked: set[tuple[str, str | None]] = set()
    pending: list[Place] = [(start, function)]
    while pending:
        module, name = pending.pop()
        if (module.name, name) in asked:
            continue
        asked.add((module.name, name))
        pending.append((module, names.ANY))
        for part in module.parts_of(name):
            if id(part.node) not in seen:
                seen.add(id(part.node))
                yield part
                for path in part.taken:
                    pending += [(module, path[0]), *folder.places(part, path)]


def _statements(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The statements at the top level, those within `if`, `try`, `with` and loops one by one."""
    for statement in body:
        if isinstance(statement, ast.If) and _is_main_guard(statement.test):
            yield from _statements(statement.orelse)
        elif isinstance(statement, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.TryStar | ast.Match):
            yield from _heads(statement)
            for block in _blocks(statement):
                yield from _statements(block)
        else:
            yield statement


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for owner in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for name in ("body", "orelse", "finalbody"):
            yield getattr(owner, name, [])


def _heads(statement: ast.stmt) -> Iterator[ast.AST]:
    """What a compound statement binds itself, as assignments."""
    if isinstance(statement, ast.For):
        yield ast.copy_location(ast.Assign(targets=[statement.target], value=statement.iter), statement)
    if isinstance(statement, ast.With):
        for item in statement.items:
            if item.optional_vars is not None:
                yield ast.copy_location(ast.Assign(targets=[item.optional_vars], value=item.context_expr), statement)


def _is_main_guard(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`, either way round."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )

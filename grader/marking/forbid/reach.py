"""What a function of a student's module reaches: parts of the module and of other files in the same folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.marking.forbid import names

_LONGEST_FILE = 2**20  # bytes
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
    """The student's folder: the files that code may import. Links that lead out of it are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._read: dict[Path, Module | None] = {}
        self._folders: dict[Path, bool] = {}

    def read(self, file: Path) -> Module | None:
        """A file as a module; None where it is not readable Python in this folder."""
        try:
            path = file.resolve()
            if path not in self._read:
                self._read[path] = self._parse(path)
        except (OSError, RuntimeError, ValueError):
            return None
        return self._read[path]

    def _parse(self, path: Path) -> Module | None:
        if not path.is_relative_to(self._root) or not path.is_file() or path.stat().st_size > _LONGEST_FILE:
            return None
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return Module(path, path.relative_to(self._root).as_posix(), tree)

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
            self._folders[path] = path.is_dir()
        return self._folders[path]

    def _longest(self, module: Module, path: names.Path) -> tuple[Module | None, names.Path]:
        """The file that the longest front part of a dotted name stands for, and the rest of the name."""
        base = self._root
        if path and path[0].startswith("."):
            base, path = module.file.parents[min(len(path[0]), len(module.file.parents)) - 1], path[1:]
        for end in range(len(path), -1, -1):
            stem = base.joinpath(*path[:end])
            if (end or base != self._root) and self._is_folder(stem.parent):
                other = (self.read(stem.with_suffix(".py")) if end else None) or self.read(stem / "__init__.py")
                if other is not None:
                    return other, path[end:]
        return None, path


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

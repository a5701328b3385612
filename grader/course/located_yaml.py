"""YAML with line numbers, so that an error in a specification can point at its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from grader.errors import SpecError
from grader.nouns.text import Message, say

FieldPath = tuple[str | int, ...]
T = TypeVar("T", bound=BaseModel)

_LONGEST_SHOWN = 60
"""Characters of an input that are worth repeating in a message."""


class LocatedYaml:
    """A YAML document as plain data, and the line on which each field stands.

    Raises:
        SpecError: the file is absent, not YAML, or says one key twice.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lines: dict[FieldPath, int] = {}
        try:
            node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except OSError as error:
            raise SpecError(say("cannot be read: {error}", error=error.strerror), file=file) from error
        except UnicodeDecodeError as error:
            raise SpecError(say("is not UTF-8; save it as UTF-8"), file=file) from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise SpecError(say("is not valid YAML: {error}", error=error.problem), file=file, line=line) from error
        if node is None:
            raise SpecError(say("is empty"), file=file)
        self.data: Any = self._build(node, ())

    def _build(self, node: yaml.Node, path: FieldPath) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._build_mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]
        return _scalar(node)

    def _build_mapping(self, node: yaml.MappingNode, path: FieldPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(_scalar(key_node))
            line = key_node.start_mark.line + 1
            if key in result:
                field = dotted((*path, key))
                raise SpecError(say("this key stands here twice"), file=self.file, line=line, field=field)
            self._lines[*path, key] = line
            result[key] = self._build(value_node, (*path, key))
        return result

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line of a field, or of the nearest field above it."""
        for length in range(len(path), -1, -1):
            if (line := self._lines.get(tuple(path[:length]))) is not None:
                return line
        return None

    def error(self, problem: Message, *path: str | int) -> SpecError:
        """A `SpecError` that points at a field."""
        return SpecError(problem, file=self.file, line=self.line(path), field=dotted(path))

    def validate(self, noun: type[T]) -> T:
        """The document as a noun.

        Raises:
            SpecError: with one line for each field that is not valid, the first of them located.
        """
        try:
            return noun.model_validate(self.data)
        except ValidationError as error:
            raise self.located(error) from error

    def located(self, error: ValidationError, *prefix: str | int) -> SpecError:
        """A pydantic error as a `SpecError`; `prefix` is where the validated part stands in the document."""
        first, *others = error.errors()
        path = (*prefix, *self._known(first["loc"], prefix))
        problem = _in_words(first)
        if others:
            problem = say("{problem} (and {count} more)", problem=problem, count=len(others))
        return self.error(problem, *path)

    def _known(self, loc: Sequence[str | int], prefix: Sequence[str | int]) -> tuple[str | int, ...]:
        """The part of a pydantic location that exists in the file, plus a final key that is missing from it.

        Pydantic adds steps of its own (names of union members), which mean nothing to an author.
        """
        known: list[str | int] = []
        for step in loc:
            if (*prefix, *known, step) in self._lines:
                known.append(step)
        if loc and loc[-1] not in known:
            known.append(loc[-1])
        return tuple(known)


def dotted(path: Sequence[str | int]) -> str:
    """A field path for people: `questions.2.compare.close.rtol`."""
    return ".".join(str(step) for step in path)


def _scalar(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def _in_words(error: Any) -> Message:
    """One of pydantic's errors; what a validator of ours says is a message, and pydantic's own words are English."""
    kind = error["type"]
    if kind == "extra_forbidden":
        return say("this key is not known here; check its spelling")
    if kind == "missing":
        return say("this key is required")
    if kind == "value_error":
        return in_words(error["ctx"]["error"])
    shown = repr(error.get("input"))
    if len(shown) > _LONGEST_SHOWN:
        return say("{problem}", problem=error["msg"])
    return say("{problem}, not {given}", problem=error["msg"], given=shown)


def in_words(error: Exception) -> Message:
    """What an exception that is no `GraderError` says: its message where it was raised with one, else its text."""
    problem = error.args[0] if error.args else ""
    return problem if isinstance(problem, Message) else say("{problem}", problem=str(error))

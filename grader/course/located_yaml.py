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
_LARGEST = 2**20
"""Bytes of a file; the largest specification has a hundredth of it, and many cases belong into a pool's file."""
_LEVELS = 40
_VALUES = 50_000
"""Values in a file, those that an alias repeats counted each time: ten lines of aliases can stand for billions."""
_LONGEST_NUMBER = 100
"""Characters of a number or a time; Python takes quadratic time for long ones."""
_TAG = "tag:yaml.org,2002:"


class LocatedYaml:
    """A YAML document as plain data, and the line on which each field stands.

    Raises:
        SpecError: the file is absent, too large or not YAML, repeats a key, or holds a value that is not
            plain data.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lines: dict[FieldPath, int] = {}
        self._left = _VALUES
        node = _composed(file, _text(file))
        if node is None:
            raise SpecError(say("is empty"), file=file)
        self.data: Any = self._build(node, ())

    def _build(self, node: yaml.Node, path: FieldPath) -> Any:
        line = node.start_mark.line + 1
        self._lines.setdefault(path, line)
        self._left -= 1
        if self._left < 0:
            raise _too_many(self.file, line)
        if len(path) > _LEVELS:  # also an alias that stands for what it is in
            raise _too_deep(self.file, line)
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._build_mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: yaml.Node, path: FieldPath) -> Any:
        """A text, number, truth value or time.

        Raises:
            SpecError: it is not such a value, or its tag claims another type.
        """
        line, field = node.start_mark.line + 1, dotted(path)
        if not isinstance(node, yaml.ScalarNode):
            problem = say("only plain values have a place here, not {tag}", tag=node.tag.removeprefix(_TAG))
            raise SpecError(problem, file=self.file, line=line, field=field)
        if node.tag != f"{_TAG}str" and len(node.value) > _LONGEST_NUMBER:
            problem = say("a number or a time of more than {count} characters", count=_LONGEST_NUMBER)
            raise SpecError(problem, file=self.file, line=line, field=field)
        try:
            value = _constructed(node)
            str(value).encode()  # an escape can write a lone surrogate, which no file can hold
        except Exception as error:  # PyYAML's constructors raise whatever int(), float(), datetime() and dict raise
            problem = say("{text!r} is no value of the kind {tag}; write it in quotes if it is a text",
                          text=node.value[:_LONGEST_SHOWN], tag=node.tag.removeprefix(_TAG))  # fmt: skip
            raise SpecError(problem, file=self.file, line=line, field=field) from error
        return value

    def _build_mapping(self, node: yaml.MappingNode, path: FieldPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(self._scalar(key_node, path))
            line = key_node.start_mark.line + 1
            if key in result:
                field = dotted((*path, key))
                raise SpecError(say("this key stands here twice"), file=self.file, line=line, field=field)
            self._lines[*path, key] = line
            result[key] = self._build(value_node, (*path, key))
        return result

    def line(self, path: Sequence[str | int]) -> int | None:
        """Return the line of a field, or of the nearest field above it."""
        for length in range(len(path), -1, -1):
            if (line := self._lines.get(tuple(path[:length]))) is not None:
                return line
        return None

    def error(self, problem: Message, *path: str | int) -> SpecError:
        """Return a `SpecError` that points at a field."""
        return SpecError(problem, file=self.file, line=self.line(path), field=dotted(path))

    def validate(self, noun: type[T]) -> T:
        """Validate the document as a noun.

        Raises:
            SpecError: with one line for each field that is not valid, the first of them located.
        """
        try:
            return noun.model_validate(self.data)
        except ValidationError as error:
            raise self.located(error) from error

    def located(self, error: ValidationError, *prefix: str | int) -> SpecError:
        """Return a pydantic error as a `SpecError`; `prefix` is where the validated part stands in the document."""
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
    """Return a field path for people, for example `questions.2.compare.close.rtol`."""
    return ".".join(str(step) for step in path)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            body = stream.read(_LARGEST + 1)
        if len(body) > _LARGEST:
            problem = say("is larger than {size} KiB; put cases into a pool's file", size=_LARGEST >> 10)
            raise SpecError(problem, file=file)
        return body.decode("utf-8")
    except OSError as error:
        raise SpecError(say("cannot be read: {error}", error=error.strerror), file=file) from error
    except UnicodeDecodeError as error:
        raise SpecError(say("is not UTF-8; save it as UTF-8"), file=file) from error


def _composed(file: Path, text: str) -> yaml.Node | None:
    """The nodes of a YAML document; None for an empty one."""
    try:
        _check_size(file, text)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        at = text.count("\n", 0, error.position) + 1
        problem = say("the character U+{code} may not stand in YAML; delete it", code=f"{error.character:04X}")
        raise SpecError(problem, file=file, line=at) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SpecError(say("is not valid YAML: {error}", error=error.problem), file=file, line=line) from error


def _check_size(file: Path, text: str) -> None:
    """Refuse a document that is too large, or nested too deeply to compose; scanning and parsing do not recurse."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else None
        if count > 2 * _VALUES:  # a list has two events
            raise _too_many(file, line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _LEVELS + 1:
            raise _too_deep(file, line)


def _too_many(file: Path, line: int | None) -> SpecError:
    problem = say("holds more than {count} values; put cases into a pool's file", count=_VALUES)
    return SpecError(problem, file=file, line=line)


def _too_deep(file: Path, line: int | None) -> SpecError:
    return SpecError(say("is nested more than {levels} levels deep", levels=_LEVELS), file=file, line=line)


def _constructed(node: yaml.Node) -> Any:
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
    """Return what an exception other than a `GraderError` says: the message it was raised with, else its text."""
    problem = error.args[0] if error.args else ""
    return problem if isinstance(problem, Message) else say("{problem}", problem=str(error))

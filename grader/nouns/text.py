"""Words for people: bilingual texts written by course authors, and messages spoken by the grader.

Students' words come in here, into the values of messages and the fields of type `Line` and `Block`, and this is where
they are made harmless. A report that was read from a file is no different from one that was made here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from grader.nouns.base import Noun

Language = Literal["zh", "en"]

LONGEST = 20_000
"""Characters of a value in a message, and of a message."""
_MOST_BITS = 330
"""Integers with more are named by their number of digits."""
_FIELD = re.compile(r"\{\{|\}\}|\{(\w{1,60})(!r)?(?::(\.\d[efg%]|[g]))?\}")


def printable(text: str) -> str:
    """Return a text with characters that control a terminal, or are invisible, written out as escapes.

    That is every control character but line feed and tab, everything that changes the direction of writing, everything
    without width, and half a surrogate pair.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in "\n\t" or unicodedata.category(c) == "Zs" else _escaped(c) for c in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def one_line(text: str) -> str:
    """Return a text as `printable` does, with line feeds and tabs escaped too."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


Line = Annotated[str, AfterValidator(one_line)]
"""A text that a student may have written, on one line: a name, a place."""
Block = Annotated[str, AfterValidator(printable)]
"""A text that a student may have written, on any number of lines: what a program printed."""


class Text(Noun):
    """A text that a course author wrote in both languages."""

    zh: Block = Field(min_length=1)
    en: Block = Field(min_length=1)

    def get(self, language: Language) -> str:
        """Return the text in one language."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        """The text in English."""
        return self.en


def _harmless(value: object) -> object:
    """A value of a message, as it may be shown and kept: bounded, printable."""
    if isinstance(value, str):
        return printable(value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…")
    if type(value) is int and value.bit_length() > _MOST_BITS:
        return f"{'-' if value < 0 else ''}<{int(value.bit_length() * math.log10(2)) + 1}-digit integer>"
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no such number
        return str(float(value))
    return value


_Value = Annotated[str | int | float | bool | None, BeforeValidator(_harmless)]


def filled(text: str, values: Mapping[str, str | float | None]) -> str:
    """Fill values into the fields of a text, up to `LONGEST` characters.

    A field is `{name}`, `{name!r}`, or a number with a precision such as `{name:.2f}`. Nothing else of Python's format
    language is one: no attribute, no index, no width. What is no field, or has no value, is left as it is written.
    """
    text = printable(text)
    parts: list[str] = []
    size = at = 0
    for match in _FIELD.finditer(text):
        parts += [text[at : match.start()], _field(match, values)]
        size += len(parts[-2]) + len(parts[-1])
        at = match.end()
        if size > LONGEST:
            break
    return "".join([*parts, text[at:]])[:LONGEST]


def _field(match: re.Match[str], values: Mapping[str, str | float | None]) -> str:
    name, as_code, precision = match.groups()
    if name is None:
        return match[0][0]
    if name not in values:
        return match[0]
    value = values[name]
    if as_code:
        return printable(repr(value))
    return format(value, precision) if precision and isinstance(value, int | float) else str(value)


class Message(Noun):
    """Something the grader says: an English sentence (the gettext id) and the values that go into it.

    It is translated only when a report is rendered, so one verdict can be read in either language.
    Values may be messages or bilingual texts themselves.
    """

    text: str
    values: dict[str, Message | Text | _Value] = Field(default_factory=dict)

    def __str__(self) -> str:
        """The message in English."""
        return filled(self.text, {name: _plain(value) for name, value in self.values.items()})


def _plain(value: Message | Text | str | float | None) -> str | float | None:
    return str(value) if isinstance(value, Message | Text) else value


def say(text: str, /, **values: Message | Text | str | float | None) -> Message:
    """Return a message; `text` is a literal, since the catalogues are extracted from calls of this function."""
    return Message(text=text, values=values)


def distinct(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return the messages in order, each once."""
    found: list[Message] = []
    for message in messages:
        if message not in found:
            found.append(message)
    return tuple(found)

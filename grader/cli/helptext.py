"""Help in the user's language: English from the source, other languages from the catalogue."""

from __future__ import annotations

import copy
import inspect
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

from grader.language.catalogue import catalogue

Command = TypeVar("Command", bound=click.Command)

CLICK = (
    "Aborted!",
    "Choose from:\n\t{choices}",
    "Commands",
    "Error: {message}",
    "Invalid value for {param_hint}: {message}",
    "Invalid value: {message}",
    "Missing argument",
    "Missing command.",
    "Missing option",
    "No such command {name!r}.",
    "No such option {name!r}.",
    "Option {name!r} does not take a value.",
    "Options",
    "Show this message and exit.",
    "Try '{command} {option}' for help.",
    "Usage:",
    "default: {default}",
    "env var: {var}",
    "required",
    "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a directory.",
    "{name} {filename!r} is a file.",
    "{name} {filename!r} is not readable.",
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
)
"""What click itself says and the catalogue translates; it asks gettext for these by its own English words."""

_CLOSING = "，。；：、）》」”！？"
_PIECE = re.compile(rf"[（《「“]*(?:[!-~]+|\S)[{_CLOSING}]* *")
"""What stays on one line: a word, or a character; punctuation goes with what it belongs to."""


def spoken(command: Command, language: str) -> Command:
    """The command with its help in a language; the command itself in English."""
    if language == "en":
        return command
    translated = copy.copy(command)
    if command.help:
        translated.help = catalogue(language).gettext(_plain(command.help))
        translated.short_help = translated.help.split("\n", 1)[0].split("。", 1)[0]
    translated.params = [_spoken_option(parameter, language) for parameter in command.params]
    translated.context_class = Context
    return translated


def _spoken_option(parameter: click.Parameter, language: str) -> click.Parameter:
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    translated = copy.copy(parameter)
    translated.help = catalogue(language).gettext(_plain(parameter.help))
    return translated


def texts(command: click.Command) -> Iterator[str]:
    """Every help text of a command in English, as the catalogue holds it."""
    if command.help:
        yield _plain(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            yield _plain(parameter.help)


def _plain(text: str) -> str:
    """Join each paragraph into one line: line breaks in the source are not part of the message."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


class _Formatter(click.HelpFormatter):
    """Wraps Chinese by columns; click counts a character as one, and breaks lines at spaces only."""

    def write_text(self, text: str) -> None:
        super().write_text(_laid_out(text, self.width - self.current_indent))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = list(rows)
        first = min(max((len(name) for name, _ in rows), default=0), col_max) + col_spacing
        columns = max(self.width - first - self.current_indent, 10)
        super().write_dl([(name, _laid_out(text, columns)) for name, text in rows], col_max, col_spacing)


class Context(click.Context):
    """A context whose help may be Chinese."""

    formatter_class = _Formatter


def _laid_out(text: str, columns: int) -> str:
    r"""Text in lines of a width, where it is Chinese: click leaves paragraphs alone that begin with `\b`."""
    if text.isascii():
        return text
    return "\n\n".join("\b\n" + "\n".join(_lines(paragraph, columns)) for paragraph in text.split("\n\n"))


def _lines(paragraph: str, columns: int) -> list[str]:
    lines, line = [], ""
    for piece in _PIECE.findall(paragraph):
        if line and _width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)

"""One code cell as plain Python: what only Jupyter understands is left out, and every line keeps its place."""

from __future__ import annotations

import re
from typing import NamedTuple

_RUNS_PYTHON = {"time", "timeit", "capture", "prun"}  # as `%%…`, the rest of the cell is Python
_STATEMENT = re.compile(r"%(?:time|prun)\s+(?!-)(?P<rest>\S.*)")
_TARGET = re.compile(r"[\w.\[\], *]+")
_HELP = re.compile(r"\?{1,2}\s*[\w.*]+\s*|[\w.%*]+\?{1,2}\s*(?:#.*)?")
_TOKEN = re.compile(
    r"(?P<quote>'''|\"\"\"|'|\")|(?P<comment>#[^\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<joined>\\\n)|(?P<end>\n)"
)


class Plain(NamedTuple):
    """A cell's Python, and what was left out of it.

    Attributes:
        source: as many lines as the cell has.
        left_out: whether magics, shell lines or help were replaced.
        language: the cell magic, for example `bash`, of a cell that is not Python at all; then `source` is empty.
    """

    source: str
    left_out: bool = False
    language: str = ""


def plain_python(source: str) -> Plain:
    """Return a code cell without `%magic`, `%%magic`, `!shell` and `help?`.

    `%time statement` and the body of `%%time` are kept; `name = !command` gives an empty list; lines inside strings
    and brackets are never taken for magics.
    """
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        magic = (lines[first][2:].split() or [""])[0]
        if magic not in _RUNS_PYTHON:
            return Plain("", left_out=True, language=magic)
        lines[first] = ""
    plain = _replaced(lines)
    return Plain("\n".join(plain), left_out=plain != source.split("\n"))


def _replaced(lines: list[str]) -> list[str]:
    """The lines, those replaced that stand where a statement starts and are not Python."""
    plain: list[str] = []
    scanner = _Scanner()
    continues = False  # a shell line that ends in a backslash goes on
    for line in lines:
        if continues:
            continues = line.rstrip().endswith("\\")
            plain.append("")
            continue
        new = _python(line) if scanner.at_statement else None
        if new is not None:
            continues = line.rstrip().endswith("\\")
            line = new  # noqa: PLW2901 - the scanner goes on with what stands there now
        plain.append(line)
        scanner.feed(line + "\n")
    return plain


def _python(line: str) -> str | None:
    """What stands for a line that is not Python; None for one that is."""
    body = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if timed := _STATEMENT.fullmatch(body):
        return indent + timed["rest"]
    if body.startswith(("%", "!")) or _HELP.fullmatch(body):
        return f"{indent}pass"
    target, _, command = body.partition("=")
    if _is_command(command.lstrip()) and _TARGET.fullmatch(target.rstrip()):
        return f"{indent}{target.rstrip()} = []"
    return None


def _is_command(text: str) -> bool:
    """Whether a text starts with a shell command or magic; the operator of `a != b` and `a % b` is neither."""
    return text.startswith(("!", "%")) and not text[1:2].isspace() and text[1:2] != "="


class _Scanner:
    """Follows strings, brackets and joined lines, to know where a statement may start."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._joined = False

    @property
    def at_statement(self) -> bool:
        return not (self._depth or self._quote or self._joined)

    def feed(self, line: str) -> None:
        """Take in one line with its end."""
        self._joined = False
        place = 0
        while place < len(line):
            place = self._in_string(line, place) if self._quote else self._outside(line, place)

    def _in_string(self, line: str, place: int) -> int:
        end = re.compile(rf"(?:\\.|(?!{self._quote})[^\\])*?({self._quote}|\n)", re.DOTALL).match(line, place)
        long = len(self._quote) > 1
        if end is None:
            self._quote = self._quote if long or line.endswith("\\\n") else ""
            return len(line)
        if end[1] == self._quote or not long:
            self._quote = ""
        return end.end()

    def _outside(self, line: str, place: int) -> int:
        token = _TOKEN.search(line, place)
        if token is None:
            return len(line)
        if token["quote"]:
            self._quote = token["quote"]
        elif token["open"]:
            self._depth += 1
        elif token["close"]:
            self._depth = max(0, self._depth - 1)
        elif token["joined"]:
            self._joined = True
        return token.end()

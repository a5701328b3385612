"""Tables for spreadsheets: read as offices write them, written so that nothing in a cell is run."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

from grader.errors import ExportError
from grader.files import decoded
from grader.nouns.text import printable, say

BOM = "\ufeff"
_FORMULA = frozenset("=+-@|\N{MINUS SIGN}")
_SEPARATORS = frozenset(",;|\t\n")


def rows(body: bytes) -> list[list[str]]:
    """All rows of a CSV with commas, semicolons or tabs, the header first.

    Raises:
        ExportError: there is no header, or it is in no known encoding.
    """
    try:
        text = decoded(body)
    except UnicodeDecodeError as error:
        problem = say("the template is neither UTF-8 nor GBK nor UTF-16; save it again as CSV UTF-8")
        raise ExportError(problem) from error
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not found or not any(found[0]):
        raise ExportError(say("the template has no header"))
    return found


def text(table: Iterable[Sequence[object]], *, mark: bool = False) -> str:
    """A CSV with CRLF, as spreadsheets expect, whose texts are `harmless`; `mark` puts a byte order mark, for Excel."""
    cells = ([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in table)
    return (BOM if mark else "") + refilled(cells)


def refilled(table: Iterable[Sequence[object]]) -> str:
    """As `text`, of a table that a platform exported: cell by cell as it came, so that the platform knows it again."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(table)
    return buffer.getvalue()


def harmless(cell: str) -> str:
    """Quote a text so that a spreadsheet shows it instead of computing it, whatever the cell separator.

    An apostrophe stands before whatever begins a formula, in any width, at the beginning or after something that
    separates cells or lines where a file is opened with other settings.
    """
    found: list[str] = []
    at_start = True
    for character in printable(cell):
        if at_start and (character in "\t\n" or unicodedata.normalize("NFKC", character)[:1] in _FORMULA):
            found.append("'")
        found.append(character)
        at_start = character in _SEPARATORS or (at_start and (character.isspace() or character in "\"'"))
    return "".join(found) if cell[:1] != "\r" else f"'{''.join(found)}"

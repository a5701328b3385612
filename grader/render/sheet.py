"""Tables for spreadsheets: read as offices write them, written so that nothing in a cell is run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.errors import ExportError
from grader.files import decoded
from grader.nouns.text import say

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    """A CSV with CRLF, as spreadsheets expect; `mark` puts a byte order mark first, for Excel."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(table)
    return (BOM if mark else "") + buffer.getvalue()


def harmless(cell: str) -> str:
    """A text that a spreadsheet shows instead of computing."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

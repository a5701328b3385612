"""Tables for spreadsheets: read as offices write them, written so that nothing in a cell is run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.errors import ExportError
from grader.nouns.text import say

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def decoded(body: bytes) -> str:
    """The text of a CSV: UTF-8 with or without a mark, UTF-16 with one, else GBK.

    Raises:
        ExportError: it is none of these.
    """
    for encoding in ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ExportError(say("the template is neither UTF-8 nor GBK nor UTF-16; save it again as CSV UTF-8"))


def rows(body: bytes) -> list[list[str]]:
    """All rows of a CSV with commas, semicolons or tabs, the header first.

    Raises:
        ExportError: there is no header.
    """
    text = decoded(body)
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

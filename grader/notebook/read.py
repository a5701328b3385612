"""A notebook file as numbered cells."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, Literal

from grader.nouns.base import Noun
from grader.nouns.text import Message, say

LONGEST = 64 * 2**20
"""Bytes of a notebook file that are read at most; pictures in outputs make notebooks large."""


class Cell(Noun):
    """A cell that holds text; `number` counts all cells of the notebook from 1, as editors do."""

    number: int
    kind: Literal["code", "markdown"]
    source: str


class UnreadableError(Exception):
    """The file is not a notebook. That is the student's mistake: it becomes a verdict and never leaves this package."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message.text)


def read_cells(file: Path) -> tuple[Cell, ...]:
    """Read the code and markdown cells of a notebook, in order; outputs are ignored.

    Raises:
        UnreadableError: it is too large, not JSON, or not a notebook; the message says what to do.
    """
    cells = _document(file).get("cells")
    if not isinstance(cells, list):
        raise unreadable(file, say("it has no cells"))
    found = []
    for number, cell in enumerate(cells, 1):
        kind = cell.get("cell_type") if isinstance(cell, dict) else None
        if kind in {"code", "markdown"}:
            found.append(Cell(number=number, kind=kind, source=_text(cell.get("source"))))
    return tuple(found)


def _document(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise unreadable(file, say("it is not an ordinary file"))
    if file.stat().st_size > LONGEST:
        raise unreadable(file, say("it is larger than {size} MiB", size=LONGEST // 2**20))
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(file, say("it is not UTF-8 text")) from error
    if not text.strip():
        raise unreadable(file, say("the file is empty"))
    try:
        return _converted(text)
    except json.JSONDecodeError as error:
        raise unreadable(file, say("its JSON is broken at line {line}", line=error.lineno)) from error
    except Exception as error:  # whatever else a damaged file makes the reader raise
        raise unreadable(file, say("its structure is damaged ({error})", error=type(error).__name__)) from error


def _converted(text: str) -> dict[str, Any]:
    """The notebook in version 4 of the format; {} for JSON that is something else."""
    import nbformat

    if "nbformat" not in (document := json.loads(text)):
        return {}
    _without_outputs(document)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbformat repairs cell ids and the like with a warning
        notebook: dict[str, Any] = nbformat.reads(json.dumps(document), as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def _without_outputs(document: dict[str, Any]) -> None:
    """Drop outputs and attachments: they are not used, and are most of a notebook's size."""
    cells = document.get("cells")
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict):
            cell.pop("attachments", None)
            if "outputs" in cell:
                cell["outputs"] = []


def _text(source: object) -> str:
    """Return a cell's source, from a string or a list of lines, without lone surrogates, which no file can hold."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return source.replace("\r\n", "\n").encode("utf-8", "replace").decode()


def unreadable(file: Path, reason: Message) -> UnreadableError:
    """Return the error for a file that is not a notebook, with the reason."""
    return UnreadableError(
        say(
            "{file} cannot be read as a notebook: {reason}; open it in Jupyter and save it again, or hand in {module}",
            file=file.name,
            reason=reason,
            module=file.with_suffix(".py").name,
        )
    )

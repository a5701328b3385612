"""Lost points as annotations on the student's lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from grader.files import read_regular
from grader.language.speak import speak
from grader.nouns.base import Noun
from grader.nouns.report import QuestionScore, Report
from grader.nouns.text import Language, say
from grader.nouns.verdict import Status
from grader.render.plain import points
from grader.render.visible import reasons, visible

Kind = Literal["error", "warning", "notice"]

MOST_OF_A_KIND = 10
"""Annotations of one kind that GitHub shows per step; it silently drops the rest."""

_KINDS: dict[Status, Kind] = {"wrong": "warning", "partial": "warning", "missing": "notice"}
_CELL = ":cell "
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')

LARGEST_NOTEBOOK = 2**23
"""Largest notebook, in bytes, that is searched for the line of a cell."""


class Annotation(Noun):
    """One message on one line; `lost` decides what is shown when there are too many."""

    kind: Kind
    file: str
    line: int
    title: str
    message: str
    lost: float

    def __str__(self) -> str:
        """The workflow command."""
        properties = f"file={_property(self.file)},line={self.line},title={_property(self.title)}"
        return f"::{self.kind} {properties}::{_data(self.message)}"


def annotate(report: Report, folder: Path, root: Path, language: Language) -> tuple[Annotation, ...]:
    """Return at most ten annotations of each kind, the most costly first.

    Args:
        report: of one submission; answers that only wait for a person have none.
        folder: the submission's folder.
        root: the repository, which the file names of annotations are relative to.
        language: of titles and messages.
    """
    own = _Folder(folder, folder.resolve().relative_to(root.resolve()))
    every = [
        annotation
        for chapter in visible(report).chapters
        for question in chapter.questions
        if question.status not in {"correct", "needs_review"} and (annotation := _annotation(question, own, language))
    ]
    return tuple(_worst(every))


def _worst(every: Iterable[Annotation]) -> Iterator[Annotation]:
    counts: dict[Kind, int] = {}
    for annotation in sorted(every, key=lambda a: -a.lost):
        counts[annotation.kind] = counts.get(annotation.kind, 0) + 1
        if counts[annotation.kind] <= MOST_OF_A_KIND:
            yield annotation


def _places(question: QuestionScore) -> Iterator[tuple[str, int]]:
    """Files and lines that a case names, the worst case first; then where the question is answered."""
    failing = sorted((case for case in question.cases if case.share < 1), key=lambda case: case.share)
    places = [(case.file, case.line) for case in failing]
    for file, line in (*places, (question.file, question.line)):
        if file:
            yield file, line or 1


def _annotation(question: QuestionScore, own: _Folder, language: Language) -> Annotation | None:
    """None where no file of the submission is named."""
    found = next((place for file, line in _places(question) if (place := own.place(file, line))), None)
    if found is None:
        return None
    title = f"{question.title.get(language)} {points(question.score)} / {points(question.max_score)}"
    if found.cell:
        title += speak(say(" (cell {cell}, line {line})", cell=found.cell, line=found.line), language)
    return Annotation(
        kind=_KINDS.get(question.status, "error"),
        file=found.file,
        line=own.json_line(found) if found.cell else found.line,
        title=title,
        message="\n".join(reasons(question, language)) or question.status,
        lost=question.max_score - question.score,
    )


class _Place(NamedTuple):
    """A line of a file of the repository, or of one cell in it; `cell` is empty for files that are no notebooks."""

    own: Path
    file: str
    cell: str
    line: int


class _Folder:
    """A submission's folder in its repository. What a case says of files in it may be made up by the student's code."""

    def __init__(self, folder: Path, prefix: Path) -> None:
        self._folder, self._prefix = folder, prefix

    def place(self, file: str, line: int) -> _Place | None:
        """A place as a case names it; None where that is outside the folder, or a link, a device or a pipe in it."""
        name, mark, cell = file.partition(_CELL)
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not name.isprintable():
            return None
        own = self._folder / path
        try:
            inside = own.resolve() == self._folder.resolve() / path
            fits = inside and (not own.exists() or own.is_file())
        except (OSError, ValueError, RuntimeError):
            return None
        return _Place(own, (self._prefix / path).as_posix(), cell if mark else "", line) if fits else None

    @staticmethod
    def json_line(place: _Place) -> int:
        """The line of the notebook file in which the line of the cell stands; 1 where that cannot be told."""
        cell = int(place.cell) if re.fullmatch(r"[0-9]{1,6}", place.cell) else 0
        return json_line(place.own, cell, place.line)


def json_line(file: Path, cell: int, line: int) -> int:
    """The line of a notebook file in which a line of a cell stands; 1 where that cannot be told.

    Cells and lines count from 1. The file is read as Jupyter writes it: one line of source a line of the file. It is
    gone through once, so that the time is linear in its size, and larger ones than `LARGEST_NOTEBOOK` are not read.
    """
    try:
        text = read_regular(file, LARGEST_NOTEBOOK).decode("utf-8")
        cells = json.loads(text)["cells"]
        strings = _STRING.finditer(text)
        for number, entry in enumerate(cells[:cell], 1):
            for place, source in enumerate(entry["source"], 1):
                at = next(match for match in strings if json.loads(match[0]) == source)
                if (number, place) == (cell, line):
                    return text.count("\n", 0, at.start()) + 1
    except (OSError, ValueError, LookupError, TypeError, RecursionError, StopIteration):
        return 1
    return 1


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

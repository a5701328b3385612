"""Lost points as annotations on the student's lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from grader.language.speak import speak
from grader.nouns.base import Noun
from grader.nouns.report import QuestionScore, Report
from grader.nouns.text import Language, say
from grader.nouns.verdict import Status
from grader.render.plain import points
from grader.render.visible import reasons

Kind = Literal["error", "warning", "notice"]

MOST_OF_A_KIND = 10
"""What GitHub takes of one kind in a step; the rest would be dropped without a word."""

_KINDS: dict[Status, Kind] = {"wrong": "warning", "partial": "warning", "missing": "notice"}
_CELL = ":cell "


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
    """At most ten of a kind, those that cost most first.

    Args:
        report: of one submission; answers that only wait for a person have none.
        folder: the submission's folder.
        root: the repository, which the file names of annotations are relative to.
        language: of titles and messages.
    """
    prefix = folder.resolve().relative_to(root.resolve())
    every = [
        _annotation(question, module, prefix, folder, language)
        for chapter in report.chapters
        for question in chapter.questions
        if question.status not in {"correct", "needs_review"} and (module := _place(question))
    ]
    return tuple(_worst(every))


def _worst(every: Iterable[Annotation]) -> Iterator[Annotation]:
    counts: dict[Kind, int] = {}
    for annotation in sorted(every, key=lambda a: -a.lost):
        counts[annotation.kind] = counts.get(annotation.kind, 0) + 1
        if counts[annotation.kind] <= MOST_OF_A_KIND:
            yield annotation


def _place(question: QuestionScore) -> tuple[str, int] | None:
    """The worst case's file and line."""
    placed = sorted((case for case in question.cases if case.share < 1 and case.file), key=lambda case: case.share)
    return (placed[0].file or "", placed[0].line or 1) if placed else None


def _annotation(
    question: QuestionScore, place: tuple[str, int], prefix: Path, folder: Path, language: Language
) -> Annotation:
    file, line = place
    title = f"{question.title.get(language)} {points(question.score)} / {points(question.max_score)}"
    if _CELL in file:
        file, _, cell = file.partition(_CELL)
        title += speak(say(" (cell {cell}, line {line})", cell=cell, line=line), language)
        line = json_line(folder / file, int(cell) if cell.isdecimal() else 0, line)
    return Annotation(
        kind=_KINDS.get(question.status, "error"),
        file=(prefix / file).as_posix(),
        line=line,
        title=title,
        message="\n".join(reasons(question, language)) or question.status,
        lost=question.max_score - question.score,
    )


def json_line(file: Path, cell: int, line: int) -> int:
    """The line of a notebook file in which a line of a cell stands; 1 where that cannot be told.

    Cells and lines count from 1. The file is read as Jupyter writes it: one line of source a line of the file.
    """
    try:
        text = file.read_text(encoding="utf-8")
        cells = json.loads(text)["cells"]
        at = 0
        for number, entry in enumerate(cells[:cell], 1):
            for place, source in enumerate(entry["source"], 1):
                spellings = (json.dumps(source, ensure_ascii=plain) for plain in (False, True))
                at = min(text.index(spelling, at) for spelling in spellings if spelling in text[at:])
                if (number, place) == (cell, line):
                    return text.count("\n", 0, at) + 1
                at += 1
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return 1
    return 1


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""What is read of a chapter's file before it runs, in a reader's child: a notebook's module, forbidden names, places.

The parent side is `opened`. Everything a chapter needs is one task, since each task has a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from grader.execute.answer_line import answer_line
from grader.marking.forbid import forbidden_uses
from grader.marking.forbid.reach import Folder
from grader.notebook.convert import Converted, converted
from grader.notebook.read import UnreadableError
from grader.notebook.unpack import SUFFIX, module_of
from grader.nouns.base import Noun
from grader.nouns.question import Question
from grader.nouns.text import Message
from grader.nouns.use import Use

MOST_USES = 100
"""Uses of forbidden names that are told of one question."""


class Source(Noun):
    """What the source says about one question.

    Attributes:
        uses: uses of forbidden names, placed in what was handed in.
        unread: the code that could not be searched for them, and why; None where all of it was searched.
        file, line: where the question is answered; `line` is None where that is not known.
    """

    uses: tuple[Use, ...] = ()
    unread: tuple[str, Message] | None = None
    file: str = ""
    line: int | None = None


class Reading(Noun):
    """What was read of one chapter's file.

    Attributes:
        questions: question id to what the source says about it.
        module: the source of the module that stands for a notebook; None for a module that was handed in as such.
        notes: what is worth saying before anything has run.
        broken: why there is nothing to run.
    """

    questions: dict[str, Source] = Field(default_factory=dict)
    module: str | None = None
    notes: tuple[Message, ...] = ()
    broken: Message | None = None


def read_chapter(folder: str, file: str, questions: Sequence[dict[str, Any]], free_text: Sequence[str]) -> Any:
    """Read a chapter's module or notebook; the task of a reader.

    Args:
        folder: the submission's.
        file: the module or notebook in it, relative to it.
        questions: the chapter's, with what reading needs of them.
        free_text: the keys of `ANSWERS` that are answered by free text.

    Returns:
        A `Reading`, in JSON.
    """
    asked = [Question.model_validate(question) for question in questions]
    return _reading(Path(folder), file, asked, free_text).model_dump(mode="json")


def needs_parsing(file: str, questions: Iterable[Question]) -> bool:
    """Return whether a chapter's file must be parsed: it is a notebook, or a question forbids names."""
    return file.endswith(SUFFIX) or any(question.call and question.forbid for question in questions)


def located(folder: Path, file: str, questions: Sequence[Question]) -> Reading:
    """Read a module whose questions forbid nothing: search it line by line, up to a size."""
    return Reading(questions=_sources(Folder(folder), file, questions, None))


def _reading(folder: Path, file: str, questions: Sequence[Question], free_text: Iterable[str]) -> Reading:
    if not file.endswith(SUFFIX):
        return located(folder, file, questions)
    try:
        notebook = converted(folder / file, questions, free_text)
    except UnreadableError as error:
        return Reading(broken=error.message)
    files = Folder(folder, {module_of(file): notebook.text})
    found = _sources(files, file, questions, notebook)
    return Reading(questions=found, module=notebook.source, notes=notebook.notes)


def _sources(files: Folder, file: str, questions: Sequence[Question], notebook: Converted | None) -> dict[str, Source]:
    module = module_of(file) if notebook else file

    def placed(name: str, line: int) -> tuple[str, int]:
        """Return where a line of the source that was read stands in the hand-in."""
        if notebook and name == module and 1 <= line <= len(notebook.lines):
            at = notebook.lines[line - 1]
            return f"{file}:cell {at.cell}", at.line
        return name, line

    lines = (notebook.text if notebook else files.text(module)).splitlines()
    found = {}
    for question in questions:
        number = answer_line(lines, question)
        place, line = placed(module, number) if number else (module, None)
        uses: tuple[Use, ...] = ()
        unread = None
        if question.call and question.forbid:
            findings = forbidden_uses(files, module, question.call.name, question.forbid)
            uses = tuple(Use(name=use.name, **_at(placed(use.file, use.line))) for use in findings.uses[:MOST_USES])
            unread = _handed_in(findings.unread[0], module, file) if findings.unread else None
        found[question.id] = Source(uses=uses, unread=unread, file=place, line=line)
    return found


def _handed_in(unread: tuple[str, Message], module: str, file: str) -> tuple[str, Message]:
    """The same reason, with the name of the notebook in place of the module that stands for it."""
    name, reason = unread
    return file if name == module else name, reason


def _at(place: tuple[str, int]) -> dict[str, Any]:
    return {"file": place[0], "line": place[1]}

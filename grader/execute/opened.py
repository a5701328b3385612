"""One chapter of a submission, opened: read in a reader's child, and with a folder in which it can be run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from grader.execute.reading import Reading, Source, located, needs_parsing, read_chapter
from grader.notebook.read import unreadable
from grader.notebook.unpack import SUFFIX, module_of, unpacked
from grader.nouns.base import Noun
from grader.nouns.course import Chapter
from grader.nouns.question import Limits, Question
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say
from grader.sandbox.parent import reader

_LIMITS = Limits(wall=60, cpu=10, memory=2**29, output=2**12, answer=2**25)


class Opened(Noun):
    """One chapter of a submission, read and ready to be run.

    Attributes:
        folder, module: what runs.
        notebook: the notebook's file name; empty for a module that was handed in as such.
        sources: question id to what the source says about it.
        notes: what is worth saying before anything has run.
        broken: why there is nothing to run.
    """

    folder: Path
    module: str
    notebook: str = ""
    sources: dict[str, Source] = Field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    broken: Message | None = None


@contextmanager
def opened(submission: Submission, chapter: Chapter) -> Iterator[Opened]:
    """Open a chapter's module; a notebook becomes a module in a copy, which is deleted afterwards.

    Raises:
        SandboxError: the machine, not the student, is at fault.
    """
    file = submission.modules.get(chapter.id, chapter.module)
    if not (submission.folder / file).exists():
        yield Opened(folder=submission.folder, module=file)
        return
    reading = _read(submission.folder, file, chapter)
    if reading.broken is not None or reading.module is None:
        yield Opened(
            folder=submission.folder,
            module=file,
            sources=reading.questions,
            notes=reading.notes,
            broken=reading.broken,
        )
        return
    with unpacked(submission.folder, file, reading.module) as run:
        yield Opened(folder=run, module=module_of(file), notebook=file, sources=reading.questions, notes=reading.notes)


def _read(folder: Path, file: str, chapter: Chapter) -> Reading:
    """What a reader makes of a chapter's file; where it cannot, that no name was searched for."""
    if not needs_parsing(file, chapter.questions):
        return located(folder, file, chapter.questions)
    free_text = [q.answer for q in chapter.questions if q.rubric and q.answer]
    asked = [_stripped(question) for question in chapter.questions]
    result = reader.read(read_chapter, str(folder.resolve()), file, asked, free_text, readable=[folder], limits=_LIMITS)
    if isinstance(result, reader.Read):
        try:
            return Reading.model_validate(result.value)
        except ValidationError:
            result = reader.Unread(say("reading it failed ({error})", error="ValidationError"))
    if file.endswith(SUFFIX):
        return Reading(broken=unreadable(Path(file), result.reason).message)
    unread = (file, result.reason)
    return Reading(
        questions={q.id: Source(file=file, unread=unread if q.call and q.forbid else None) for q in chapter.questions}
    )


def _stripped(question: Question) -> dict[str, Any]:
    """What reading needs of a question: no cases, comparison or rubric."""
    needed = question.model_dump(mode="json", include={"id", "title", "call", "answer", "forbid"})
    return {**needed, "points": 1}

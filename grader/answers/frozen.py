"""The frozen key of a student kit: true values and misconceptions of the public cases, without the reference.

One file a chapter, beside its `assignment.yaml`. It is packed so that nobody reads an answer by accident; it is not a
lock, and holds nothing about hidden cases, choices or free text.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.nouns.base import Noun
from grader.nouns.binding import Binding
from grader.nouns.course import Chapter, Course
from grader.nouns.question import Question
from grader.nouns.text import Text, say
from grader.nouns.value import Value
from grader.sandbox import wire
from grader.store.digest import digest, question_digest

FILE = "public.key"
_LARGEST = 2**28  # bytes, unpacked


class FrozenMisconception(Noun):
    """A misconception as it is shown, with the value it gives for each public case."""

    name: str
    zh: str
    en: str
    see: str = ""
    values: dict[str, Any]

    @property
    def explanation(self) -> Text:
        """What the student did."""
        return Text(zh=self.zh, en=self.en)


class FrozenQuestion(Noun):
    """One question: what it was computed for, case id to true value, its misconceptions."""

    digest: str
    values: dict[str, Any]
    misconceptions: tuple[FrozenMisconception, ...] = ()


Frozen = dict[str, FrozenQuestion]
"""Question id to what is known of it; a question that only the course itself can judge is absent."""


def frozen_file(chapter: Chapter) -> Path:
    """Where the frozen key of a chapter lies."""
    return chapter.folder / FILE


def is_frozen(course: Course, chapter: Chapter) -> bool:
    """Whether the chapter is graded without its reference."""
    return not course.reference_folder(chapter).is_dir() and frozen_file(chapter).is_file()


def frozen_digest(question: Question, bindings: Mapping[str, Binding]) -> str:
    """What must be the same for frozen values to hold: the question with its public cases, and the models."""
    fingerprints = {name: bindings[name].fingerprint for name in question.given.values()}
    return digest(question_digest(question), question.returns, fingerprints)


def read_frozen(chapter: Chapter) -> Frozen:
    """The frozen key of a chapter.

    Raises:
        GraderError: the file cannot be read.
    """
    try:
        unpacker = zlib.decompressobj()
        document = wire.decode(unpacker.decompress(frozen_file(chapter).read_bytes(), _LARGEST), bounds=wire.OWN)
        return {name: FrozenQuestion.model_validate(entry) for name, entry in document.items()}
    except (OSError, ValueError, AttributeError, zlib.error, wire.WireError) as error:
        raise GraderError(
            say("{file} is damaged; take it anew from the kit of your course", file=str(frozen_file(chapter)))
        ) from error


def write_frozen(chapter: Chapter, frozen: Frozen) -> None:
    """Write the frozen key of a chapter; the same key gives the same bytes."""
    document = {name: _plain(entry) for name, entry in frozen.items()}
    frozen_file(chapter).write_bytes(zlib.compress(wire.encode(document), 9))


def _plain(entry: FrozenQuestion) -> dict[str, Any]:
    """The fields as they are; `model_dump` would take tensors apart."""
    misconceptions = [{name: getattr(m, name) for name in type(m).model_fields} for m in entry.misconceptions]
    return {"digest": entry.digest, "values": entry.values, "misconceptions": misconceptions}


def frozen_values(
    chapter: Chapter, questions: tuple[Question, ...], bindings: Mapping[str, Binding]
) -> dict[str, dict[str, Value]]:
    """Question id to case id to true value, for those questions that the frozen key knows.

    Raises:
        GraderError: the question or a model is another than when the key was made.
    """
    frozen = read_frozen(chapter)
    for question in questions:
        entry = frozen.get(question.id)
        if entry is not None and entry.digest != frozen_digest(question, bindings):
            raise GraderError(
                say(
                    "{chapter}/{question}: the kit's key was made for another version of this question or for other "
                    "models; use the kit's own models (no --models), or take assignments/ and models/ anew",
                    chapter=chapter.id,
                    question=question.id,
                )
            )
    return {question.id: frozen[question.id].values for question in questions if question.id in frozen}


def frozen_misconceptions(chapter: Chapter, question: Question) -> tuple[FrozenMisconception, ...]:
    """The misconceptions of one question that the frozen key knows."""
    entry = read_frozen(chapter).get(question.id)
    return entry.misconceptions if entry else ()

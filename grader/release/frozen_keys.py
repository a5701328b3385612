"""Computing the frozen keys of a kit with the reference that stays behind."""

from __future__ import annotations

from pathlib import Path

from grader.answers.frozen import Frozen, FrozenMisconception, FrozenQuestion, frozen_digest, write_frozen
from grader.answers.key import has_key
from grader.course.load import load_chapters, load_course
from grader.nouns.binding import ModelChoice
from grader.nouns.course import Chapter, Course
from grader.nouns.question import Question
from grader.pipeline import Grading


def freeze(course: Course, kit: Path, *, withhold: bool = True) -> None:
    """Write the frozen key of every chapter of a kit.

    With `withhold`, choices and other typed-in answers have none: their key would be the answer itself.

    Raises:
        BrokenReference: the reference failed.
    """
    kit_course = load_course(kit / "assignments")
    chapters = load_chapters(kit_course)
    staffed = kit_course.model_copy(update={"reference": str((course.root / course.reference).resolve())})
    with Grading(staffed, chapters, ModelChoice(), hidden=not withhold) as grading:
        for chapter in chapters:
            write_frozen(chapter, _frozen(grading, chapter, withhold=withhold))


def _frozen(grading: Grading, chapter: Chapter, *, withhold: bool) -> Frozen:
    key = grading.truth.key(chapter)
    return {
        question.id: FrozenQuestion(
            digest=frozen_digest(question, grading.runtime.bindings),
            values=key[question.id],
            misconceptions=_misconceptions(grading, chapter, question),
        )
        for question in chapter.questions
        if has_key(question) and not (withhold and question.answer is not None)
    }


def _misconceptions(grading: Grading, chapter: Chapter, question: Question) -> tuple[FrozenMisconception, ...]:
    found, values = grading.truth.wrong(chapter, question)
    return tuple(
        FrozenMisconception(
            name=m.name, zh=m.explanation.zh, en=m.explanation.en, see=m.see, values=values.get(m.name, {})
        )
        for m in found
    )

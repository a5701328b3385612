"""The course this repository carries is sound: the short audit, and the right diagnosis for every misconception."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.answers.misconceptions import misconceptions_of
from grader.audit.story import audit
from grader.course.load import load_chapters, load_course
from grader.nouns.binding import ModelChoice
from grader.nouns.course import Chapter, Course
from grader.nouns.misconception import Misconception
from grader.nouns.question import Question
from grader.nouns.submission import Submission
from grader.pipeline import Grading

ROOT = Path(__file__).parent.parent.parent
COURSE = load_course(ROOT / "assignments")
CHAPTERS = load_chapters(COURSE)


@pytest.fixture(scope="module")
def grading() -> Iterator[Grading]:
    """The whole course, opened once."""
    with Grading(COURSE, CHAPTERS, ModelChoice()) as opened:
        opened.prepare()
        yield opened


@pytest.mark.timeout(900)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.id)
def test_no_question_is_weak(chapter: Chapter) -> None:
    """`grader audit --short`: truth, template, constants, misconceptions, tolerances, texts and limits are sound."""
    with Grading(COURSE, [chapter], ModelChoice()) as opened:
        weak = audit(opened, short=True).weak
    assert [f"{finding.question} ({finding.check}): {finding.text}" for finding in weak] == []


def cases() -> list[object]:
    return [
        pytest.param(chapter, question, misconception, id=f"{chapter.id}-{misconception.function}")
        for chapter in CHAPTERS
        for question in chapter.questions
        if question.measure is None
        for misconception in misconceptions_of(COURSE, chapter, question)
    ]


@pytest.mark.parametrize(("chapter", "question", "misconception"), cases())
def test_the_diagnosis_names_the_mistake(
    grading: Grading, tmp_path: Path, chapter: Chapter, question: Question, misconception: Misconception
) -> None:
    """A submission that makes exactly this mistake loses points and reads its explanation, on its own draw."""
    verdict = graded(grading, COURSE, chapter, question, misconception, tmp_path / "work")
    assert verdict.share < 1
    assert verdict.misconception == misconception.name
    assert verdict.diagnosis is not None
    assert verdict.diagnosis.values["explanation"] == misconception.explanation


def graded(grading: Grading, course: Course, chapter: Chapter, question: Question, wrong: Misconception, folder: Path):
    """The verdict on a submission whose function is the misconception."""
    shutil.copytree(course.reference_folder(chapter), folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert question.call is not None
    source = f"from misconceptions import {wrong.function} as {question.call.name}\n"
    (folder / chapter.module).write_text(source, encoding="utf-8")
    work = Submission(id=wrong.name, student=wrong.name, folder=folder, modules={chapter.id: chapter.module})
    return grading.grade(work, chapters=[chapter.id]).verdicts[chapter.id][question.id]

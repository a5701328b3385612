"""Points: the one place where shares become marks and numbers are rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.nouns.course import Chapter, Course
from grader.nouns.report import ChapterScore, Environment, Isolation, QuestionScore, Report
from grader.nouns.submission import Submission
from grader.nouns.text import Message
from grader.nouns.verdict import Verdict


def score(
    course: Course,
    submission: Submission,
    graded: Sequence[tuple[Chapter, Mapping[str, Verdict]]],
    *,
    isolation: Isolation,
    environment: Environment,
    notes: Sequence[Message] = (),
) -> Report:
    """The report of one submission.

    A question earns points x share, rounded half to even to the policy's places; chapters and the total are sums of
    rounded marks, so that every table adds up.
    """
    chapters = tuple(score_chapter(course, chapter, verdicts) for chapter, verdicts in graded)
    places = course.policy.decimals
    return Report(
        submission=submission.id,
        student=submission.student,
        score=round(sum(chapter.score for chapter in chapters), places),
        max_score=round(sum(chapter.max_score for chapter in chapters), places),
        isolation=isolation,
        environment=environment,
        chapters=chapters,
        notes=tuple(notes),
    )


def score_chapter(course: Course, chapter: Chapter, verdicts: Mapping[str, Verdict]) -> ChapterScore:
    """The marks of one chapter; questions without a verdict (not asked for) are left out."""
    places = course.policy.decimals
    questions = tuple(
        QuestionScore(
            id=question.id,
            title=question.title,
            score=round(question.points * verdict.share, places),
            max_score=question.points,
            status=verdict.status,
            advanced=question.advanced,
            message=verdict.message,
            diagnosis=verdict.diagnosis,
            misconception=verdict.misconception,
            cases=verdict.cases,
        )
        for question in chapter.questions
        if (verdict := verdicts.get(question.id)) is not None
    )
    return ChapterScore(
        id=chapter.id,
        title=chapter.title,
        score=round(sum(question.score for question in questions), places),
        max_score=round(sum(question.max_score for question in questions), places),
        questions=questions,
    )

"""The audit of a course: each question's subject is prepared once, every check looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.audit.checks import calibration, cheap_answers, declared, misconceptions_lose, mutation, reference_right
from grader.audit.findings import Audit, Calibration, Finding, Mutation
from grader.audit.subject import Subject
from grader.nouns.course import Chapter
from grader.nouns.question import Question
from grader.pipeline import Grading


def audit(grading: Grading, *, short: bool = False, progress: Callable[[str, str], None] | None = None) -> Audit:
    """Audit all chapters of an opened course.

    Args:
        grading: opened with hidden cases.
        short: leave out the mutants, which take most of the time.
        progress: told chapter and question as each begins.
    """
    findings: list[Finding] = []
    calibrations: list[Calibration] = []
    mutations: list[Mutation] = []
    for chapter in grading.chapters:
        for question in chapter.questions:
            if progress:
                progress(chapter.id, question.id)
            subject = prepare(grading, chapter, question)
            measured = calibration.measure(subject)
            calibrations += measured
            findings += _checked(subject)
            findings += calibration.check(subject, measured)
            if not short:
                mutations.append(mutation.measure(subject))
    return Audit(
        findings=tuple(findings),
        calibrations=tuple(calibrations),
        mutations=tuple(mutations),
        kind="short" if short else "full",
    )


def prepare(grading: Grading, chapter: Chapter, question: Question) -> Subject:
    """One question with its truth and its misconceptions' values, computed or taken from the store."""
    misconceptions, wrong = grading.truth.wrong(chapter, question)
    return Subject(
        grading=grading,
        course=grading.course,
        chapter=chapter,
        question=question,
        truth=dict(grading.truth.known(chapter, question) or {}),
        misconceptions=misconceptions,
        wrong=wrong,
    )


def _checked(subject: Subject) -> Iterator[Finding]:
    yield from declared.check(subject)
    yield from reference_right.check(subject)
    yield from cheap_answers.check(subject)
    yield from misconceptions_lose.check(subject)

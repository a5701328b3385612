"""The audit of a course: each question is prepared once for all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.audit import checks
from grader.audit.findings import Audit, Calibration, Finding, Found, Mutation
from grader.audit.subject import Subject
from grader.nouns.course import Chapter
from grader.nouns.question import Question
from grader.pipeline import Grading


def audit(grading: Grading, *, short: bool = False, progress: Callable[[str, str], None] | None = None) -> Audit:
    """Audit all chapters of an opened course.

    Args:
        grading: opened with hidden cases.
        short: leave out the checks that say they are slow.
        progress: told chapter and question as each begins.
    """
    wanted = [checks.check(name) for name in checks.names() if not (short and checks.is_slow(name))]
    found: list[Found] = []
    for chapter in grading.chapters:
        for question in chapter.questions:
            if progress:
                progress(chapter.id, question.id)
            subject = prepare(grading, chapter, question)
            for check in wanted:
                found += check.check(subject)
    return _sorted_out(found, short=short)


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


def _sorted_out(found: Iterable[Found], *, short: bool) -> Audit:
    findings: list[Finding] = []
    calibrations: list[Calibration] = []
    mutations: list[Mutation] = []
    for one in found:
        match one:
            case Finding():
                findings.append(one)
            case Calibration():
                calibrations.append(one)
            case Mutation():
                mutations.append(one)
            case _:
                raise TypeError(f"a check yields findings, calibrations and mutations, not {one!r}")
    return Audit(
        findings=tuple(findings),
        calibrations=tuple(calibrations),
        mutations=tuple(mutations),
        kind="short" if short else "full",
    )

"""Points: the one place where shares become marks, policy is applied and numbers are rounded.

Every mark is rounded half to even to the policy's places: a question's, a chapter's, the total. A chapter is the sum of
its rounded questions, so that every table adds up; the total is the weighted sum of the chapters, rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from grader.nouns.course import Chapter, Course, Policy
from grader.nouns.graded import Graded
from grader.nouns.override import Override
from grader.nouns.report import ChapterScore, Environment, Isolation, QuestionScore, Report
from grader.nouns.text import Message, distinct
from grader.nouns.verdict import Status, Verdict
from grader.scoring.lateness import charged
from grader.scoring.rulings import Exceptions


def score(course: Course, chapters: Sequence[Chapter], graded: Graded, environment: Environment) -> Report:
    """Return the report of one submission by itself: no deadlines, teams or earlier attempts."""
    marks = [score_chapter(course, c, graded.verdicts[c.id]) for c in chapters if c.id in graded.verdicts]
    submission = graded.submission
    return report_of(
        course,
        marks,
        isolations=[graded.isolation],
        notes=(*submission.notes, *graded.notes),
        environment=environment,
        submission=submission.id,
        student=submission.student,
        name=submission.name,
    )


def report_of(
    course: Course,
    marks: Sequence[ChapterScore],
    *,
    isolations: Iterable[Isolation | None],
    notes: Iterable[Message] = (),
    **about: Any,
) -> Report:
    """Build a report from its chapters: lateness charged, the total, the lowest isolation of any work, each note once.

    Args:
        course: whose policy is used.
        marks: the chapters, in course order.
        isolations: what each piece of work was confined by; None where nothing ran.
        notes: those that belong to no chapter; the chapters' own and those on lateness follow.
        about: all other fields of the report.
    """
    chapters, on_lateness = charged(course.policy, marks)
    total, most = course_total(course.policy, chapters)
    return Report(
        score=total,
        max_score=most,
        chapters=chapters,
        isolation=Isolation.lowest(isolations),
        notes=distinct((*notes, *(note for chapter in chapters for note in chapter.notes), *on_lateness)),
        late=any(chapter.days_late for chapter in chapters),
        days_late=sum(chapter.days_late for chapter in chapters),
        **about,
    )


def score_chapter(
    course: Course,
    chapter: Chapter,
    verdicts: Mapping[str, Verdict],
    overrides: Mapping[str, Override] | None = None,
    exceptions: Exceptions | None = None,
) -> ChapterScore:
    """Return the marks of one chapter; questions without a verdict (not asked for) or excused are left out.

    Where advanced questions are a bonus, the chapter's maximum is that of the others, and the bonus adds at most the
    policy's share of it. Overrides are by question id.
    """
    granted = exceptions or Exceptions()
    questions = tuple(
        _question(course.policy, chapter, number, verdict, (overrides or {}).get(question.id), granted)
        for number, question in enumerate(chapter.questions)
        if (verdict := verdicts.get(question.id)) is not None and not granted.is_excused(chapter.id, question.id)
    )
    earned, most = _sums(course.policy, questions)
    return ChapterScore(id=chapter.id, title=chapter.title, score=earned, max_score=most, questions=questions)


def _question(
    policy: Policy, chapter: Chapter, number: int, verdict: Verdict, override: Override | None, granted: Exceptions
) -> QuestionScore:
    question = chapter.questions[number]
    mark = round(question.points * verdict.share, policy.decimals)
    status: Status = verdict.status
    if granted.is_full(chapter.id, question.id):
        mark, status = question.points, "correct"
    if override is not None and (decided := override.mark(question.points)) is not None:
        mark = round(decided, policy.decimals)
        status = "correct" if mark >= question.points else "partial" if mark > 0 else "wrong"
    return QuestionScore(
        id=question.id,
        title=question.title,
        score=mark,
        max_score=question.points,
        status=status,
        advanced=question.advanced,
        message=verdict.message,
        from_source=verdict.from_source,
        file=verdict.file,
        line=verdict.line,
        diagnosis=verdict.diagnosis,
        misconception=verdict.misconception,
        touched=verdict.touched,
        cases=verdict.cases,
    )


def _sums(policy: Policy, questions: Sequence[QuestionScore]) -> tuple[float, float]:
    regular = [q for q in questions if not q.advanced] if policy.advanced == "bonus" else []
    regular = regular or list(questions)
    bonus = [q for q in questions if q not in regular]
    most = math.fsum(q.max_score for q in regular)
    extra = min(math.fsum(q.score for q in bonus), policy.bonus_limit * most)
    earned = math.fsum(q.score for q in regular) + extra
    return round(earned, policy.decimals), round(most, policy.decimals)


def course_total(policy: Policy, chapters: Sequence[ChapterScore]) -> tuple[float, float]:
    """Return earned and possible points over chapters, by the policy's weights, rounded once."""
    worth = [policy.weights.get(chapter.id, chapter.max_score) for chapter in chapters]
    shares = [chapter.score / chapter.max_score if chapter.max_score else 0.0 for chapter in chapters]
    total = math.fsum(w * share for w, share in zip(worth, shares, strict=True))
    return round(total, policy.decimals), round(math.fsum(worth), policy.decimals)


def only_chapters(report: Report, chapters: AbstractSet[str], course: Course) -> Report:
    """Return a report cut down to some chapters, with their total."""
    kept = tuple(chapter for chapter in report.chapters if chapter.id in chapters)
    if len(kept) == len(report.chapters):
        return report
    total, most = course_total(course.policy, kept)
    return report.model_copy(update={"chapters": kept, "score": total, "max_score": most})

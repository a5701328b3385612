"""What a results folder holds from earlier runs stays until the same person's chapter is graded again.

A run that could not start some work, or that was given other chapters or a part of the class, takes nothing away.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.files import unique
from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.submission import Submission
from grader.nouns.zone import instant
from grader.scoring.points import report_of
from grader.store.ledger import Ledger, Sources

Scored = tuple[Report, Sources]


def scores_before(ledger: Ledger) -> tuple[Scored, ...]:
    """Return the reports of the newest run that has some, with their sources; none where nothing was graded."""
    scored = ledger.scored()
    return ledger.scores(scored[-1]) if scored else ()


def submissions_before(
    ledger: Ledger, submissions: Collection[Submission], chapters: Collection[str]
) -> list[tuple[Submission, str]]:
    """Return the submissions behind marks that a run leaves as they are, each with the digest of its files.

    Args:
        ledger: the ledger, before the run.
        submissions: those of the run; a name that one of them has is not used twice.
        chapters: ids of the chapters that the run grades.
    """
    scored = ledger.scored()
    people = {s.owner for s in submissions}
    taken = {s.id.casefold() for s in submissions}
    return [
        (s.model_copy(update={"id": unique(s.id, taken)}), files)
        for s, files in (ledger.submissions(scored[-1]) if scored else ())
        if s.owner not in people or not set(s.modules) <= set(chapters)
    ]


def brought_forward(
    course: Course, graded: Collection[str], before: Sequence[Scored], now: Sequence[Scored]
) -> tuple[list[Scored], list[Report]]:
    """Return all reports of a gradebook after a run, by student, and those of people whom the run has no report of.

    Args:
        course: its chapters and policy.
        graded: ids of the chapters that the run graded.
        before: reports of the run before.
        now: reports of this run.
    """
    old = {report.student: (report, sources) for report, sources in before}
    known = {report.student for report, _ in now}
    whole = [_merged(course, graded, old[r.student], (r, s)) if r.student in old else (r, s) for r, s in now]
    taken: set[str] = set()
    whole = [(r.model_copy(update={"submission": unique(r.submission, taken)}), sources) for r, sources in whole]
    stay = [
        (report.model_copy(update={"submission": unique(report.submission, taken)}), sources)
        for report, sources in before
        if report.student not in known
    ]
    everybody = sorted([*whole, *stay], key=lambda scored: scored[0].student)
    return everybody, [report for report, _ in stay]


def _merged(course: Course, graded: Collection[str], before: Scored, now: Scored) -> Scored:
    """Return a person's new report with the chapters of the old one that were not graded in this run.

    Lateness is settled over all of them, and so are its notes, whatever the order in which they were graded.
    """
    (old, old_sources), (new, sources) = before, now
    kept = [chapter for chapter in old.chapters if chapter.id not in graded and chapter.id in course.chapters]
    if not kept:
        return now
    order = list(course.chapters)
    newest = max((new, old), key=lambda report: _age(course, report))
    whole = report_of(
        course,
        sorted([*kept, *new.chapters], key=lambda chapter: order.index(chapter.id)),
        isolations=(old.isolation, new.isolation),
        # Kept by a version that did not note what it said with its chapter.
        notes=old.notes if any(chapter.before_late is None for chapter in kept) else (),
        environment=new.environment,
        submission=newest.submission,
        student=new.student,
        name=new.name or old.name,
        members=newest.members,
        team=newest.team,
        account=newest.account,
        submitted=newest.submitted,
        attempt=newest.attempt,
    )
    places = {chapter.id for chapter in kept}
    return whole, {p: pair for p, pair in old_sources.items() if p.partition("/")[0] in places} | dict(sources)


def _age(course: Course, report: Report) -> tuple[float, int]:
    return (instant(report.submitted, course.policy.clock) if report.submitted else 0.0, report.attempt)

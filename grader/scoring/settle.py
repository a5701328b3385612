"""One report a person: attempts chosen, teams shared out, lateness charged, decisions of people applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.files import slug, unique
from grader.nouns.course import Chapter, Course, Policy
from grader.nouns.graded import Graded
from grader.nouns.intake import Roster
from grader.nouns.override import Override
from grader.nouns.report import ChapterScore, Environment, Report
from grader.nouns.ruling import Ruling
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say
from grader.nouns.zone import instant
from grader.scoring.lateness import days_late, shares_kept
from grader.scoring.points import report_of, score_chapter
from grader.scoring.rulings import Exceptions, standing


@dataclass(frozen=True)
class Settled:
    """One person's report, and which submission each chapter's mark comes from."""

    report: Report
    origins: Mapping[str, Submission]


@dataclass(frozen=True)
class _Entry:
    """A chapter of a person: its mark before lateness, whose work it is."""

    chapter: Chapter
    mark: ChapterScore
    graded: Graded


def settle(
    course: Course,
    chapters: Sequence[Chapter],
    graded: Iterable[Graded],
    *,
    environment: Environment,
    overrides: Sequence[Override] = (),
    rulings: Sequence[Ruling] = (),
    roster: Roster | None = None,
) -> tuple[Settled, ...]:
    """Return a report for every person: attempts chosen, teams shared out, lateness charged, decisions applied.

    Args:
        course: whose policy it is.
        chapters: the chapters that were graded, in course order.
        graded: all submissions, every attempt that may count.
        environment: what the work was graded with.
        overrides: marks that persons set, oldest first.
        rulings: exceptions that persons granted, oldest first.
        roster: names of team members.
    """
    people: dict[str, list[Graded]] = {}
    for one in graded:
        for person in one.submission.members or (one.submission.student,):
            people.setdefault(person, []).append(one)
    decided, granted = _decided(overrides), standing(rulings)
    taken: set[str] = set()
    settled = []
    for person, attempts in people.items():
        decisions = _Decisions(decided.get(person, {}), Exceptions(granted, person))
        found = _person(course, chapters, person, attempts, environment, decisions, roster or Roster())
        name = unique(found.report.submission, taken)
        settled.append(replace(found, report=found.report.model_copy(update={"submission": name})))
    return tuple(settled)


_Marks = Mapping[tuple[str, str | None], Override]


@dataclass(frozen=True)
class _Decisions:
    """What persons decided for one student: the marks they set by place, and the exceptions they granted."""

    marks: _Marks
    granted: Exceptions


def _decided(overrides: Sequence[Override]) -> dict[str, dict[tuple[str, str | None], Override]]:
    """Student to place to the newest decision; one without a mark takes the earlier ones back."""
    decided: dict[str, dict[tuple[str, str | None], Override]] = {}
    for override in overrides:
        decided.setdefault(override.student, {})[override.chapter, override.question] = override
    return {
        who: {place: override for place, override in places.items() if override.score is not None}
        for who, places in decided.items()
    }


def _person(
    course: Course,
    chapters: Sequence[Chapter],
    person: str,
    attempts: Sequence[Graded],
    environment: Environment,
    decided: _Decisions,
    roster: Roster,
) -> Settled:
    found = [e for chapter in chapters if (e := _counting(course, chapter, attempts, decided)) is not None]
    entries = [e for e in found if e.mark.questions and not decided.granted.is_excused(e.chapter.id)]
    excused = tuple(e.chapter.id for e in found if e not in entries)
    marks = [_mark(course.policy, e, decided) for e in entries]
    newest = max(attempts, key=lambda one: _age(one, course.policy))
    is_own = newest.submission.student == person
    student = roster.find(person)
    report = report_of(
        course,
        marks,
        isolations=[e.graded.isolation for e in entries],
        environment=environment,
        submission=newest.submission.id if is_own and not newest.submission.members else slug(person),
        student=person,
        name=newest.submission.name if is_own else (student.name if student else ""),
        members=newest.submission.members,
        team=newest.submission.team,
        account=newest.submission.account if is_own else "",
        submitted=newest.submission.submitted,
        attempt=newest.submission.attempt,
        excused=excused,
        notes=[note for chapter in excused for note in decided.granted.notes(chapter)],
    )
    return Settled(report=report, origins={e.chapter.id: e.graded.submission for e in entries})


def _age(graded: Graded, policy: Policy) -> tuple[float, int]:
    submitted = graded.submission.submitted
    return (instant(submitted, policy.clock) if submitted else 0.0, graded.submission.attempt)


def _counting(course: Course, chapter: Chapter, attempts: Sequence[Graded], decided: _Decisions) -> _Entry | None:
    """The attempt that counts for a chapter: the newest one that has it, or the best one.

    Best is the highest mark after what its own lateness alone would cost; of equals, the first.
    """
    candidates = [one for one in attempts if chapter.id in one.verdicts]
    handed_in = [one for one in candidates if chapter.id in one.submission.modules] or candidates
    if not handed_in:
        return None
    by_question = {question: o for (place, question), o in decided.marks.items() if place == chapter.id and question}
    entries = [
        _Entry(
            chapter=chapter,
            mark=_scored(course, chapter, one, by_question, decided.granted),
            graded=one,
        )
        for one in sorted(handed_in, key=lambda one: _age(one, course.policy))
    ]
    if course.policy.attempts == "last":
        return entries[-1]

    def worth(entry: _Entry) -> float:
        kept = shares_kept(course.policy, {chapter.id: entry.mark.days_late}, [chapter.id])
        return entry.mark.score * kept[chapter.id]

    return max(entries, key=worth)


def _scored(
    course: Course, chapter: Chapter, graded: Graded, overrides: Mapping[str, Override], granted: Exceptions
) -> ChapterScore:
    """The chapter's mark before lateness; an exception gives nothing to who handed nothing in."""
    is_there = chapter.id in graded.submission.modules
    given = granted if is_there else granted.of_the_missing()
    mark = score_chapter(course, chapter, graded.verdicts[chapter.id], overrides, given)
    later = granted.extension(chapter.id)
    days = days_late(graded.submission, chapter.id, course.policy, later) if is_there else 0
    return mark.model_copy(update={"before_late": mark.score, "days_late": days})


def _mark(policy: Policy, entry: _Entry, decided: _Decisions) -> ChapterScore:
    """The chapter's mark with all that is said of it, and a person's decision in its place."""
    about = {
        "notes": (
            *entry.graded.submission.notes,
            *entry.graded.notes,
            *_team_notes(policy, entry),
            *(_decision(o) for (place, _), o in decided.marks.items() if place == entry.chapter.id),
            *decided.granted.notes(entry.chapter.id),
        )
    }
    override = decided.marks.get((entry.chapter.id, None))
    mark = override.mark(entry.mark.max_score) if override else None
    if mark is None:
        return entry.mark.model_copy(update=about)
    return entry.mark.model_copy(update={**about, "score": round(mark, policy.decimals), "decided": True})


def _team_notes(policy: Policy, entry: _Entry) -> list[Message]:
    size = policy.teams.get(entry.chapter.id)
    count = max(1, len(entry.graded.submission.members))
    if size is None or entry.chapter.id not in entry.graded.submission.modules or size.least <= count <= size.most:
        return []
    return [
        say(
            "{chapter} is handed in by {least} to {most} people; this is by {count}",
            chapter=entry.chapter.title,
            least=size.least,
            most=size.most,
            count=count,
        )
    ]


def _decision(override: Override) -> Message:
    place = f"{override.chapter}/{override.question}" if override.question else override.chapter
    return say(
        "{place} was set to {score} by {who}: {reason}",
        place=place,
        score=override.score,
        who=override.who,
        reason=override.reason,
    )

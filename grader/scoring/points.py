"""Points: the one place where shares become marks, policy is applied and numbers are rounded.

Every mark is rounded half to even to the policy's places: a question's, a chapter's, the total. A chapter is the sum of
its rounded questions, so that every table adds up; the total is the weighted sum of the chapters, rounded once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta

from grader.nouns.course import Chapter, Course, Late, Policy
from grader.nouns.intake import Roster
from grader.nouns.override import Override
from grader.nouns.report import ChapterScore, Environment, Isolation, QuestionScore, Report
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say
from grader.nouns.verdict import Status, Verdict

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Graded:
    """One submission with the verdicts of its chapters, before policy.

    `marks` is filled in by `settle`: the chapters with points.
    """

    submission: Submission
    verdicts: Mapping[str, Mapping[str, Verdict]]
    isolation: Isolation
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Settled:
    """One person's report, and which submission each chapter's mark comes from."""

    report: Report
    origins: Mapping[str, Submission]


@dataclass(frozen=True)
class _Entry:
    """A chapter of a person: its mark before lateness, whose work it is, whole days late."""

    chapter: Chapter
    mark: ChapterScore
    graded: Graded
    days: int


def score(
    course: Course,
    submission: Submission,
    graded: Sequence[tuple[Chapter, Mapping[str, Verdict]]],
    *,
    isolation: Isolation,
    environment: Environment,
    notes: Sequence[Message] = (),
) -> Report:
    """The report of one submission by itself: no deadlines, teams or earlier attempts."""
    chapters = tuple(score_chapter(course, chapter, verdicts) for chapter, verdicts in graded)
    total, most = _total(course.policy, chapters)
    return Report(
        submission=submission.id,
        student=submission.student,
        name=submission.name,
        score=total,
        max_score=most,
        isolation=isolation,
        environment=environment,
        chapters=chapters,
        notes=tuple(notes),
    )


def score_chapter(
    course: Course, chapter: Chapter, verdicts: Mapping[str, Verdict], overrides: Mapping[str, Override] | None = None
) -> ChapterScore:
    """The marks of one chapter; questions without a verdict (not asked for) are left out.

    Where advanced questions are a bonus, the chapter's maximum is that of the others, and the bonus adds at most the
    policy's share of it. Overrides are by question id.
    """
    questions = tuple(
        _question(course.policy, chapter, number, verdict, (overrides or {}).get(question.id))
        for number, question in enumerate(chapter.questions)
        if (verdict := verdicts.get(question.id)) is not None
    )
    earned, most = _sums(course.policy, questions)
    return ChapterScore(id=chapter.id, title=chapter.title, score=earned, max_score=most, questions=questions)


def _question(
    policy: Policy, chapter: Chapter, number: int, verdict: Verdict, override: Override | None
) -> QuestionScore:
    question = chapter.questions[number]
    mark = round(question.points * verdict.share, policy.decimals)
    status: Status = verdict.status
    if override is not None and override.score is not None:
        mark = round(override.score, policy.decimals)
        status = "correct" if mark >= question.points else "partial" if mark > 0 else "wrong"
    return QuestionScore(
        id=question.id,
        title=question.title,
        score=mark,
        max_score=question.points,
        status=status,
        advanced=question.advanced,
        message=verdict.message,
        diagnosis=verdict.diagnosis,
        misconception=verdict.misconception,
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


def _total(policy: Policy, chapters: Sequence[ChapterScore]) -> tuple[float, float]:
    worth = [policy.weights.get(chapter.id, chapter.max_score) for chapter in chapters]
    shares = [chapter.score / chapter.max_score if chapter.max_score else 0.0 for chapter in chapters]
    total = math.fsum(w * share for w, share in zip(worth, shares, strict=True))
    return round(total, policy.decimals), round(math.fsum(worth), policy.decimals)


def only_chapters(report: Report, chapters: AbstractSet[str], course: Course) -> Report:
    """A report cut down to some chapters, with their total."""
    kept = tuple(chapter for chapter in report.chapters if chapter.id in chapters)
    if len(kept) == len(report.chapters):
        return report
    total, most = _total(course.policy, kept)
    return report.model_copy(update={"chapters": kept, "score": total, "max_score": most})


def settle(
    course: Course,
    chapters: Sequence[Chapter],
    graded: Iterable[Graded],
    *,
    environment: Environment,
    overrides: Sequence[Override] = (),
    roster: Roster | None = None,
) -> tuple[Settled, ...]:
    """A report for every person: attempts chosen, teams shared out, lateness charged, overrides applied.

    Args:
        course: whose policy it is.
        chapters: the chapters that were graded, in course order.
        graded: all submissions, every attempt that may count.
        environment: what the work was graded with.
        overrides: decisions of people, oldest first.
        roster: names of team members.
    """
    people: dict[str, list[Graded]] = {}
    for one in graded:
        for person in one.submission.members or (one.submission.student,):
            people.setdefault(person, []).append(one)
    decided = _decided(overrides)
    taken: set[str] = set()
    settled = []
    for person, own in people.items():
        found = _person(course, chapters, person, own, environment, decided.get(person, {}), roster or Roster())
        name, number = found.report.submission, 2
        while name.casefold() in taken:
            name, number = f"{found.report.submission}-{number}", number + 1
        taken.add(name.casefold())
        settled.append(replace(found, report=found.report.model_copy(update={"submission": name})))
    return tuple(settled)


_Decisions = Mapping[tuple[str, str | None], Override]


def _decided(overrides: Sequence[Override]) -> dict[str, dict[tuple[str, str | None], Override]]:
    """Student to place to the newest decision; one without a mark takes the earlier ones back."""
    decided: dict[str, dict[tuple[str, str | None], Override]] = {}
    for override in overrides:
        own = decided.setdefault(override.student, {})
        own[override.chapter, override.question] = override
    return {
        who: {place: override for place, override in own.items() if override.score is not None}
        for who, own in decided.items()
    }


def _person(
    course: Course,
    chapters: Sequence[Chapter],
    person: str,
    own: Sequence[Graded],
    environment: Environment,
    decided: _Decisions,
    roster: Roster,
) -> Settled:
    entries = [e for chapter in chapters if (e := _counting(course, chapter, own, decided)) is not None]
    kept = shares_kept(course.policy, {e.chapter.id: e.days for e in entries}, [c.id for c in chapters])
    marks = tuple(_late_mark(course.policy, e, kept[e.chapter.id], decided.get((e.chapter.id, None))) for e in entries)
    total, most = _total(course.policy, marks)
    newest = max(own, key=_age)
    is_own = newest.submission.student == person
    student = roster.find(person)
    notes = [note for one in _distinct(own, entries) for note in (*one.submission.notes, *one.notes)]
    notes += [n for e in entries for n in _policy_notes(course.policy, e, kept[e.chapter.id])]
    notes += [_decision(o) for o in decided.values()]
    report = Report(
        submission=newest.submission.id if is_own and not newest.submission.members else _slug(person),
        student=person,
        name=newest.submission.name if is_own else (student.name if student else ""),
        members=newest.submission.members,
        team=newest.submission.team,
        account=newest.submission.account if is_own else "",
        submitted=newest.submission.submitted,
        late=any(e.days for e in entries),
        days_late=sum(e.days for e in entries),
        attempt=newest.submission.attempt,
        score=total,
        max_score=most,
        isolation=min((e.graded.isolation for e in entries), key=lambda i: i.level, default=newest.isolation),
        environment=environment,
        chapters=marks,
        notes=tuple(notes),
    )
    return Settled(report=report, origins={e.chapter.id: e.graded.submission for e in entries})


def _slug(person: str) -> str:
    return re.sub(r"[^\w.\-]+", "-", person).strip("-.") or "submission"


def _age(graded: Graded) -> tuple[float, int]:
    submitted = graded.submission.submitted
    return (submitted.timestamp() if submitted else 0.0, graded.submission.attempt)


def _distinct(own: Sequence[Graded], entries: Sequence[_Entry]) -> list[Graded]:
    counting = {id(e.graded) for e in entries}
    return [one for one in own if id(one) in counting]


def _counting(course: Course, chapter: Chapter, own: Sequence[Graded], decided: _Decisions) -> _Entry | None:
    """The attempt that counts for a chapter: the newest one that has it, or the best one.

    Best is the highest mark after what its own lateness alone would cost; of equals, the first.
    """
    candidates = [one for one in own if chapter.id in one.verdicts]
    handed_in = [one for one in candidates if chapter.id in one.submission.modules] or candidates
    if not handed_in:
        return None
    by_question = {question: o for (place, question), o in decided.items() if place == chapter.id and question}
    entries = [
        _Entry(
            chapter=chapter,
            mark=score_chapter(course, chapter, one.verdicts[chapter.id], by_question),
            graded=one,
            days=days_late(one.submission, chapter.id, course.policy) if chapter.id in one.submission.modules else 0,
        )
        for one in sorted(handed_in, key=_age)
    ]
    if course.policy.attempts == "last":
        return entries[-1]

    def worth(entry: _Entry) -> float:
        kept = shares_kept(course.policy, {chapter.id: entry.days}, [chapter.id])
        return entry.mark.score * kept[chapter.id]

    return max(entries, key=worth)


def days_late(submission: Submission, chapter: str, policy: Policy) -> int:
    """Begun days after the deadline and its grace; 1 where the source knows of lateness but no time; else 0."""
    deadline = policy.deadlines.get(chapter)
    if submission.submitted is None or deadline is None:
        return int(bool(submission.late))
    submitted = submission.submitted
    if submitted.tzinfo is None:
        submitted = submitted.replace(tzinfo=deadline.tzinfo)  # a source without a zone means that of the deadline
    rule = _rule(policy, chapter)
    over = submitted - deadline - timedelta(minutes=rule.grace if rule else 0)
    return max(0, math.ceil(over / _DAY))


def _rule(policy: Policy, chapter: str) -> Late | None:
    return next((rule for rule in policy.late if chapter in rule.chapters), None)


def shares_kept(policy: Policy, days: Mapping[str, int], order: Sequence[str]) -> dict[str, float]:
    """Chapter to the share of its mark that lateness leaves.

    Free days are used up in the order of the chapters; each day beyond them costs the rule's share, down to nothing.
    Chapters without a rule keep everything.
    """
    left = {id(rule): rule.free_days for rule in policy.late}
    kept: dict[str, float] = {}
    for chapter in (c for c in order if c in days):
        rule = _rule(policy, chapter)
        if rule is None:
            kept[chapter] = 1.0
            continue
        free = min(left[id(rule)], days[chapter])
        left[id(rule)] -= free
        kept[chapter] = max(0.0, 1.0 - rule.per_day * (days[chapter] - free))
    return kept


def _late_mark(policy: Policy, entry: _Entry, kept: float, override: Override | None) -> ChapterScore:
    mark = entry.mark.score * kept if override is None or override.score is None else override.score
    return entry.mark.model_copy(update={"score": round(mark, policy.decimals)})


def _policy_notes(policy: Policy, entry: _Entry, kept: float) -> list[Message]:
    notes = []
    if entry.days:
        notes.append(
            say(
                "{chapter}: {days} days late; {percent} % of the mark is kept",
                chapter=entry.chapter.title,
                days=entry.days,
                percent=round(kept * 100),
            )
        )
    size = policy.teams.get(entry.chapter.id)
    count = max(1, len(entry.graded.submission.members))
    if (
        size is not None
        and entry.chapter.id in entry.graded.submission.modules
        and not size.least <= count <= size.most
    ):
        notes.append(
            say(
                "{chapter} is handed in by {least} to {most} people; this is by {count}",
                chapter=entry.chapter.title,
                least=size.least,
                most=size.most,
                count=count,
            )
        )
    return notes


def _decision(override: Override) -> Message:
    place = f"{override.chapter}/{override.question}" if override.question else override.chapter
    return say(
        "{place} was set to {score} by {who}: {reason}",
        place=place,
        score=override.score,
        who=override.who,
        reason=override.reason,
    )

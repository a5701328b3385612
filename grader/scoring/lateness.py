"""The cost of handing in late: begun days after the deadline, less free days used in the order of the chapters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from grader.nouns.course import Late, Policy
from grader.nouns.report import ChapterScore
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say
from grader.nouns.zone import zone

_DAY = timedelta(days=1)


def days_late(submission: Submission, chapter: str, policy: Policy, extension: timedelta = timedelta()) -> int:
    """Return the begun days after the deadline and its grace; 1 where the source knows only that it was late; else 0.

    An extension moves the deadline, and takes back lateness of which no time is known.

    >>> from datetime import UTC, datetime, timedelta
    >>> due = datetime(2024, 3, 28, 16, tzinfo=UTC)
    >>> policy = Policy(deadlines={"ch01": due}, late=(Late(chapters=("ch01",), grace=10),))
    >>> def handed_in(**after): return Submission(
    ...     id="s", student="s", folder="s", modules={}, submitted=due + timedelta(**after))
    >>> [days_late(handed_in(**after), "ch01", policy) for after in ({"minutes": 10}, {"minutes": 11}, {"days": 1.1})]
    [0, 1, 2]
    """
    deadline = policy.deadlines.get(chapter)
    if submission.submitted is None or deadline is None:
        return int(bool(submission.late) and not extension)
    submitted = submission.submitted
    if submitted.tzinfo is None:
        submitted = submitted.replace(tzinfo=zone(policy.zone) if policy.zone else deadline.tzinfo)
    rule = _rule(policy, chapter)
    over = submitted - deadline - extension - timedelta(minutes=rule.grace if rule else 0)
    return max(0, math.ceil(over / _DAY))


def _rule(policy: Policy, chapter: str) -> Late | None:
    return next((rule for rule in policy.late if chapter in rule.chapters), None)


def shares_kept(policy: Policy, days: Mapping[str, int], order: Sequence[str]) -> dict[str, float]:
    """Return, for each chapter, the share of its mark that lateness leaves.

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


def free_days(policy: Policy, days: Mapping[str, int]) -> tuple[tuple[Late, int], ...]:
    """Return each rule with the free days of it that are used; `days` maps chapter ids to late days."""
    late = [(rule, sum(days.get(chapter, 0) for chapter in rule.chapters)) for rule in policy.late]
    return tuple((rule, min(rule.free_days, over)) for rule, over in late)


def charged(policy: Policy, marks: Sequence[ChapterScore]) -> tuple[tuple[ChapterScore, ...], tuple[Message, ...]]:
    """Return a person's chapters with lateness charged anew over all of them, and what is said of it.

    A mark that a person decided stays, and its late days still use up free ones.

    Args:
        policy: the course's.
        marks: all chapters the person has a mark in, in course order.
    """
    kept = shares_kept(policy, {mark.id: mark.days_late for mark in marks}, [mark.id for mark in marks])
    notes = tuple(
        say(
            "{chapter}: {days} days late; {percent} % of the mark is kept",
            chapter=mark.title,
            days=mark.days_late,
            percent=round(kept[mark.id] * 100),
        )
        for mark in marks
        if mark.days_late
    )
    return tuple(_charged(policy, mark, kept[mark.id]) for mark in marks), notes


def _charged(policy: Policy, mark: ChapterScore, kept: float) -> ChapterScore:
    if mark.before_late is None or mark.decided:
        return mark
    return mark.model_copy(update={"score": round(mark.before_late * kept, policy.decimals)})

"""Finds the marks that differ between two runs, and why each does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.errors import LedgerError
from grader.nouns.override import Override
from grader.nouns.report import QuestionScore, Report
from grader.nouns.text import Message, say
from grader.store.ledger import Ledger, Sources


@dataclass(frozen=True)
class Change:
    """One mark that differs between two runs.

    Attributes:
        student: id of the report.
        name: the person's name.
        place: `chapter/question`, or a chapter; empty for the total.
        before, after: the marks; None where the run has none.
        why: the reason.
    """

    student: str
    name: str
    place: str
    before: float | None
    after: float | None
    why: Message


def last_two(ledger: Ledger, new: int | None = None) -> tuple[int, int]:
    """Return the two newest runs with scores, up to `new` where it is given.

    Raises:
        LedgerError: there are fewer than two.
    """
    scored = ledger.scored()
    scored = [run for run in scored if new is None or run <= new]
    if len(scored) < 2:  # noqa: PLR2004 - a pair
        raise LedgerError(say("{file}: there are no two runs with scores to compare", file=str(ledger.file)))
    return scored[-2], scored[-1]


def diff(ledger: Ledger, old: int, new: int) -> tuple[Change, ...]:
    """Return every mark and total that differs, in the order of the new run's reports.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    before = {report.submission: report for report in ledger.reports(old)}
    after = {report.submission: report for report in ledger.reports(new)}
    sources = ledger.sources(old), ledger.sources(new)
    digests = tuple({s.id: digest for s, digest in ledger.submissions(run)} for run in (old, new))
    overrides = ledger.overrides()
    changes: list[Change] = []
    for who in [*after, *(who for who in before if who not in after)]:
        is_new_work = digests[0].get(who) != digests[1].get(who)
        pair = sources[0].get(who, {}), sources[1].get(who, {})
        changes += _changes(before.get(who), after.get(who), pair, overrides, is_new_work=is_new_work)
    return tuple(changes)


def _changes(
    old: Report | None,
    new: Report | None,
    sources: tuple[Sources, Sources],
    overrides: Sequence[Override],
    *,
    is_new_work: bool,
) -> Iterator[Change]:
    report = new or old
    if report is None:
        return
    student, name = report.submission, report.name
    if old is None or new is None:
        why = say("only in the second run") if old is None else say("only in the first run")
        yield Change(student, name, "", old.score if old else None, new.score if new else None, why)
        return
    marks = _scores(old), _scores(new)
    found = False
    for place in marks[1] | marks[0]:
        one, two = marks[0].get(place), marks[1].get(place)
        if one and two and (one.score, one.max_score) == (two.score, two.max_score):
            continue
        found = True
        why = _why(place, one, two, sources, overrides, student=new.student, is_new_work=is_new_work)
        yield Change(student, name, place, one.score if one else None, two.score if two else None, why)
    for change in _chapters(old, new, overrides):
        found = True
        yield change
    if (old.score, old.max_score) != (new.score, new.max_score):
        why = say("sum of the above") if found else say("policy: weights")
        yield Change(student, name, "", old.score, new.score, why)


def _chapters(old: Report, new: Report, overrides: Sequence[Override]) -> Iterator[Change]:
    """Yield the chapters whose mark changed although the marks of their questions did not."""
    before = {chapter.id: chapter for chapter in old.chapters}
    for chapter in new.chapters:
        one = before.get(chapter.id)
        questions_equal = one is not None and [q.score for q in one.questions] == [q.score for q in chapter.questions]
        if one is None or one.score == chapter.score or not questions_equal:
            continue
        decided = [o for o in overrides if o.student == new.student and o.chapter == chapter.id and not o.question]
        if decided and decided[-1].score == chapter.score:
            why = say("set by {who}: {reason}", who=decided[-1].who, reason=decided[-1].reason)
        else:
            why = say("policy: lateness, bonus, or a decision taken back")
        yield Change(new.submission, new.name, chapter.id, one.score, chapter.score, why)


def _scores(report: Report) -> dict[str, QuestionScore]:
    return {f"{chapter.id}/{q.id}": q for chapter in report.chapters for q in chapter.questions}


def _why(
    place: str,
    one: QuestionScore | None,
    two: QuestionScore | None,
    sources: tuple[Sources, Sources],
    overrides: Sequence[Override],
    *,
    student: str,
    is_new_work: bool,
) -> Message:
    decided = [o for o in overrides if o.student == student and f"{o.chapter}/{o.question}" == place]
    if decided and two and decided[-1].score == two.score:
        return say("set by {who}: {reason}", who=decided[-1].who, reason=decided[-1].reason)
    if one is None or two is None:
        return say("a new question") if one is None else say("the question is gone")
    old, new = sources[0].get(place), sources[1].get(place)
    if old and new and old[0] != new[0]:
        again = say("run again: the question, its inputs or the models changed")
        return say("run again: another hand-in") if is_new_work else again
    if old and new and old[1] != new[1]:
        return say("marked again: the key, the comparison or the grader changed ({old} → {new})",
                   old=one.status, new=two.status)  # fmt: skip
    return say("points or policy changed")

"""Finds the marks that differ between two runs, and why each does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.errors import LedgerError
from grader.nouns.override import Override
from grader.nouns.report import QuestionScore, Report
from grader.nouns.ruling import Ruling
from grader.nouns.text import Message, say
from grader.scoring.rulings import said, standing
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


@dataclass(frozen=True)
class _Decisions:
    """What persons decided up to now, oldest first."""

    overrides: Sequence[Override]
    rulings: Sequence[Ruling]

    def mark(self, student: str, chapter: str, question: str | None, score: float) -> Message | None:
        """The decision that a mark comes from; None where it comes from none."""
        own = [o for o in self.overrides if (o.student, o.chapter, o.question) == (student, chapter, question)]
        if not own or own[-1].score is None or (own[-1].score != score and own[-1].worth is None):
            return None
        return say("set by {who}: {reason}", who=own[-1].who, reason=own[-1].reason)

    def exception(self, student: str, chapter: str, question: str, *, is_full: bool) -> Message | None:
        """The exception by which a question is gone, or has full marks; None where there is none."""
        kinds = {"full"} if is_full else {"excuse", "drop"}
        own = [
            ruling
            for ruling in standing(self.rulings)
            if ruling.kind in kinds and ruling.student in {"", student} and ruling.chapter == chapter
            and ruling.question in {None, question}
        ]  # fmt: skip
        return said(own[-1]) if own else None

    def extension(self, report: Report, chapter: str) -> Message | None:
        """The extension that a chapter has; None where it has none."""
        own = [
            r for r in standing(self.rulings) if (r.kind, r.student, r.chapter) == ("extend", report.student, chapter)
        ]
        return said(own[-1]) if own else None


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
    decisions = _Decisions(ledger.overrides(), ledger.rulings())
    changes: list[Change] = []
    for who in [*after, *(who for who in before if who not in after)]:
        is_new_work = digests[0].get(who) != digests[1].get(who)
        pair = sources[0].get(who, {}), sources[1].get(who, {})
        changes += _changes(before.get(who), after.get(who), pair, decisions, is_new_work=is_new_work)
    return tuple(changes)


def _changes(
    old: Report | None,
    new: Report | None,
    sources: tuple[Sources, Sources],
    decisions: _Decisions,
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
        why = _why(place, one, two, sources, decisions, student=new.student, is_new_work=is_new_work)
        yield Change(student, name, place, one.score if one else None, two.score if two else None, why)
    for change in _chapters(old, new, decisions):
        found = True
        yield change
    if (old.score, old.max_score) != (new.score, new.max_score):
        why = say("sum of the above") if found else say("policy: weights")
        yield Change(student, name, "", old.score, new.score, why)


def _chapters(old: Report, new: Report, decisions: _Decisions) -> Iterator[Change]:
    """Yield the chapters whose mark changed although the marks of their questions did not."""
    before = {chapter.id: chapter for chapter in old.chapters}
    for chapter in new.chapters:
        one = before.get(chapter.id)
        questions_equal = one is not None and [q.score for q in one.questions] == [q.score for q in chapter.questions]
        if one is None or one.score == chapter.score or not questions_equal:
            continue
        why = decisions.mark(new.student, chapter.id, None, chapter.score) or decisions.extension(new, chapter.id)
        why = why or say("policy: lateness, bonus, or a decision taken back")
        yield Change(new.submission, new.name, chapter.id, one.score, chapter.score, why)


def _scores(report: Report) -> dict[str, QuestionScore]:
    return {f"{chapter.id}/{q.id}": q for chapter in report.chapters for q in chapter.questions}


def _why(
    place: str,
    one: QuestionScore | None,
    two: QuestionScore | None,
    sources: tuple[Sources, Sources],
    decisions: _Decisions,
    *,
    student: str,
    is_new_work: bool,
) -> Message:
    chapter, _, question = place.partition("/")
    decided = decisions.mark(student, chapter, question, two.score) if two else None
    if said_of := decided or decisions.exception(student, chapter, question, is_full=two is not None):
        return said_of
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

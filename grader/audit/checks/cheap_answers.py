"""Effortless answers lose points: nothing, constants, and hard-coded values of the public cases."""

from __future__ import annotations

from collections.abc import Iterator

from grader.audit.findings import Finding
from grader.audit.subject import Subject
from grader.marking import returns
from grader.marking.credit import best_constants
from grader.marking.describe import cut
from grader.marking.diagnosis import compares_equal
from grader.nouns.text import say
from grader.nouns.value import Value

CHECK = "cheap_answers"
ORDER = 3
FIXED_SHARE = 0.1
"""A question without inputs has one answer, which can be written down: it may carry this share of its chapter."""
GUESSABLE_SHARE = 0.8
"""A part of a value may be the same in this share of the hidden cases."""
_SHOWN = 40
"""Characters of a constant that a finding shows."""
EMPTY: tuple[Value, ...] = (None, 0, 0.0, 1, -1, "", "a", [], {}, [0], [""], False, float("nan"))


def check(subject: Subject) -> Iterator[Finding]:
    """No empty return, no constant and no table of the public cases earns full marks on any draw.

    A constant is any value that is right for some case, returned for all of them. Parts that are marked by themselves
    earn what they are right more often than a constant, so that they have to differ between the hidden cases.
    """
    if not subject.truth or subject.question.call is None:
        return
    if not subject.question.inputs:
        yield _fixed(subject)
        return
    if subject.drawn == 0:
        text = say("there are no hidden cases: a table of the public answers earns full marks; add a pool")
        yield subject.finding(CHECK, text, ok=False)
        return
    yield from _pool(subject)
    yield from _guessable(subject)
    hidden = {case.id for case in subject.cases if case.hidden}
    public = set(subject.truth) - hidden
    public_values = [subject.truth[case] for case in public]
    table = public | {case for case in hidden if any(_right(subject, case, value) for value in public_values)}
    if subject.wins_some_draw(table):
        text = say("a table of the public answers earns full marks on some draw")
        yield subject.finding(CHECK, text, ok=False)
    for value in (*EMPTY, *subject.truth.values()):
        matching = {case for case in subject.truth if _right(subject, case, value)}
        if subject.wins_some_draw(matching):
            text = say(
                "the constant {value} earns full marks on some draw; cases it is right on: {count}",
                value=cut(repr(value), _SHOWN),
                count=len(matching),
            )
            yield subject.finding(CHECK, text, ok=False)
            return
    yield subject.finding(CHECK, say("empty returns, constants and written-down public answers lose"), ok=True)


def _guessable(subject: Subject) -> Iterator[Finding]:
    """Parts of a value that are nearly always the same: they are marked, and earn next to nothing."""
    truth = [subject.truth[case.id] for case in subject.cases if case.hidden]
    for part, share in best_constants(subject.question, truth).items():
        if share > GUESSABLE_SHARE:
            text = say(
                "`{part}` is the same in {share:.0%} of the hidden cases, so that it earns next to nothing; "
                "vary the inputs or leave it out of the comparison",
                part=part,
                share=share,
            )
            yield subject.finding(CHECK, text, ok=False)


def _fixed(subject: Subject) -> Finding:
    share = subject.question.points / subject.chapter.points
    text = say(
        "it takes no inputs, so its one answer can be written down; it carries {share:.0%} of the chapter", share=share
    )
    return subject.finding(CHECK, text, ok=share <= FIXED_SHARE)


def _pool(subject: Subject) -> Iterator[Finding]:
    hidden = subject.question.cases.hidden
    pool = len(hidden.pool) if hidden else 0
    if pool <= 1:
        text = say("the pool holds {count} case: every student gets the same; add more", count=pool)
        yield subject.finding(CHECK, text, ok=False)


def _right(subject: Subject, case: str, value: Value) -> bool:
    accepted = returns.accept(subject.question.returns, value)
    if isinstance(accepted, returns.Refused):
        return False
    return compares_equal(subject.question, subject.truth[case], accepted.value)

"""Every misconception loses points on every draw, and there are enough of them."""

from __future__ import annotations

from collections.abc import Iterator

from grader.audit.findings import Finding
from grader.audit.subject import Subject
from grader.marking import compare
from grader.marking.diagnosis import compares_equal
from grader.nouns.text import say

CHECK = "misconceptions_lose"
ORDER = 4
AT_LEAST = 3
"""Misconceptions that a question owes whose wrong answers show which mistake was made."""


def check(subject: Subject) -> Iterator[Finding]:
    """Each misconception runs, is not the truth, and cannot be drawn around; numeric questions have three."""
    question = subject.question
    if not subject.truth or question.call is None:
        return
    count = len(subject.misconceptions)
    if compare.is_diagnosable(question.comparison[0]) and count < AT_LEAST:
        text = say(
            "{count} misconceptions are described, {needed} are owed; add to misconceptions.py",
            count=count,
            needed=AT_LEAST,
        )
        yield subject.finding(CHECK, text, ok=False)
    for misconception in subject.misconceptions:
        yield _loses(subject, misconception.name)


def _loses(subject: Subject, name: str) -> Finding:
    values = subject.wrong.get(name, {})
    if not values:
        text = say("{name} gives no value on any case; mend it or take it out", name=name)
        return subject.finding(CHECK, text, ok=False)
    matching = {case for case, value in values.items() if compares_equal(subject.question, subject.truth[case], value)}
    if len(matching) == len(subject.truth):
        return subject.finding(CHECK, say("{name} equals the truth on every case", name=name), ok=False)
    if subject.wins_some_draw(matching):
        text = say(
            "{name} earns full marks on some draw: it is right on {cases}; take those out or draw more",
            name=name,
            cases=", ".join(sorted(matching)[:6]),
        )
        return subject.finding(CHECK, text, ok=False)
    wrong = len(subject.truth) - len(matching)
    return subject.finding(CHECK, say("{name} loses on every draw (wrong on {count})", name=name, count=wrong), ok=True)

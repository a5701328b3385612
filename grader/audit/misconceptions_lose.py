"""Every misconception loses points on every draw, and there are enough of them."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers.misconceptions import same
from grader.audit.findings import Finding
from grader.audit.subject import Subject

CHECK = "misconceptions_lose"
AT_LEAST = 3
COUNTED = {"close", "tensor", "sequence", "fields", "distribution"}
"""Comparisons of numbers and sequences, whose questions owe students a diagnosis."""


def check(subject: Subject) -> Iterator[Finding]:
    """Each misconception runs, is not the truth, and cannot be drawn around; numeric questions have three."""
    question = subject.question
    if not subject.truth or question.call is None:
        return
    count = len(subject.misconceptions)
    if question.comparison[0] in COUNTED and count < AT_LEAST:
        text = f"{count} misconceptions are described, {AT_LEAST} are owed; add to misconceptions.py"
        yield subject.finding(CHECK, text, ok=False)
    for misconception in subject.misconceptions:
        yield _loses(subject, misconception.name)


def _loses(subject: Subject, name: str) -> Finding:
    values = subject.wrong.get(name, {})
    if not values:
        return subject.finding(CHECK, f"{name} gives no value on any case; mend it or take it out", ok=False)
    matching = {case for case, value in values.items() if same(subject.question, subject.truth[case], value)}
    if len(matching) == len(subject.truth):
        return subject.finding(CHECK, f"{name} equals the truth on every case", ok=False)
    if subject.wins_some_draw(matching):
        shown = ", ".join(sorted(matching)[:6])
        text = f"{name} earns full marks on some draw: it is right on {shown}; take those out or draw more"
        return subject.finding(CHECK, text, ok=False)
    return subject.finding(
        CHECK, f"{name} loses on every draw (wrong on {len(subject.truth) - len(matching)})", ok=True
    )

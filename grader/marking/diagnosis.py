"""Which misconception a student's wrong values come from. Pure matching: nothing runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from grader.errors import BrokenReference
from grader.marking import compare, returns
from grader.nouns.misconception import Misconception, Values
from grader.nouns.outcome import Outcome, Returned
from grader.nouns.question import Case, Question
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.nouns.verdict import Verdict


def _value(question: Question, outcome: Outcome) -> Value | None:
    if not isinstance(outcome, Returned):
        return None
    accepted = returns.accept(question.returns, outcome.value)
    return None if isinstance(accepted, returns.Refused) else accepted.value


def compares_equal(question: Question, expected: Value, value: Value) -> bool:
    """Whether the question's own comparison takes one value for the other.

    A value it cannot use equals nothing, but for NaN: code that divides by no token at all does so in both.
    """
    if _is_nan(expected) and _is_nan(value):
        return True
    name, parameters = question.comparison
    parameters = compare.check_parameters(name, parameters)
    try:
        return compare.comparison(name)(expected, value, **parameters).share >= 1
    except BrokenReference:
        return False


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def match(
    question: Question,
    found: Sequence[Misconception],
    values: Values,
    failing: Mapping[str, Value],
) -> Misconception | None:
    """Find the misconception whose values equal the student's on all failing cases, or None.

    Args:
        question: whose comparison and tolerance decide what is equal.
        found: the question's misconceptions, in order of preference.
        values: what each of them gives.
        failing: case id to what the student returned there; empty when some case gave no value at all.
    """
    for misconception in found:
        given = values.get(misconception.name, {})
        if failing and all(
            case in given and compares_equal(question, given[case], value) for case, value in failing.items()
        ):
            return misconception
    return None


def failing_values(
    question: Question, verdict: Verdict, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> dict[str, Value]:
    """Return the student's values by case id where not fully right; empty if one such case has no value."""
    values: dict[str, Value] = {}
    if question.measure is not None or verdict.status == "forbidden":
        return values
    shares = {case.id: case.share for case in verdict.cases}
    for case, outcome in zip(cases, outcomes, strict=True):
        if shares.get(case.id, 0) < 1:
            value = _value(question, outcome)
            if value is None:
                return {}
            values[case.id] = value
    return values


def diagnosis(misconception: Misconception, question: Question) -> Message:
    """Return what a student is told: the explanation and further reading, never the expected value."""
    return say(
        "{explanation} (handout: {section})",
        explanation=misconception.explanation,
        section=misconception.see or question.see or question.id,
    )

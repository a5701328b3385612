"""Dictionaries, field by field, each by a comparison of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce
from typing import Any

from grader.errors import BrokenReference
from grader.marking import compare as comparisons
from grader.marking.describe import kind, shown
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison

DIAGNOSABLE = True

_SAID = 3  # fields whose problem is told


def compare(expected: Value, got: Value, /, **fields: comparisons.Nested) -> Comparison:
    """The mean of the shares that the fields' own comparisons give; other fields of the dictionaries do not count.

    Over the cases of a question, a field earns only what it is right more often than one value given every time.

    Args:
        expected: the reference's dictionary; a field that it lacks raises `BrokenReference`.
        got: anything; a field that it lacks has share 0.
        **fields: for each field one comparison with its parameters, for example `base={"close": {"rtol": 1e-4}}`.
    """
    if type(expected) is not dict or not expected.keys() >= fields.keys():
        words = say(
            "`fields` needs {names} from the reference, which gave {value}",
            names=", ".join(fields),
            value=shown(expected),
        )
        raise BrokenReference(words)
    if type(got) is not dict:
        return Comparison(share=0.0, message=say("a dictionary was expected, got {got}", got=kind(got)))
    found = {name: _field(name, spec, expected, got) for name, spec in fields.items()}
    share = sum(comparison.share for comparison in found.values()) / max(len(found), 1)
    wrong = {name: comparison for name, comparison in found.items() if comparison.share < 1}
    parts = {name: comparison.share for name, comparison in found.items()}
    if not wrong:
        return Comparison(share=1.0, parts=parts)
    return Comparison(share=share, message=_problems(wrong, len(found)), parts=parts)


def distance(expected: Value, got: Value, /, **fields: comparisons.Nested) -> float:
    """Return the largest distance of any field by its own comparison; infinite where a field is missing."""
    if type(expected) is not dict or type(got) is not dict:
        return math.inf
    worst = 0.0
    for field, spec in fields.items():
        if field not in got or field not in expected:
            return math.inf
        ((name, parameters),) = spec.items()
        worst = max(worst, comparisons.distance(name, parameters, expected[field], got[field]))
    return worst


def _field(name: str, spec: Mapping[str, Mapping[str, Any]], expected: Value, got: Value) -> Comparison:
    if name not in got:
        return Comparison(share=0.0, message=say("is missing"))
    ((comparison, parameters),) = spec.items()
    return comparisons.comparison(comparison)(expected[name], got[name], **parameters)


def _problems(wrong: Mapping[str, Comparison], count: int) -> Message:
    told = [
        say("{field}: {problem}", field=name, problem=comparison.message or say("is not right"))
        for name, comparison in list(wrong.items())[:_SAID]
    ]
    problems = reduce(lambda one, other: say("{one}; {other}", one=one, other=other), told)
    return say("{wrong} of {count} fields are not right: {problems}", wrong=len(wrong), count=count, problems=problems)

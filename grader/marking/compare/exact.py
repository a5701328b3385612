"""Equality of any value."""

from __future__ import annotations

from grader.marking.describe import kind, shown
from grader.marking.values import same
from grader.nouns.text import Message, say
from grader.nouns.value import Tensor, Value
from grader.nouns.verdict import Comparison


def compare(expected: Value, got: Value) -> Comparison:
    """Whether both are equal, whatever they are.

    1 and 1.0 are equal, True and 1 are not; dictionaries may have any order; tensors must agree in shape, in kind of
    element (float, integer, boolean) and in every element.
    """
    if same(expected, got):
        return Comparison(share=1.0)
    return Comparison(share=0.0, message=_parting(expected, got))


def _parting(expected: Value, got: Value) -> Message:
    """Find the first place where two values differ."""
    where = ""
    while True:
        step = _step(expected, got)
        if step is None:
            break
        place, expected, got = step
        where += place
    problem = _problem(expected, got)
    return say("at {where}: {problem}", where=where, problem=problem) if where else problem


def _step(expected: Value, got: Value) -> tuple[str, Value, Value] | None:
    if type(expected) is list and type(got) is list and len(expected) == len(got):
        index = next(i for i in range(len(got)) if not same(expected[i], got[i]))
        return f"[{index}]", expected[index], got[index]
    if type(expected) is dict and type(got) is dict and expected.keys() == got.keys():
        key = next(k for k in expected if not same(expected[k], got[k]))
        return f"[{shown(key, 40)}]", expected[key], got[key]
    return None


def _problem(expected: Value, got: Value) -> Message:
    if type(expected) is dict and type(got) is dict:
        missing = sum(key not in got for key in expected)
        if missing:
            return say("{missing} of the {count} expected keys are missing", missing=missing, count=len(expected))
        return say("the key {key} is not expected", key=shown(next(k for k in got if k not in expected)))
    numbers = {type(expected), type(got)} <= {int, float}
    alike = numbers or (type(expected) is type(got) and type(got) not in {list, Tensor})
    if alike or kind(expected) == kind(got):
        return say("another value was expected, got {value}", value=shown(got))
    return say("{expected} was expected, got {got}: {value}", expected=kind(expected), got=kind(got), value=shown(got))

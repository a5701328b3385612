"""Numbers within a tolerance."""

from __future__ import annotations

import math

from grader.errors import BrokenReference
from grader.marking.describe import gap, kind, shown
from grader.marking.values import Tolerance, number, real, tolerances_apart, within
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison

DIAGNOSABLE = True


def compare(expected: Value, got: Value, *, rtol: Tolerance = 1e-5, atol: Tolerance = 1e-8) -> Comparison:
    """Whether |got - expected| <= atol + rtol * |expected|; ints, floats and 0-d tensors are numbers, booleans not.

    An infinity matches the same infinity only, and NaN matches nothing.

    Args:
        expected: the reference's number; NaN or something else raises `BrokenReference`.
        got: anything.
        rtol: relative tolerance, a share of |expected|.
        atol: absolute tolerance, in the unit of the number.
    """
    truth = number(expected)
    if truth is None or math.isnan(real(truth)):
        raise BrokenReference(
            say("`close` needs a number from the reference, which gave {value}", value=shown(expected))
        )
    answer = number(got)
    if answer is None:
        return Comparison(share=0.0, message=say("a number was expected, got {got}", got=kind(got)))
    if within(truth, answer, rtol=rtol, atol=atol):
        return Comparison(share=1.0)
    return Comparison(share=0.0, message=_difference(truth, answer))


def distance(expected: Value, got: Value, *, rtol: Tolerance = 1e-5, atol: Tolerance = 1e-8) -> float:
    """|got - expected| / (atol + rtol * |expected|)."""
    return tolerances_apart(expected, got, rtol=rtol, atol=atol)


def _difference(truth: float, answer: float) -> Message:
    if math.isnan(real(answer)):
        return say("a number was expected, got NaN, which is not a number")
    if not math.isfinite(real(answer)):
        return say("another number was expected, got {value}, which is infinite or too large", value=shown(answer))
    if not math.isfinite(real(truth)):
        return say("another number was expected, got {value}", value=shown(answer))
    if answer > truth:
        return say("{value} is too large: {gap}", value=shown(answer), gap=gap(truth, answer))
    return say("{value} is too small: {gap}", value=shown(answer), gap=gap(truth, answer))

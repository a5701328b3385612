"""Tensors, or lists in lists of numbers, element by element within a tolerance."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.errors import BrokenReference
from grader.marking.describe import gap, kind, roughly, shown, sizes
from grader.marking.values import Tolerance, array, tolerances_apart
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison

DIAGNOSABLE = True

_Array = np.ndarray[Any, Any]


def compare(expected: Value, got: Value, *, rtol: Tolerance = 1e-5, atol: Tolerance = 1e-8) -> Comparison:
    """Whether shapes agree and for every element |got - expected| <= atol + rtol * |expected|, counted in float64.

    Either side may be a tensor or lists in lists of numbers. Integer and float elements may be compared; boolean
    elements only with boolean ones. An infinity matches the same infinity only, and NaN matches nothing.

    Args:
        expected: the reference's tensor, free of NaN.
        got: anything.
        rtol: relative tolerance, a share of the expected element's size.
        atol: absolute tolerance, in the unit of the elements.
    """
    truth, answer = array(expected), array(got)
    if truth is None or (truth.dtype.kind == "f" and bool(np.isnan(truth).any())):
        raise BrokenReference(
            say("`tensor` needs a tensor without NaN from the reference, which gave {value}", value=shown(expected))
        )
    if answer is None:
        return _wrong(say("a tensor of numbers was expected, got {got}", got=kind(got)))
    if truth.shape != answer.shape:
        expected_shape, got_shape = sizes(truth.shape), sizes(answer.shape)
        return _wrong(say("shape {expected} was expected, got {got}", expected=expected_shape, got=got_shape))
    if (truth.dtype.kind == "b") is not (answer.dtype.kind == "b") and truth.size:
        if truth.dtype.kind == "b":
            return _wrong(say("boolean elements were expected, got numbers"))
        return _wrong(say("numbers were expected as elements, got booleans"))
    off = ~_matches(truth, answer, rtol, atol)
    return _wrong(_difference(truth, answer, off)) if off.any() else Comparison(share=1.0)


def distance(expected: Value, got: Value, *, rtol: Tolerance = 1e-5, atol: Tolerance = 1e-8) -> float:
    """|got - expected| / (atol + rtol * |expected|) of the element that is farthest off."""
    return tolerances_apart(expected, got, rtol=rtol, atol=atol)


def _wrong(message: Message) -> Comparison:
    return Comparison(share=0.0, message=message)


def _matches(truth: _Array, answer: _Array, rtol: float, atol: float) -> _Array:
    first, second = truth.astype(np.float64), answer.astype(np.float64)
    with np.errstate(all="ignore"):
        near = np.abs(second - first) <= atol + rtol * np.abs(first)
    finite = np.isfinite(first) & np.isfinite(second)
    matches: _Array = np.asarray((truth == answer) | (near & finite))
    return matches


def _place(mask: _Array, flat: int) -> str:
    return sizes(tuple(int(i) for i in np.unravel_index(flat, mask.shape)))


def _difference(truth: _Array, answer: _Array, off: _Array) -> Message:
    first, second = truth.astype(np.float64), answer.astype(np.float64)
    share = f"{roughly(100 * float(off.mean()))} %" if off.size > 1 else "100 %"
    values: dict[str, int | str] = {"off": int(off.sum()), "total": off.size, "share": share}
    undefined = np.isnan(second)
    if undefined.any():
        return say(
            "{count} of {total} elements are NaN, the first at index {index}",
            count=int(undefined.sum()),
            total=off.size,
            index=_place(undefined, int(undefined.argmax())),
        )
    finite = np.isfinite(first) & np.isfinite(second)
    if not (off & finite).any():
        return say(
            "{off} of {total} elements (about {share}) are off, the first at index {index}, which should be finite "
            "where yours is infinite or the other way round",
            index=_place(off, int(off.argmax())),
            **values,
        )
    with np.errstate(all="ignore"):
        deviation = np.where(off & finite, np.abs(second - first), -1.0)
    worst = int(deviation.argmax())
    return say(
        "{off} of {total} elements (about {share}) are off; the largest deviation is at index {index}, where {value} "
        "came: {gap}",
        index=_place(off, worst),
        value=shown(answer.flat[worst].item()),
        gap=gap(float(first.flat[worst]), float(second.flat[worst])),
        **values,
    )

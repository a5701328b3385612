"""Plain questions about a `Value`: is it a number, is it the same as another, is it too large to look at.

Everything from a student is hostile data. These functions look at exact built-in types only, call no method of what
they are given, and neither overflow nor recurse without bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from grader.nouns.text import say
from grader.nouns.value import MOST_VALUES, Tensor, Value

DEEPEST = 50  # levels of lists in lists


def _not_a_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(say("write a number, not true or false"))  # noqa: TRY004 - pydantic collects ValueError
    return value


Tolerance = Annotated[float, Field(ge=0, allow_inf_nan=False), BeforeValidator(_not_a_boolean)]
"""A relative or absolute tolerance: a finite number, not negative."""


def number(value: Value) -> int | float | None:
    """Read a number from an int, a float or a numeric 0-d tensor; None for everything else, booleans too."""
    if type(value) in {int, float}:
        return value  # type: ignore[no-any-return]
    if type(value) is Tensor and value.array.ndim == 0:
        if value.array.dtype.kind == "f":
            return float(value.array)
        if value.array.dtype.kind in "iu":
            return int(value.array)
    return None


def real(value: float) -> float:
    """Convert an int or float to the nearest float; an int beyond the range of floats becomes infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def within(expected: float, got: float, *, rtol: float, atol: float) -> bool:
    """Whether two numbers are equal or both finite with |got - expected| <= atol + rtol * |expected|.

    An infinity equals the same infinity only; NaN equals nothing.
    """
    if expected == got:
        return True
    first, second = real(expected), real(got)
    if not (math.isfinite(first) and math.isfinite(second)):
        return False
    return abs(second - first) <= atol + rtol * abs(first)


def tolerances_apart(expected: Value, got: Value, *, rtol: float, atol: float) -> float:
    """The largest |got - expected| / (atol + rtol * |expected|) of two numbers, tensors or lists in lists of numbers.

    0 for the same value, 1 at the edge of what `within` accepts, infinite for another shape, NaN and what is no number.
    """
    first, second = array(expected), array(got)
    if first is None or second is None or first.shape != second.shape:
        return math.inf
    if (first.dtype.kind == "b") is not (second.dtype.kind == "b"):
        return math.inf
    truth, answer = first.astype(np.float64), second.astype(np.float64)
    with np.errstate(all="ignore"):
        units = np.abs(answer - truth) / (atol + rtol * np.abs(truth))
    units = np.where(first == second, 0.0, units)
    return float(np.nan_to_num(units, nan=math.inf, posinf=math.inf).max(initial=0.0))


def same(first: Value, second: Value) -> bool:
    """Whether two values are equal: 1 equals 1.0, True does not equal 1, tensors also need one kind of elements."""
    if type(first) is list and type(second) is list:
        return len(first) == len(second) and all(map(same, first, second))
    if type(first) is dict and type(second) is dict:
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if type(first) is Tensor and type(second) is Tensor:
        return _families(first.array) == _families(second.array) and np.array_equal(first.array, second.array)
    if type(first) in {int, float} and type(second) in {int, float}:
        return bool(first == second)
    return type(first) is type(second) and type(first) in {bool, str, type(None)} and bool(first == second)


def _families(elements: np.ndarray[Any, Any]) -> str:
    return {"b": "truth", "i": "integer", "u": "integer", "f": "float"}.get(elements.dtype.kind, "other")


def array(value: Value) -> np.ndarray[Any, Any] | None:
    """Convert a tensor or nested lists of numbers to an array; None for ragged or other content.

    Lists of booleans make a boolean array; numbers and booleans do not mix. A list with a float is float64.
    """
    if type(value) is Tensor:
        return value.array if value.array.dtype.kind in "biuf" else None
    shape: list[int] = []
    level: list[Any] = [value]
    while level and all(type(part) is list for part in level):
        if len({len(part) for part in level}) > 1 or len(shape) == DEEPEST:
            return None
        shape.append(len(level[0]))
        level = [item for part in level for item in part]
    kinds = {type(item) for item in level}
    if not kinds <= {int, float} and kinds != {bool}:
        return None
    if kinds == {int} and all(-(2**63) <= item < 2**63 for item in level):
        return np.array(level, dtype=np.int64).reshape(shape)
    if kinds == {bool}:
        return np.array(level, dtype=np.bool_).reshape(shape)
    return np.array([real(item) for item in level], dtype=np.float64).reshape(shape)


def oversized(value: Value) -> bool:
    """Whether a value is nested deeper than `DEEPEST` or holds more than `MOST_VALUES` values (a tensor is one)."""
    parts = 0
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        parts += len(level)
        if parts > MOST_VALUES:
            return True
        level = [item for part in level for item in _items(part)]
        if not level:
            return False
    return True


def _items(value: Value) -> Iterable[Any]:
    if type(value) is dict:
        return value.values()
    return value if type(value) is list else ()

"""How far a value is from the truth, in units of the question's own tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.marking import compare
from grader.nouns.value import Tensor, Value

INFINITE = math.inf


def distance(comparison: str, parameters: Mapping[str, Any], expected: Value, got: Value) -> float:
    """0 for the same value, 1 at the edge of what is accepted, infinite where no tolerance could bridge it.

    For numbers: |got - expected| / (atol + rtol |expected|), the largest over all elements.
    """
    match comparison:
        case "close" | "tensor":
            return _numbers(expected, got, parameters)
        case "fields":
            return _fields(parameters, expected, got)
        case "distribution":
            return _distribution(expected, got, parameters)
        case _:
            return 0.0 if compare.comparison(comparison)(expected, got, **parameters).share >= 1 else INFINITE


def _numbers(expected: Value, got: Value, parameters: Mapping[str, Any]) -> float:
    first, second = _array(expected), _array(got)
    if first is None or second is None or first.shape != second.shape:
        return INFINITE
    rtol, atol = float(parameters.get("rtol", 1e-5)), float(parameters.get("atol", 1e-8))
    with np.errstate(all="ignore"):
        units = np.abs(second - first) / (atol + rtol * np.abs(first))
    units = np.where(first == second, 0.0, units)
    return float(np.nan_to_num(units, nan=INFINITE, posinf=INFINITE).max(initial=0.0))


def _array(value: Value) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    try:
        return np.asarray(value.array if isinstance(value, Tensor) else value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None


def _fields(parameters: Mapping[str, Any], expected: Value, got: Value) -> float:
    if not isinstance(expected, dict) or not isinstance(got, dict):
        return INFINITE
    worst = 0.0
    for field, wanted in parameters.items():
        if field not in got or field not in expected:
            return INFINITE
        ((name, inner),) = wanted.items()
        worst = max(worst, distance(name, inner, expected[field], got[field]))
    return worst


def _distribution(expected: Value, got: Value, parameters: Mapping[str, Any]) -> float:
    if compare.comparison("distribution")(expected, got, **parameters).share >= 1 or _same_tokens(expected, got):
        return _numbers([p for _, p in expected], [p for _, p in got], parameters)
    return INFINITE


def _same_tokens(expected: Value, got: Value) -> bool:
    try:
        return [token for token, _ in expected] == [token for token, _ in got]
    except (TypeError, ValueError):
        return False

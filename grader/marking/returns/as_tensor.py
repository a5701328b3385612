"""Values that stand for a declared tensor: another element type, or nested lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.marking.returns.tensor_schema import FAMILIES, Schema, dtype_fits
from grader.nouns.value import Tensor, Value

_WIDENED = {"float16": "float32", "bfloat16": "float32"}
"""Element types whose elements are kept in a wider one."""


def as_tensor(schema: Schema, value: Value) -> Value:
    """Return the declared tensor where a value has its elements in another form; else the value itself.

    Integers stand for floats, not the other way round, and booleans for nothing else. With `dtype: exact` only a tensor
    of the declared type will do.
    """
    if schema.get("dtype") == "exact":
        return value
    tensor = _from_lists(value) if type(value) is list else value
    if type(tensor) is not Tensor or tensor.array.dtype.kind not in "iuf":
        return value
    if dtype_fits(schema, tensor):
        return tensor
    wanted = FAMILIES[schema["tensor"]]
    name = "float32" if "float32" in wanted else "int64" if "int64" in wanted else wanted[0]
    if name == "bool" or (tensor.array.dtype.kind == "f" and "int" in name):
        return value
    with np.errstate(over="ignore"):
        array = tensor.array.astype(_WIDENED.get(name, name))
    if "int" in name and not np.array_equal(array, tensor.array):
        return value
    return Tensor(name, array)


def _from_lists(value: list[Any]) -> Tensor | None:
    """Nested lists of numbers of one length at each level as a tensor; None where they are anything else."""
    kinds = {type(leaf) for leaf in _leaves(value)}
    if not kinds or kinds - {int, float}:
        return None
    try:
        array = np.array(value, dtype="int64" if kinds == {int} else "float64")
    except (OverflowError, ValueError):  # too large an integer, or rows of different lengths
        return None
    return Tensor(str(array.dtype), array)


def _leaves(value: list[Any]) -> Iterator[Any]:
    for item in value:
        if type(item) is list:
            yield from _leaves(item)
        else:
            yield item

"""How far a value is from the truth, in units of the question's own tolerance: what the audit of tolerances goes by."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from grader.marking import compare
from grader.nouns.value import Tensor

TOLERANCE = {"rtol": 0.0, "atol": 0.5}
RANKED = [["a", 0.5], ["b", 0.25]]


def tensor(*values: float, dtype: str = "float32") -> Tensor:
    return Tensor(dtype=dtype, array=np.array(values, dtype=dtype))


@pytest.mark.parametrize(
    ("name", "parameters", "expected", "got", "far"),
    [
        ("close", TOLERANCE, 1.0, 1.0, 0),
        ("close", TOLERANCE, 1.0, 1.5, 1),
        ("close", {"rtol": 0.1, "atol": 0.0}, -10.0, -12.0, 2),
        ("close", TOLERANCE, 1.0, math.nan, math.inf),
        ("close", TOLERANCE, 1.0, "1.0", math.inf),
        ("close", TOLERANCE, 1.0, True, math.inf),
        ("close", TOLERANCE, math.inf, math.inf, 0),
        ("close", {"rtol": 0.0, "atol": 0.0}, 0.0, 0.0, 0),
        ("tensor", TOLERANCE, [1.0, 2.0], [1.0, 3.0], 2),
        ("tensor", TOLERANCE, tensor(1.0, 2.0), [1.0, 3.0], 2),
        ("tensor", TOLERANCE, [1.0, 2.0], [1.0], math.inf),
        ("tensor", TOLERANCE, tensor(1, 0, dtype="bool"), [1.0, 0.0], math.inf),
        ("fields", {"a": {"close": TOLERANCE}, "b": {"exact": {}}}, {"a": 1.0, "b": 1}, {"a": 2.0, "b": 1}, 2),
        ("fields", {"a": {"close": TOLERANCE}, "b": {"exact": {}}}, {"a": 1.0, "b": 1}, {"a": 1.0, "b": 2}, math.inf),
        ("fields", {"a": {"close": TOLERANCE}}, {"a": 1.0}, {}, math.inf),
        ("fields", {"a": {"close": TOLERANCE}}, {"a": 1.0}, 1.0, math.inf),
        ("distribution", {"rtol": 0.0, "atol": 0.01}, RANKED, [["a", 0.5], ["b", 0.27]], 2),
        ("distribution", {"rtol": 0.0, "atol": 0.01}, RANKED, [["b", 0.5], ["a", 0.25]], math.inf),
        ("distribution", {"rtol": 0.0, "atol": 0.01}, RANKED, [["a", 0.5]], math.inf),
        ("distribution", {}, RANKED, "ab", math.inf),
        ("exact", {}, 1, 1, 0),
        ("exact", {}, 1, 2, math.inf),
        ("text", {"ignore": ["case"]}, "Aa", "aA", 0),
        ("sequence", {"partial": True}, [1, 2, 3], [1, 2, 4], math.inf),
    ],
)
def test_distances_are_in_units_of_the_tolerance(
    name: str, parameters: dict[str, Any], expected: Any, got: Any, far: float
) -> None:
    """1 is the edge of what is accepted; without a distance of its own, a comparison knows right and infinitely far."""
    checked = compare.check_parameters(name, parameters)
    assert compare.distance(name, checked, expected, got) == pytest.approx(far)
    accepted = compare.comparison(name)(expected, got, **checked).share >= 1
    assert accepted is (far <= 1)

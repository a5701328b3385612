"""Numbers and tensors: within the tolerance is right, beyond is wrong, and the words say how far off."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.language.speak import speak
from grader.marking.compare import close, tensor
from grader.marking.describe import roughly
from grader.nouns.value import Tensor

NUMBERS = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)


def said(module: Any, expected: Any, got: Any, **parameters: Any) -> str:
    """The message of a wrong answer."""
    return speak(module.compare(expected, got, **parameters).message, "en")


@given(expected=NUMBERS, share=st.floats(0, 0.999), sign=st.sampled_from([-1, 1]))
def test_within_the_tolerance_is_right(expected: float, share: float, sign: int) -> None:
    """Any number up to atol + rtol * |expected| away matches."""
    allowed = 1e-3 + 1e-4 * abs(expected)
    assert close.compare(expected, expected + sign * share * allowed, rtol=1e-4, atol=1e-3).share == 1


@given(expected=NUMBERS, beyond=st.floats(1.001, 1e6), sign=st.sampled_from([-1, 1]))
def test_beyond_the_tolerance_is_wrong(expected: float, beyond: float, sign: int) -> None:
    """Any number further away does not, alone or in a tensor, and the first message gives the direction."""
    got = expected + sign * beyond * (1e-3 + 1e-4 * abs(expected))
    words = said(close, expected, got, rtol=1e-4, atol=1e-3)
    assert ("too large" if sign > 0 else "too small") in words
    assert tensor.compare([0.0, expected], [0.0, got], rtol=1e-4, atol=1e-3).share == 0


@pytest.mark.parametrize(
    ("expected", "got", "right"),
    [
        (1, 1.0, True),
        (2**53 + 1, 2**53 + 1, True),
        (1.0, True, False),
        (1.0, "1.0", False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (math.inf, 1e308, False),
        (1.0, math.nan, False),
        (1.0, math.inf, False),
        (1.0, 10**4000, False),
        (10**4000, 10**4000, True),
        (1.5, Tensor("float32", np.array(1.5, np.float32)), True),
        (3, Tensor("int64", np.array(3)), True),
        (1, Tensor("bool", np.array(True)), False),
        (1.5, [1.5], False),
    ],
)
def test_what_is_a_number_and_when_it_matches(expected: Any, got: Any, right: float) -> None:
    """Ints, floats and 0-d tensors are numbers; booleans, texts and lists are not; infinities match themselves."""
    assert close.compare(expected, got).share == right


def test_a_difference_is_said_coarsely() -> None:
    """The size of the difference helps, and its digits do not give the answer away."""
    assert said(close, -3.21875, -4.0) == "-4.0 is too small: off by about 1, about 20 % of the expected size"
    assert said(close, 0.0, 0.3) == "0.3 is too large: off by about 0.2, many times the expected size"
    assert said(close, 1.0, math.nan) == "a number was expected, got NaN, which is not a number"
    assert "infinite or too large" in said(close, 1.0, 10**4000)
    assert said(close, 1.0, "1") == "a number was expected, got a string"


@given(size=st.floats(min_value=0, allow_nan=False))
def test_rough_sizes_are_one_two_or_five(size: float) -> None:
    """Every size is shown as 0, 1, 2 or 5 times a power of ten, at most a factor of two away."""
    rough = roughly(size)
    assert rough.rstrip("0").replace(".", "").lstrip("0").partition("e")[0] in {"", "1", "2", "5", "inf"}
    if 1e-300 < size < 1e300:
        assert size / 2 <= float(rough) <= size * 2


@pytest.mark.parametrize(
    ("expected", "got", "right"),
    [
        ([1, 2], [1.0, 2.0], True),
        ([[1, 2]], [[1, 2], [3, 4]], False),
        ([True], [True], True),
        ([True], [1], False),
        ([1], [True], False),
        ([1.0], [True], False),
        ([], [], True),
        ([1.0, math.inf], [1.0, math.inf], True),
        ([1.0, math.inf], [1.0, 3.0], False),
        ([1.0, -math.inf], [1.0, math.inf], False),
        ([2**62 + 1], [2**62 + 1], True),
        ([1.0], [10**400], False),
        ([1.0], ["1.0"], False),
        ([[1.0], [2.0]], [[1.0], [2.0, 3.0]], False),
        ([1.0], 1.0, False),
    ],
)
def test_tensors_and_lists_compare_alike(expected: Any, got: Any, right: float) -> None:
    """Shape, kind of element and every element count; lists stand for tensors."""
    assert tensor.compare(expected, got).share == right
    if expected != [2**62 + 1]:
        assert tensor.compare(Tensor("any", np.array(expected)), got).share == right


def test_a_tensor_says_shape_share_and_worst_place() -> None:
    """What is wrong with a tensor is its shape, NaN in it, or how many elements are off and where most."""
    truth = np.linspace(1, 2, 12, dtype=np.float32).reshape(3, 4)
    got = truth.copy()
    got[1, 2] += 0.5
    got[0, 0] += 0.25
    words = said(tensor, Tensor("float32", truth), Tensor("float32", got))
    assert words.startswith("2 of 12 elements (about 20 %) are off; the largest deviation is at index [1, 2], where ")
    assert "off by about 0.5" in words
    got[2, 3] = np.nan
    assert said(tensor, truth.tolist(), got.tolist()) == "1 of 12 elements are NaN, the first at index [2, 3]"
    assert said(tensor, [[1.0]], [1.0]) == "shape [1, 1] was expected, got [1]"
    assert said(tensor, [1.0], None) == "a tensor of numbers was expected, got None"
    assert "infinite" in said(tensor, [1.0, -math.inf], [1.0, 0.0])

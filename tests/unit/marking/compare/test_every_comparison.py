"""What holds of all comparisons: equal is right, junk is wrong and never an exception, the truth is never said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.errors import BrokenReference
from grader.language.speak import speak
from grader.marking import compare
from grader.nouns.value import Opaque, Tensor


def tensor(values: Any, dtype: str = "float32") -> Tensor:
    """A tensor as it comes off the wire."""
    return Tensor(dtype=dtype, array=np.array(values, dtype=None if dtype == "bfloat16" else dtype))


SPECS: dict[str, tuple[dict[str, Any], Any]] = {
    "exact": ({}, {"a": [1, "x", None, True], "b": 2.5}),
    "close": ({"rtol": "1e-4"}, -3.25),
    "sequence": ({}, [17, 291, 5]),
    "tensor": ({"atol": 1e-3}, [[0.125, 0.25], [0.5, 1.0]]),
    "choice": ({"options": ["A", "B"]}, "B"),
    "text": ({"ignore": ["case", "space"]}, "Hidden answer"),
    "fields": ({"base": {"close": {"rtol": 1e-4}}, "higher": {"exact": {}}}, {"base": -3.25, "higher": "base"}),
    "bars": ({"accuracy": {"at_least": 0.95}}, {"accuracy": 0.97}),
    "distribution": ({"ties": 1e-4, "rtol": 1e-3}, [["巴", 0.5], ["黎", 0.25]]),
}
JUNK: list[Any] = [
    None, True, 0, -1, 10**4000, math.nan, math.inf, -math.inf, 1e308, "", "\ud800", "x" * 100_000,
    [], [[]], {}, [None], [math.nan, "a"], [10**400], [[1, 2], [3]], [["巴", "x"]], [["巴", math.nan], ["黎", 0.25]],
    [[True, 0.5], [None, 0.1]], {"base": None}, {"base": 10**400, "higher": []}, {"accuracy": math.nan},
    Opaque("generator"), Opaque("\x1b[31m"), [Opaque("x")] * 3,
    tensor(1.5), tensor([1.0, 2.0, 3.0]), tensor([[math.nan, math.inf], [1, 1]]), tensor([[], []]),
    tensor([True], "bool"), tensor([1 + 1j], "complex64"), tensor([[1e38, 1], [1, 1]]),
]  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)


def run(name: str, expected: Any, got: Any) -> Any:
    """A comparison with its sample parameters."""
    parameters = compare.check_parameters(name, SPECS[name][0])
    return compare.comparison(name)(expected, got, **parameters)


def test_the_samples_here_cover_all_comparisons() -> None:
    """A new file in the folder is a new comparison and wants a sample."""
    assert set(SPECS) == set(compare.names())


@pytest.mark.parametrize("name", SPECS)
def test_the_truth_is_right(name: str) -> None:
    """Every comparison is reflexive, and has nothing to say about a match."""
    found = run(name, SPECS[name][1], SPECS[name][1])
    assert (found.share, found.message) == (1.0, None)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_junk_is_wrong_and_said(name: str, junk: Any) -> None:
    """Hostile values get a share below 1 and words that can be rendered, short and printable."""
    found = run(name, SPECS[name][1], junk)
    assert 0 <= found.share < 1
    words = speak(found.message, "en")
    assert words.isprintable()
    assert len(words) < 1000
    words.encode("utf-8")


@pytest.mark.parametrize("name", SPECS)
@settings(max_examples=60, deadline=None)
@given(got=VALUES)
def test_no_value_raises(name: str, got: Any) -> None:
    """Whatever comes, the share is within [0, 1], and there is a message exactly where something is lost."""
    found = run(name, SPECS[name][1], got)
    assert 0 <= found.share <= 1
    assert (found.message is None) == (found.share == 1)


@pytest.mark.parametrize("name", sorted(SPECS.keys() - {"bars"}))
@pytest.mark.parametrize(
    "got", [0, "", [], {}, [0, 0, 0], [[0, 0], [0, 0]], [["x", 0], ["y", 0]], {"base": 0, "higher": 0}]
)
def test_the_truth_is_never_said(name: str, got: Any) -> None:
    """No part of the expected value is in the message of a wrong answer."""
    words = speak(run(name, SPECS[name][1], got).message, "en")
    for secret in ("3.25", "17", "291", "0.125", "0.25", "Hidden", "hidden", "巴", "黎", "2.5", "'base'"):
        assert secret not in words


@pytest.mark.parametrize("name", sorted(SPECS.keys() - {"bars", "exact"}))
@pytest.mark.parametrize("broken", [None, math.nan, Opaque("generator"), {"x": 1}, [math.nan]])
def test_a_broken_reference_is_the_staffs_fault(name: str, broken: Any) -> None:
    """An expected value that cannot be compared with is an exception, not a wrong answer."""
    if name == "sequence" and broken == [math.nan]:
        return
    with pytest.raises(BrokenReference):
        run(name, broken, SPECS[name][1])


def test_an_unknown_comparison_names_those_there_are() -> None:
    """The loader of specs shows the author what may be written."""
    for wrong in ("clos", "__init__", "os", "close.x", ""):
        with pytest.raises(LookupError, match="choice, close"):
            compare.check_parameters(wrong, {})


@pytest.mark.parametrize(
    ("name", "parameters", "place"),
    [
        ("close", {"rtl": 1}, ("rtl",)),
        ("close", {"rtol": -1}, ("rtol",)),
        ("close", {"rtol": True}, ("rtol",)),
        ("close", {"atol": "nan"}, ("atol",)),
        ("close", {"atol": math.inf}, ("atol",)),
        ("close", None, ()),
        ("exact", {"x": 1}, ("x",)),
        ("sequence", {"partial": "perhaps"}, ("partial",)),
        ("text", {"ignore": ["accents"]}, ("ignore", 0)),
        ("fields", {}, ()),
        ("fields", {"a": {"close": {"rtl": 1}}}, ("a",)),
        ("fields", {"a": {"clos": {}}}, ("a",)),
        ("fields", {"a": {"close": {}, "exact": {}}}, ("a",)),
        ("fields", {"a": {"fields": {"b": {"exact": {"x": 1}}}}}, ("a",)),
        ("bars", {}, ()),
        ("bars", {"a": {}}, ("a",)),
        ("bars", {"a": {"at_least": 1, "at_most": 2}}, ("a",)),
        ("bars", {"a": {"at_least": True}}, ("a", "at_least")),
        ("bars", {"a": {"between": [2, 1]}}, ("a",)),
        ("bars", {"a": {"at_least": 1, "zero": 2}}, ("a",)),
        ("bars", {"a": {"at_most": 1, "full": 2}}, ("a",)),
        ("bars", {"a": {"equals": 1, "full": 2}}, ("a",)),
    ],
)
def test_bad_parameters_are_refused_with_their_place(name: str, parameters: Any, place: tuple[Any, ...]) -> None:
    """Unknown, ill-typed and senseless parameters are found when the spec is read."""
    with pytest.raises(ValidationError) as caught:
        compare.check_parameters(name, parameters)
    assert caught.value.errors()[0]["loc"] == place


def test_numbers_of_yaml_that_are_texts_are_read() -> None:
    """YAML reads 1e-4 as a text; it is a number all the same, also within fields."""
    assert compare.check_parameters("close", {"rtol": "1e-4"}) == {"rtol": 1e-4, "atol": 1e-8}
    checked = compare.check_parameters("fields", {"a": {"close": {"rtol": "1e-4"}}})
    assert checked["a"]["close"]["rtol"] == pytest.approx(1e-4)
    assert compare.check_parameters("fields", checked) == checked

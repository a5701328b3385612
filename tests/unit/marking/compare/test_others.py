"""Exact, sequence, choice, text, fields, bars, distribution: what matches, what does not, and what is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.language.speak import speak
from grader.marking import compare
from grader.nouns.value import Tensor


def found(name: str, expected: Any, got: Any, **parameters: Any) -> tuple[float, str]:
    """Share and message."""
    comparison = compare.comparison(name)(expected, got, **compare.check_parameters(name, parameters))
    return comparison.share, speak(comparison.message, "en") if comparison.message else ""


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        (1, 1.0, ""),
        (1, True, "an integer was expected, got a boolean: True"),
        ("a", 1, "a string was expected, got an integer: 1"),
        (103424, 103000, "another value was expected, got 103000"),
        ([1, [2, 3]], [1, [2, 4]], "at [1][1]: another value was expected, got 4"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "at ['a']['b']: another value was expected, got 2"),
        ({"a": 1}, {"b": 1}, "1 of the 1 expected keys are missing"),
        ({"a": 1}, {"a": 1, "b": 2}, "the key 'b' is not expected"),
        ([1, 2], [1], "a list of 2 integers was expected, got a list of one item: [1]"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ""),
    ],
)
def test_exact(expected: Any, got: Any, words: str) -> None:
    """Equality is by value, without booleans for numbers; the message leads to the place."""
    assert found("exact", expected, got) == (float(not words), words)


def test_exact_tensors() -> None:
    """Tensors agree in shape, kind of element and elements."""
    one = Tensor("float32", np.ones(3, np.float32))
    assert found("exact", one, Tensor("float64", np.ones(3)))[0] == 1
    assert found("exact", one, Tensor("int64", np.ones(3, np.int64)))[0] == 0
    assert found("exact", one, Tensor("float32", np.ones((1, 3), np.float32)))[0] == 0


PARTING = "the first difference is at index {} (counted from 0), where {} came; {} of {} items are right"


@pytest.mark.parametrize(
    ("expected", "got", "words"),
    [
        ([1, 2, 3], [1, 2, 3.0], ""),
        ([1, 2, 3], [1, 5, 3], PARTING.format(1, "5", 2, 3)),
        ([1, 2, 3], [1, 2], "it ends early: 3 items were expected, got 2"),
        ([1, 2], [1, 2, 3], "it goes on too long: 2 items were expected, got 3; the first 2 are right"),
        ([1, 2], [9, 2, 3], PARTING.format(0, "9", 1, 2) + ", and 3 items came"),
        ([1, 2], [], "2 items were expected, got none"),
        ([1, 0], [True, False], PARTING.format(0, "True", 0, 2)),
        ("abc", "abd", PARTING.format(2, "'d'", 2, 3)),
        ("abc", ["a", "b", "c"], "a string was expected, got a list of 3 strings"),
        ([1, 2], "12", "a list was expected, got a string"),
    ],
)  # fmt: skip
def test_sequence(expected: Any, got: Any, words: str) -> None:
    """The message says where two sequences part."""
    assert found("sequence", expected, got) == (float(not words), words)


def test_sequence_in_part_and_of_tensors() -> None:
    """`partial` gives the share of positions that agree; a one-dimensional tensor is a list."""
    assert found("sequence", [1, 2, 3, 4], [1, 2, 9, 4], partial=True)[0] == 0.75
    assert found("sequence", [1, 2], [1, 2, 3, 4], partial=True)[0] == 0.5
    assert found("sequence", [1, 2], Tensor("int64", np.array([1, 2])))[0] == 1
    assert found("sequence", [1, 2], Tensor("int64", np.array([[1, 2]])))[0] == 0


@given(st.lists(st.integers(0, 9), min_size=1), st.data())
def test_a_changed_item_is_caught(items: list[int], data: st.DataObject) -> None:
    """One changed item is found at its index."""
    place = data.draw(st.integers(0, len(items) - 1))
    changed = [*items[:place], items[place] + 1, *items[place + 1 :]]
    share, words = found("sequence", items, changed)
    assert share == 0
    assert f"at index {place} " in words


@pytest.mark.parametrize(
    "text",
    ["B", "b", " B ", "Ｂ", "ｂ", "B.", "B、", "（B）", "(b) bigram", "B：bigram", "B: A bigram", "选B", "答案是 B。",
     "B bigram"],
)  # fmt: skip
def test_choice_is_read_however_it_is_written(text: str) -> None:
    """Case, width, brackets, labels and words around it do not matter."""
    assert found("choice", "B", text, options=["A", "B", "C"]) == (1.0, "")
    assert found("choice", "A", text, options=["A", "B", "C"]) == (0.0, "'B' is not the right option")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("E", "'E' is not offered; choose one of A, B, C"),
        ("bigram", "'bigram' is not offered; choose one of A, B, C"),
        ("A or B", "one option was expected, got several: 'A or B'"),
        ("A、B", "one option was expected, got several: 'A、B'"),
        (2, "the letter of an option was expected, got an integer"),
        (None, "the letter of an option was expected, got None"),
    ],
)
def test_choice_names_what_is_offered(text: Any, words: str) -> None:
    """No option, or more than one, is wrong and told so."""
    assert found("choice", "B", text, options=["A", "B", "C"]) == (0.0, words)


@pytest.mark.parametrize(
    ("expected", "got", "ignore"),
    [
        ("Hello", "hello", ["case"]),
        ("Straße", "STRASSE", ["case"]),
        ("a b", "ab\u200b\n", ["space"]),
        ("你好，世界。", "你好世界", ["punctuation"]),
        ("ABC!", "ＡＢＣ！", ["width"]),
        ("é", "e\u0301", []),
        ("Hello, World", "ｈｅｌｌｏ　　ｗｏｒｌｄ", ["case", "space", "punctuation", "width"]),
    ],
)
def test_text_ignores_what_it_should_and_nothing_else(expected: str, got: str, ignore: list[str]) -> None:
    """With everything named the texts are equal; with one thing fewer they are not."""
    assert found("text", expected, got, ignore=ignore) == (1.0, "")
    for left_out in ignore:
        assert found("text", expected, got, ignore=[i for i in ignore if i != left_out])[0] == 0


@pytest.mark.parametrize(
    ("got", "words"),
    [
        ("hello you", "the first 6 characters agree, then 'you' came where something else was expected"),
        ("hello", "the text ends early, after 5 characters"),
        ("hello world!", "the text goes on too long, with '!'"),
        ("bye", "another text was expected, got 'bye'"),
        ("", "a text was expected, got an empty one"),
        ("x" * 2000, "the text is far too long: 2000 characters"),
        (1, "a text was expected, got an integer"),
    ],
)
def test_text_says_where_texts_part(got: Any, words: str) -> None:
    """The student's own words are shown, the expected ones are not."""
    assert found("text", "hello world", got) == (0.0, words)


def test_fields_count_one_by_one() -> None:
    """The share is that of the fields, and each wrong one says what is wrong."""
    fields = {"base": {"close": {"rtol": 1e-4}}, "higher": {"exact": {}}, "more": {"sequence": {"partial": True}}}
    truth = {"base": -3.25, "higher": "base", "more": [1, 2], "unused": None}
    assert found("fields", truth, {**truth, "own": 1, "unused": 5}, **fields) == (1.0, "")
    share, words = found("fields", truth, {"base": -3.25, "more": [1, 3]}, **fields)
    assert share == pytest.approx(0.5)
    assert words.startswith("2 of 3 fields are not right: higher: is missing; more: the first difference is at index 1")
    assert found("fields", truth, [1], **fields)[1] == "a dictionary was expected, got a list of one item"


@pytest.mark.parametrize(
    ("bar", "value", "share"),
    [
        ({"at_least": 0.95}, 0.95, 1),
        ({"at_least": 0.95}, 0.94, 0),
        ({"at_most": 10}, 10, 1),
        ({"at_most": 10}, 11, 0),
        ({"between": [270000, 330000]}, 300000, 1),
        ({"between": [270000, 330000]}, 330001, 0),
        ({"equals": 18}, 18.0, 1),
        ({"equals": True}, 1, 0),
        ({"equals": "bigram"}, "bigram", 1),
        ({"at_least": 0.8, "zero": 0.6}, 0.7, 0.5),
        ({"at_least": 0.8, "zero": 0.6}, 0.9, 1),
        ({"at_least": 0.6, "full": 0.8}, 0.7, 0.5),
        ({"at_most": 10, "zero": 20}, 15, 0.5),
        ({"at_most": 20, "full": 10}, 30, 0),
        ({"at_least": 0}, float("nan"), 0),
        ({"at_least": 0}, True, 0),
        ({"at_least": 0}, float("inf"), 1),
    ],
)
def test_bars(bar: dict[str, Any], value: Any, share: float) -> None:
    """A figure reaches its bar, misses it, or is on the way where the way counts."""
    assert found("bars", None, {"figure": value}, figure=bar)[0] == pytest.approx(share)


def test_the_lowest_bar_decides_and_bars_are_named() -> None:
    """All figures must be reached; a missing one earns nothing."""
    bars = {"accuracy": {"at_least": 0.95}, "size": {"at_most": 10}}
    assert found("bars", None, {"accuracy": 1.0, "size": 11}, **bars) == (
        0.0,
        "size: at most 10 is asked for, measured 11",
    )
    assert found("bars", None, {"accuracy": 0.5}, **bars) == (
        0.0,
        "accuracy: at least 0.95 is asked for, measured 0.5; size was not measured",
    )


RANKED = [["a", 0.5], ["b", 0.2], ["c", 0.1999], ["d", 0.1]]


@pytest.mark.parametrize(
    ("got", "words"),
    [
        ([["a", 0.5], ["c", 0.1999], ["b", 0.2], ["d", 0.1]], ""),
        ([["b", 0.2], ["a", 0.5], ["c", 0.1999], ["d", 0.1]], "at rank 1 another token was expected, got 'b'"),
        ([["a", 0.5], ["b", 0.2], ["b", 0.2], ["d", 0.1]], "the token 'b' comes twice"),
        ([["a", 0.5], ["b", 0.2], ["c", 0.1999], ["x", 0.1]], "at rank 4 another token was expected, got 'x'"),
        ([["a", 0.5]], "4 tokens were expected, got 1"),
        ([["a", 0.25], ["b", 0.2], ["c", 0.1999], ["d", 0.1]],
         "the probability of 'a' at rank 1 is 0.25: off by about 0.2, about 50 % of the expected size"),
        (["a", "b"], "a list of [token, probability] pairs was expected, got a list of 2 strings"),
    ],
)  # fmt: skip
def test_distribution(got: Any, words: str) -> None:
    """Order counts except among equals, and so do probabilities."""
    assert found("distribution", RANKED, got, ties=1e-3, rtol=1e-3) == (float(not words), words)

"""Misconceptions are read without being imported, and matched on all failing cases."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from grader.answers.misconceptions import read_misconceptions
from grader.errors import SpecError
from grader.marking.diagnosis import match
from grader.nouns.question import Question

QUESTION = Question.model_validate(
    {
        "id": "q",
        "title": {"zh": "题", "en": "q"},
        "points": 1,
        "call": "f(x)",
        "cases": {"public": [{"x": 1}]},
        "returns": {"type": "number"},
        "compare": {"close": {"rtol": 1e-6, "atol": 0}},
    }
)


def source(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "misconceptions.py"
    file.write_text(text, encoding="utf-8")
    return file


def test_names_and_texts_come_from_the_source(tmp_path: Path) -> None:
    """Docstring labels become the explanation; nothing in the file runs; helpers without `__` are left alone."""
    text = (
        'raise SystemExit("must not run")\n'
        "def _helper(x): return x\n"
        "def f__mean(x):\n"
        '    """zh: 取了平均，\n    而不是求和。\n'
        '    en: You took the mean\n    instead of the sum.\n    see: sums\n    """\n'
    )
    (found,) = read_misconceptions(source(tmp_path, text))
    assert (found.name, found.function, found.see, found.line) == ("mean", "f__mean", "sums", 3)
    assert found.explanation.zh == "取了平均，而不是求和。"
    assert found.explanation.en == "You took the mean instead of the sum."


def test_a_missing_language_is_an_error_at_its_line(tmp_path: Path) -> None:
    """An explanation in one language is a specification error that names the function."""
    with pytest.raises(SpecError, match=r"misconceptions.py:1: f__mean: .*`en: …`"):
        read_misconceptions(source(tmp_path, 'def f__mean(x):\n    """zh: 平均"""\n'))


def test_it_must_match_on_every_failing_case(tmp_path: Path) -> None:
    """One failing case that differs, or has no value, is no match; the first that matches all wins."""
    text = "".join(f'def f__{name}(x):\n    """zh: 甲\n    en: a"""\n' for name in ("one", "two"))
    found = read_misconceptions(source(tmp_path, text))
    values = {"one": {"a": 1.0, "b": 2.0}, "two": {"a": 1.0, "b": 3.0}}
    matched = match(QUESTION, found, values, {"a": 1.0, "b": 3.0 + 1e-9})
    assert matched is not None
    assert matched.name == "two"
    assert match(QUESTION, found, values, {"a": 1.0, "b": 4.0}) is None
    assert match(QUESTION, found, values, {"a": 1.0, "c": 1.0}) is None
    assert match(QUESTION, found, values, {}) is None


def test_nan_is_matched_by_nan(tmp_path: Path) -> None:
    """A mistake that divides by nothing on some input is still named; NaN matches no number."""
    found = read_misconceptions(source(tmp_path, 'def f__one(x):\n    """zh: 甲\n    en: a"""\n'))
    values = {"one": {"a": 1.0, "b": math.nan}}
    assert match(QUESTION, found, values, {"a": 1.0, "b": math.nan}) is not None
    assert match(QUESTION, found, values, {"a": 1.0, "b": 2.0}) is None
    assert match(QUESTION, found, values, {"a": math.nan, "b": math.nan}) is None

"""What cases earn together: hidden ones only, whole cases in full, parts only beyond what a constant would get."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.marking.outcomes import judge_outcomes
from grader.nouns.outcome import Crashed, Returned
from grader.nouns.question import Case, Question
from grader.nouns.verdict import Verdict

QUESTION = Question.model_validate(
    {
        "id": "q",
        "title": {"zh": "题", "en": "Q"},
        "points": 10,
        "call": "f(x)",
        "compare": {
            "fields": {
                "base": {"close": {"rtol": 1e-4}},
                "instruct": {"close": {"rtol": 1e-4}},
                "higher": {"exact": {}},
            }
        },
    }
)
Truth = list[dict[str, Any]]


def values(highers: list[str]) -> Truth:
    """A case each, with numbers of their own and a field of two values."""
    return [{"base": -3.0 - n, "instruct": -9.0 + n / 7, "higher": higher} for n, higher in enumerate(highers)]


def judged(truth: Truth, got: list[Any], *, public: int = 0) -> Verdict:
    """The verdict on values, the first cases of which may be public; None stands for a crash."""
    cases = [Case(id=f"c{n}", inputs={"x": n}, hidden=n >= public) for n in range(len(truth))]
    key = {case.id: value for case, value in zip(cases, truth, strict=True)}
    outcomes = [Crashed(signal=11) if value is None else Returned(value=value) for value in got]
    return judge_outcomes(QUESTION, key, cases, outcomes)


MIXED = values(["base", "base", "instruct", "base", "instruct"])


@pytest.mark.parametrize("higher", ["base", "instruct", "neither"])
@pytest.mark.parametrize("highers", [["base"] * 5, ["base"] * 4 + ["instruct"], ["instruct", "base"], ["base"]])
def test_a_constant_earns_nothing(higher: str, highers: list[str]) -> None:
    """Not for a field of two values, however they are spread, nor for a number."""
    truth = values(highers)
    for numbers in ({"base": 0, "instruct": 0}, {"base": 0}, {}):
        verdict = judged(truth, [{**numbers, "higher": higher}] * len(truth))
        assert verdict.share == 0
        assert verdict.status == "wrong"
        assert verdict.message


@given(st.lists(st.sampled_from(["base", "instruct"]), min_size=1, max_size=6), st.data())
def test_no_constant_earns_more_than_the_cases_it_meets(highers: list[str], data: st.DataObject) -> None:
    """Any true value of any case for any field, combined in any way."""
    truth = values(highers)
    constant = {field: data.draw(st.sampled_from(truth))[field] for field in ("base", "instruct", "higher")}
    verdict = judged(truth, [constant] * len(truth))
    assert verdict.share == pytest.approx(sum(constant == value for value in truth) / len(truth))


def test_honest_parts_earn_their_part() -> None:
    """A field that is always right is worth its part; one that is sometimes right, as much as it beats a constant."""
    only_base = [{**value, "instruct": 0, "higher": "neither"} for value in MIXED]
    assert judged(MIXED, only_base).share == pytest.approx(1 / 3)
    numbers = [{**value, "higher": "base"} for value in MIXED]
    assert judged(MIXED, numbers).share == pytest.approx(2 / 3)
    only_higher = [{"base": 0, "instruct": 0, "higher": value["higher"]} for value in MIXED]
    assert judged(MIXED, only_higher).share == pytest.approx(1 / 3)
    assert judged(MIXED, [*only_base[:4], None]).share == pytest.approx((0.8 - 0.2) / (1 - 0.2) / 3)


@given(st.lists(st.booleans(), min_size=1, max_size=7))
def test_whole_cases_count_in_full(right: list[bool]) -> None:
    """The correction takes nothing from cases that are right as a whole."""
    truth = values(["base" if n % 2 else "instruct" for n in range(len(right))])
    got = [value if ok else None for value, ok in zip(truth, right, strict=True)]
    assert judged(truth, got).share >= sum(right) / len(right)
    assert (judged(truth, got).share == 1) == all(right)


def test_public_cases_do_not_count() -> None:
    """Neither to what is right, nor to what a constant would get."""
    got = [*MIXED[:2], *({**value, "instruct": 0, "higher": "neither"} for value in MIXED[2:])]
    assert judged(MIXED, got, public=2).share == judged(MIXED[2:], got[2:]).share == pytest.approx(1 / 3)


def test_one_public_case_is_marked_by_its_parts() -> None:
    """A self-check with one case, or a question without inputs: no constant can be told from an answer."""
    verdict = judged(MIXED[:1], [{**MIXED[0], "instruct": 0}], public=1)
    assert verdict.status == "partial"
    assert verdict.share == pytest.approx(2 / 3)

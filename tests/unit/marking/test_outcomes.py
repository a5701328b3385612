"""Outcomes become a verdict: every fault has its status and words, shares add up, and nothing hidden is shown."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import BrokenReference
from grader.language.speak import speak
from grader.marking.outcomes import judge_outcomes
from grader.nouns.outcome import Crashed, Garbled, Missing, Outcome, OutOfMemory, Raised, Returned, TimedOut
from grader.nouns.question import Case, Question
from grader.nouns.use import Use
from grader.nouns.value import Opaque
from grader.nouns.verdict import Verdict

TITLE = {"zh": "题", "en": "Question"}


def question(**fields: Any) -> Question:
    """A question; a function of a text that returns a number unless told otherwise."""
    function = {
        "call": "solve(model, text)",
        "given": {"model": "m"},
        "returns": {"type": "number"},
        "compare": {"close": {"rtol": "1e-4"}},
    }
    return Question.model_validate({"id": "q", "title": TITLE, "points": 10, **(fields or function)})


SOLVE = question()
CASES = (
    Case(id="public-1", inputs={"text": "hello, world", "n": 3}, hidden=False),
    Case(id="hidden-1", inputs={"text": "the secret input"}, hidden=True),
    Case(id="hidden-2", inputs={"text": "the other input"}, hidden=True),
)
KEY = {"public-1": -3.25, "hidden-1": -4.5, "hidden-2": -5.75}


def judged(*outcomes: Outcome) -> Verdict:
    """The verdict on the sample question."""
    return judge_outcomes(SOLVE, KEY, CASES[: len(outcomes)], outcomes)


def words(verdict: Verdict) -> str:
    """The message of a verdict."""
    return speak(verdict.message, "en") if verdict.message else ""


def raised(name: str, message: str = "", **fields: Any) -> Raised:
    """An exception in the call."""
    return Raised.model_validate({"during": "call", "type": name, "message": message, **fields})


def test_full_marks_need_no_words() -> None:
    """All cases right is correct."""
    verdict = judged(*(Returned(value=value) for value in KEY.values()))
    assert (verdict.status, verdict.share, verdict.message) == ("correct", 1.0, None)
    assert [case.status for case in verdict.cases] == ["correct"] * 3


FAULTS: list[tuple[Outcome, str, str]] = [
    (Returned(value=0), "wrong", "0 is too large: off by about 2, about 100 % of the expected size"),
    (Returned(value="x"), "wrong", "a number was expected, got a string"),
    (Returned(value=None), "wrong", "a number was expected, got None - is there a return statement?"),
    (Returned(value=Opaque("x.Model")), "wrong", "a number was expected, got an object of type x.Model"),
    (raised("NotImplementedError"), "missing", "not implemented yet"),
    (raised("ValueError", "no", file="work.py", line=3), "error", "ValueError: no (work.py, line 3)"),
    (raised("KeyError"), "error", "KeyError"),
    (raised("ForbiddenName", "generate"), "forbidden", "a name that is forbidden here was used: generate"),
    (raised("NotImplementedError", "x", during="import"), "error",
     "the module could not be imported: NotImplementedError: x"),
    (raised("SyntaxError", "bad", during="import", file="work.py", line=1), "error",
     "the module could not be imported: SyntaxError: bad (work.py, line 1)"),
    (TimedOut(limit=20), "timeout", "stopped after 20 seconds; is there a loop that never ends?"),
    (TimedOut(limit=0.5, resource="cpu"), "timeout",
     "stopped after 0.5 seconds of computing; is there a loop that never ends?"),
    (OutOfMemory(limit=2**30), "out_of_memory", "it took more memory than the limit of 1 GiB"),
    (Crashed(signal=11), "crashed", "the process crashed in compiled code (SIGSEGV)"),
    (Crashed(signal=9), "crashed", "the process was killed (SIGKILL)"),
    (Crashed(signal=1000), "crashed", "the process was killed (1000)"),
    (Crashed(exit_code=3), "crashed",
     "the process left with exit code 3: do not call sys.exit(), exit() or os._exit()"),
    (Crashed(), "crashed", "the process ended without an answer"),
    (Garbled(reason="two frames"), "garbled", "what came back cannot be read: two frames"),
    (Missing(what="module", name="ch01.py"), "missing", "no file ch01.py was handed in"),
    (Missing(what="function", name="solve"), "missing", "there is no function solve"),
    (Missing(what="function", name="solve", found="Solve"), "missing", "there is no function solve; found Solve"),
    (Missing(what="signature", name="solve", found="solve(model)"), "missing",
     "solve(model, text) was expected, found solve(model)"),
    (Missing(what="answer", name="which"), "missing", "there is no which in ANSWERS"),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "status", "message"), FAULTS)
def test_every_fault_has_its_status_and_words(outcome: Outcome, status: str, message: str) -> None:
    """A fault in all cases is the question's status, and its words are said once."""
    verdict = judged(outcome, outcome)
    assert (verdict.status, verdict.share, words(verdict).partition(": off")[0]) == (
        status,
        0,
        message.partition(": off")[0],
    )
    assert all(case.status == status for case in verdict.cases)


def test_part_of_the_cases_is_part_of_the_points() -> None:
    """The share is the mean over the hidden cases; the first of them that fails is named."""
    verdict = judged(Returned(value=-3.25), TimedOut(limit=5), Returned(value=-5.75))
    assert (verdict.status, verdict.share) == ("partial", pytest.approx(1 / 2))
    assert words(verdict).startswith("1 of 2 cases are right; hidden-1: stopped after 5 seconds")


def test_public_cases_earn_nothing_beside_hidden_ones() -> None:
    """Their answers can be written down, but failing one costs; without hidden cases, they are all there is."""
    written_down = judged(Returned(value=-3.25), Returned(value=-3.25), Returned(value=-3.25))
    assert (written_down.status, written_down.share) == ("wrong", 0)
    assert [case.status for case in written_down.cases] == ["correct", "wrong", "wrong"]
    slip = judged(Returned(value=0), Returned(value=-4.5), Returned(value=-5.75))
    assert (slip.status, slip.share) == ("partial", pytest.approx(2 / 3))
    assert words(slip).startswith("2 of 3 cases are right; public-1")
    assert judged(Returned(value=-3.25)).share == 1


def test_most_failing_cases_give_the_status() -> None:
    """Without any share, the most frequent status of those that count is it, the first among equals."""
    assert judged(TimedOut(limit=5), Returned(value=1), Returned(value=2)).status == "wrong"
    assert judged(Returned(value=1), TimedOut(limit=5), Returned(value=2)).status == "timeout"
    assert words(judged(TimedOut(limit=5), Returned(value=True), Returned(value="x"))).endswith("got a boolean")


def test_hidden_inputs_are_not_shown() -> None:
    """Public inputs are shown in short, hidden ones are not, nor is any expected value."""
    verdict = judged(*[Returned(value=0, output="printed")] * 3)
    assert [case.inputs for case in verdict.cases] == ["text='hello, world', n=3", "", ""]
    text = verdict.model_dump_json()
    for secret in ("secret", "other input", "3.25", "4.5", "5.75"):
        assert secret not in text
    assert verdict.cases[0].output == "printed"


def test_the_students_place_is_kept() -> None:
    """File, line and traceback of an exception are in the case."""
    case = judged(raised("ValueError", "no", file="work.py", line=3, traceback="work.py …")).cases[0]
    assert (case.file, case.line, case.traceback) == ("work.py", 3, "work.py …")


def test_a_forbidden_name_costs_the_question() -> None:
    """Found in the source, or used in a single case, a forbidden name leaves nothing."""
    right = [Returned(value=value) for value in KEY.values()]
    verdict = judge_outcomes(SOLVE, KEY, CASES, right, (Use(name="generate", file="work.py", line=7),))
    assert (verdict.status, verdict.share) == ("forbidden", 0)
    assert words(verdict) == "`generate` may not be used for this question: work.py, line 7"
    assert judged(right[0], raised("ForbiddenName", "generate"), right[2]).share == 0
    uses = (Use(name="generate", file="work.py", line=7), Use(name="generate", file="work.py", line=9))
    assert words(judge_outcomes(SOLVE, KEY, CASES, right, uses)).endswith("line 7, and 1 more")


ONE = (Case(id="public-1", inputs={}, hidden=False),)
CHOICE = question(
    answer="which",
    choose={"A": {"zh": "一元", "en": "unigram"}, "B": {"zh": "二元", "en": "bigram"}},
    compare={"choice": {}},
)


@pytest.mark.parametrize(
    ("value", "status", "message"),
    [
        ("b", "correct", ""),
        ("B：bigram", "correct", ""),
        ("A", "wrong", "'A' is not the right option"),
        ("C", "wrong", "'C' is not offered; choose one of A, B"),
        ("", "missing", "no answer yet"),
        (" \n", "missing", "no answer yet"),
        (None, "missing", "no answer yet"),
        (2, "wrong", "the letter of an option was expected, got an integer"),
    ],
)
def test_choices(value: Any, status: str, message: str) -> None:
    """A choice is read however it is written; an empty string is no answer yet."""
    verdict = judge_outcomes(CHOICE, {"public-1": "B"}, ONE, [Returned(value=value)])
    assert (verdict.status, words(verdict)) == (status, message)


FREE = question(
    answer="why",
    rubric=[
        {"points": 2, "about": TITLE, "mentions": [r"instruction|指令", "fine-?tun"]},
        {"points": 1, "about": TITLE, "mentions": [r"\bbase\b"]},
        {"points": 1, "about": TITLE},
    ],
)


@pytest.mark.parametrize(
    ("value", "status", "touched"),
    [
        ("Because of FINE-TUNING on ｉｎｓｔｒｕｃｔｉｏｎ pairs", "needs_review", (0,)),
        ("The base model was not fine-tuned.", "needs_review", (0, 1)),
        ("I do not know", "needs_review", ()),
        ("", "missing", ()),
        ("TODO", "missing", ()),
        ("（待填写）", "missing", ()),
        ("...", "missing", ()),
        (["a"], "wrong", ()),
    ],
)
def test_free_text_waits_for_a_person(value: Any, status: str, touched: tuple[int, ...]) -> None:
    """No number is given before a person decides; what it may touch is for the eye of whoever marks it."""
    verdict = judge_outcomes(FREE, {}, ONE, [Returned(value=value)])
    assert (verdict.status, verdict.share) == (status, 0)
    assert all(case.share == 0 for case in verdict.cases)
    assert "fine" not in words(verdict).lower()
    if status == "needs_review":
        assert verdict.touched == touched
        assert words(verdict) == "a teacher marks this text"


def test_a_pattern_that_does_not_end_costs_a_moment() -> None:
    """It touches nothing, and the other points of the rubric are looked for all the same."""
    slow = question(answer="why", rubric=[{"points": 1, "about": TITLE, "mentions": [r"(a|a)*b$"]},
                                          {"points": 1, "about": TITLE, "mentions": ["aaa"]}])  # fmt: skip
    began = time.monotonic()
    verdict = judge_outcomes(slow, {}, ONE, [Returned(value="a" * 5000)])
    assert time.monotonic() - began < 5
    assert verdict.touched == (1,)


def test_a_missing_free_text_waits_for_nobody() -> None:
    """Where there is no answer at all, no person has to look."""
    assert judge_outcomes(FREE, {}, ONE, [Missing(what="answer", name="why")]).status == "missing"


MEASURED = question(
    call="train(model)",
    given={"model": "m"},
    returns={"type": "array"},
    measure="accuracy",
    compare={"bars": {"accuracy": {"at_least": 0.9, "zero": 0.5}}},
)


@pytest.mark.parametrize(
    ("value", "figures", "status", "share", "message"),
    [
        ([1], {"accuracy": 0.95}, "correct", 1, ""),
        ([1], {"accuracy": 0.7}, "partial", 0.5, "accuracy: at least 0.9 is asked for, measured 0.7"),
        ([1], {"fault": {"zh": "空", "en": "the weights are all zero"}}, "wrong", 0, "the weights are all zero"),
        ([1], {"fault": 3}, "wrong", 0, "the returned work cannot be measured"),
        ([1], None, "wrong", 0, "the returned work was not measured"),
        ("x", None, "wrong", 0, "a list was expected, got a string"),
    ],
)
def test_measured_work(value: Any, figures: Any, status: str, share: float, message: str) -> None:
    """Figures decide, not a key; unusable work is told in the measure's words, work of a wrong form in ours."""
    verdict = judge_outcomes(MEASURED, {}, ONE, [Returned(value=value, figures=figures)])
    assert (verdict.status, verdict.share, words(verdict)) == (status, pytest.approx(share), message)


def test_a_broken_key_is_the_staffs_fault() -> None:
    """A key without the case, or with a value that cannot be compared with, is an exception."""
    with pytest.raises(BrokenReference, match="public-1"):
        judge_outcomes(SOLVE, {}, CASES[:1], [Returned(value=1)])
    with pytest.raises(BrokenReference, match="close"):
        judge_outcomes(SOLVE, {"public-1": math.nan}, CASES[:1], [Returned(value=1)])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.builds(Opaque, st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text(max_size=12).map(lambda text: text.encode("utf-8", "ignore").decode())
OUTCOMES = (
    st.builds(Returned, value=VALUES, figures=st.none() | st.dictionaries(NAMES, VALUES, max_size=2))
    | st.builds(Raised, during=st.sampled_from(["import", "call"]), type=NAMES, message=NAMES, file=st.none() | NAMES)
    | st.builds(TimedOut, limit=st.floats(0, 1e9))
    | st.builds(OutOfMemory, limit=st.integers(0, 2**60))
    | st.builds(Crashed, signal=st.none() | st.integers(), exit_code=st.none() | st.integers(-(2**31), 2**31))
    | st.builds(Garbled, reason=NAMES)
    | st.builds(Missing, what=st.sampled_from(["module", "function", "answer", "signature"]), name=NAMES, found=NAMES)
)
QUESTIONS = [
    (SOLVE, -3.25),
    (CHOICE, "B"),
    (FREE, None),
    (MEASURED, None),
    (question(answer="x", compare={"exact": {}}), {"a": 1}),
]


@settings(deadline=None, max_examples=150)
@given(asked=st.sampled_from(QUESTIONS), outcomes=st.lists(OUTCOMES, max_size=3), uses=st.integers(0, 2))
def test_no_outcome_raises(asked: tuple[Question, Any], outcomes: list[Outcome], uses: int) -> None:
    """Whatever a student's work does, there is a verdict with a share in [0, 1] that can be said and kept."""
    task, truth = asked
    key = {case.id: truth for case in CASES}
    found = (Use(name="generate", file="a.py", line=1),) * uses
    verdict = judge_outcomes(task, key, CASES[: len(outcomes)], outcomes, found)
    assert 0 <= verdict.share <= 1
    assert (verdict.status == "correct") == (verdict.message is None)
    assert verdict.status != "correct" or verdict.share == 1
    assert words(verdict).isprintable()
    assert Verdict.model_validate_json(verdict.model_dump_json()).status == verdict.status

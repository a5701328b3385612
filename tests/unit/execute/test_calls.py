"""From questions to calls: which share a child, and how much of everything one submission may take."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from grader.course.draw import all_cases
from grader.execute.calls import run_calls, run_questions
from grader.nouns.job import Call
from grader.nouns.outcome import Returned, TimedOut
from grader.nouns.question import Case, Limits, Question
from grader.sandbox.seam import Sandbox

SPOILED = """
import time
state = []
def spoil():
    state.append(1)
    return len(state)
def look():
    return len(state)
def slow():
    time.sleep(0.4)
    return 1
"""


def question(name: str, **fields: Any) -> tuple[Question, tuple[Case, ...]]:
    """A question without inputs, with its one case."""
    made = Question.model_validate(
        {
            "id": name,
            "title": {"zh": name, "en": name},
            "points": 1,
            "call": f"{name}()",
            "cases": {"public": [{}]},
            "returns": {"type": "integer"},
            "compare": {"exact": {}},
            **fields,
        }
    )
    return made, tuple(all_cases(made))


def value(work: dict[str, Any], name: str) -> object:
    (outcome,) = work[name]
    assert isinstance(outcome, Returned)
    return outcome.value


def test_isolate_gives_a_question_a_child_of_its_own(sandbox: Sandbox, tmp_path: Path) -> None:
    """What one question leaves behind is seen by the next of its chapter, but not by one that asks to be alone."""
    (tmp_path / "toy.py").write_text(SPOILED, encoding="utf-8")
    shared = run_questions(sandbox, tmp_path, "toy.py", [question("spoil"), question("look")])
    alone = run_questions(sandbox, tmp_path, "toy.py", [question("spoil"), question("look", isolate="question")])
    assert (value(shared, "spoil"), value(shared, "look")) == (1, 1)
    assert (value(alone, "spoil"), value(alone, "look")) == (1, 0)


def test_a_submission_has_a_total(level_two: Sandbox, tmp_path: Path) -> None:
    """Calls that hang one after another, each within its own limit, are cut off when their sum is too much."""
    (tmp_path / "toy.py").write_text("def hang():\n    while True: pass\n", encoding="utf-8")
    calls = [
        Call(question=f"q{i}", case="c", function="hang", limits=Limits(wall=0.4)) for i in range(10)
    ]  # ten questions, so that none is given up for hanging twice
    began = time.monotonic()
    outcomes = run_calls(level_two, tmp_path, "toy.py", calls, wall=1.0)
    assert time.monotonic() - began < 3
    assert all(isinstance(outcome, TimedOut) for outcome in outcomes)
    assert [outcome.limit for outcome in outcomes if isinstance(outcome, TimedOut)][-1] == 1.0


PASSING_ON = """
met = []
ANSWERS = {"later": "nothing"}
def first(text):
    met.append(text)
    ANSWERS["later"] = met
    return len(met)
def second(text):
    print(met)
    return met
"""


def test_a_public_case_never_runs_after_a_hidden_one(sandbox: Sandbox, tmp_path: Path) -> None:
    """Code that keeps what it met can put no hidden input where a student is shown it; within its own it could."""
    (tmp_path / "toy.py").write_text(PASSING_ON, encoding="utf-8")
    pool = [{"text": "SECRET-1"}, {"text": "SECRET-2"}]
    cases = {"public": [{"text": "open"}], "hidden": {"pool": pool}}
    asked = [
        question("first", call="first(text)", cases=cases),
        question("second", call="second(text)", cases=cases, returns={}),
        question("later", call=None, answer="later", returns={}),
    ]
    work = run_questions(sandbox, tmp_path, "toy.py", asked)
    seen = {
        case.hidden: [
            outcome for q, of in asked for c, outcome in zip(of, work[q.id], strict=True) if c.hidden == hidden
        ]
        for hidden in (False, True)
        for case in asked[0][1]
        if case.hidden == hidden
    }
    assert len(seen[False]) == 3
    assert "SECRET" not in repr(seen[False])
    assert "open" in repr(seen[False])
    assert "SECRET-1" in repr(seen[True])
    assert [len(work[q.id]) for q, _ in asked] == [3, 3, 1]

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

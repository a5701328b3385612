"""From questions to calls: which share a child, and how much of everything one submission may take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.course.draw import all_cases
from grader.execute.allowance import Allowance
from grader.execute.calls import run_calls, run_questions
from grader.nouns.job import Call
from grader.nouns.outcome import Garbled, Returned, TimedOut
from grader.nouns.question import Budget, Case, Limits, Question
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


@pytest.mark.parametrize("fields", [{"isolate": "question"}, {"forbid": ["generate"]}], ids=str)
def test_some_questions_have_a_child_of_their_own(sandbox: Sandbox, tmp_path: Path, fields: dict[str, Any]) -> None:
    """What one question leaves behind is seen by the next of its chapter, but not by one that is alone."""
    (tmp_path / "toy.py").write_text(SPOILED, encoding="utf-8")
    shared = run_questions(sandbox, tmp_path, "toy.py", [question("spoil"), question("look")])
    alone = run_questions(sandbox, tmp_path, "toy.py", [question("spoil"), question("look", **fields)])
    assert (value(shared, "spoil"), value(shared, "look")) == (1, 1)
    assert (value(alone, "spoil"), value(alone, "look")) == (1, 0)


def test_hanging_calls_are_cut_off_by_the_budget(level_two: Sandbox, tmp_path: Path) -> None:
    """Calls that hang one after another, each within its own limit, are cut off when their sum is too much."""
    (tmp_path / "toy.py").write_text("def hang():\n    while True: pass\n", encoding="utf-8")
    calls = [
        Call(question=f"q{i}", case="c", function="hang", limits=Limits(wall=0.4)) for i in range(10)
    ]  # ten questions, so that none is given up for hanging twice
    outcomes = run_calls(level_two, tmp_path, "toy.py", calls, allowance=Allowance(Budget(wall=60, cpu=1)))
    assert all(isinstance(outcome, TimedOut) for outcome in outcomes)
    assert (outcomes[0].resource, outcomes[0].limit) == ("wall", 0.4)
    assert {(o.resource, o.limit) for o in outcomes[3:]} == {("budget", 1)}
    assert sum(outcome.usage.cpu for outcome in outcomes) < 1.5


SLOW = """
import time
def {name}(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
    return 1
"""


SLEEPY = """
import time
def {name}(seconds):
    time.sleep(seconds)
    return 1
"""


@pytest.mark.parametrize("isolate", ["chapter", "question"])
@pytest.mark.parametrize(("work", "budget"), [(SLOW, Budget(cpu=1)), (SLEEPY, Budget(wall=1))])
def test_calls_just_under_their_limits_share_a_budget(
    level_two: Sandbox, tmp_path: Path, work: str, budget: Budget, isolate: str
) -> None:
    """Computing and sleeping alike: what fits counts, what does not is late, in a child shared by all or in many."""
    names = [f"f{i}" for i in range(8)]
    (tmp_path / "toy.py").write_text("".join(work.format(name=name) for name in names), encoding="utf-8")
    asked = [
        question(n, call=f"{n}(seconds)", cases={"public": [{"seconds": 0.2}, {"seconds": 0.2}]}, isolate=isolate)
        for n in names
    ]
    free = run_questions(level_two, tmp_path, "toy.py", asked)
    assert all(isinstance(outcome, Returned) for outcomes in free.values() for outcome in outcomes)
    bound = run_questions(level_two, tmp_path, "toy.py", asked, Allowance(budget))
    outcomes = [outcome for outcomes in bound.values() for outcome in outcomes]
    assert 2 <= sum(isinstance(outcome, Returned) for outcome in outcomes) <= 5
    late = [outcome for outcome in outcomes if not isinstance(outcome, Returned)]
    assert {(o.resource, o.limit) for o in late} == {("budget", 1)}


def test_an_import_is_paid_for_by_every_child(level_two: Sandbox, tmp_path: Path) -> None:
    """Crashes that make the module be imported again and again use the budget up too."""
    (tmp_path / "toy.py").write_text(f"{SLOW.format(name='f')}\nf(0.3)\nimport os\ndef g(): os._exit(0)\n")
    calls = [Call(question=f"q{i}", case="c", function="g", limits=Limits(wall=1)) for i in range(10)]
    outcomes = run_calls(level_two, tmp_path, "toy.py", calls, allowance=Allowance(Budget(cpu=1)))
    assert [outcome.kind for outcome in outcomes][:3] == ["crashed"] * 3
    assert {(o.kind, getattr(o, "resource", "")) for o in outcomes[4:]} == {("timed_out", "budget")}


def test_what_is_kept_of_a_submission_is_bounded(level_two: Sandbox, tmp_path: Path) -> None:
    """Answers and prints, each within its limit, are kept up to the budget; what is smaller still fits."""
    source = """
def large(): return "x" * 400_000
def small(): return 2
def noisy():
    print("x" * 60_000)
    return 1
"""
    (tmp_path / "toy.py").write_text(source, encoding="utf-8")
    names = ["large", "small", "large", "large", "small", *["noisy"] * 8, "small"]
    calls = [Call(question=f"q{i}", case="c", function=name) for i, name in enumerate(names)]
    outcomes = run_calls(level_two, tmp_path, "toy.py", calls, allowance=Allowance(Budget(kept=1_000_000)))
    refused = outcomes.pop(3)
    assert isinstance(refused, Garbled)
    assert "kept of a chapter" in refused.reason
    assert {outcome.kind for outcome in outcomes} == {"returned"}
    assert outcomes[-2].output_cut, "prints are cut, and take no answer's place"
    assert sum(outcome.charge.kept for outcome in outcomes) <= 1_000_000


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

"""Running one module's answers: from a question and its cases to calls, from calls to outcomes.

The reference, its misconceptions and a submission all go through here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.execute.allowance import Allowance
from grader.nouns.job import Call, Given, Job
from grader.nouns.outcome import Missing, Outcome, TimedOut, Work
from grader.nouns.question import Case, Question
from grader.sandbox.seam import Sandbox

TIMEOUTS_PER_QUESTION = 2
"""Cases of a question that may hang before the rest of them are given up: a batch must end."""


def calls_for(question: Question, cases: Sequence[Case], *, function: str | None = None) -> tuple[Call, ...]:
    """Return the calls that one question asks for; `function` replaces the declared name (misconceptions)."""
    return tuple(
        Call(
            question=question.id,
            case=case.id,
            function=function or (question.call.name if question.call else None),
            parameters=question.call.parameters if question.call else (),
            arguments=arguments_of(question, case),
            answer=question.answer,
            forbid=question.forbid,
            limits=question.limits,
        )
        for case in cases
    )


def arguments_of(question: Question, case: Case) -> tuple[object, ...]:
    """Return the arguments of the question's function, in order."""
    if question.call is None:
        return ()
    return tuple(
        _given(question.given[parameter], parameter) if parameter in question.given else case.inputs[parameter]
        for parameter in question.call.parameters
    )


def _given(model: str, parameter: str) -> Given:
    return Given.model_validate({"model": model, "part": parameter.rsplit("_", 1)[-1]})


def run_calls(
    sandbox: Sandbox,
    folder: Path,
    module: str,
    calls: Sequence[Call],
    *,
    allowance: Allowance | None = None,
    variation: str = "",
) -> list[Outcome]:
    """Run calls in order, in as few children as faults allow: one outcome a call.

    What is left over after a hang, crash or memory kill goes on in a fresh child, so that no call pays for another's
    fault. A question that hangs twice is given up, and so is everything left when the allowance is spent.
    """
    if not (folder / module).is_file():
        return [Missing(what="module", name=module) for _ in calls]
    outcomes: dict[int, Outcome] = {}
    pending = list(range(len(calls)))
    while pending:
        if allowance and allowance.is_spent:
            outcomes.update(dict.fromkeys(pending, allowance.used_up))
            break
        budget = allowance.left if allowance else None
        asked = tuple(calls[i] for i in pending)
        got = sandbox.run(Job(folder=folder, module=module, calls=asked, budget=budget, variation=variation))
        if allowance:
            got = allowance.charge(got)
        outcomes.update(zip(pending, got, strict=False))
        pending = pending[len(got) :]
        for i in _given_up(calls, outcomes, pending):
            outcomes[i] = TimedOut(limit=calls[i].limits.wall)
            pending.remove(i)
    return [outcomes[i] for i in range(len(calls))]


def _given_up(calls: Sequence[Call], outcomes: Mapping[int, Outcome], pending: Sequence[int]) -> list[int]:
    hung: dict[str, int] = {}
    for i, outcome in outcomes.items():
        if isinstance(outcome, TimedOut):
            hung[calls[i].question] = hung.get(calls[i].question, 0) + 1
    return [i for i in pending if hung.get(calls[i].question, 0) >= TIMEOUTS_PER_QUESTION]


def run_questions(
    sandbox: Sandbox,
    folder: Path,
    module: str,
    asked: Sequence[tuple[Question, Sequence[Case]]],
    allowance: Allowance | None = None,
) -> Work:
    """Run questions with their cases: those that share a child first, then those that run in one of their own.

    All calls draw on the allowance, where there is one.

    The public cases of all questions of a child come before the hidden ones of any. What a student is shown of a
    public case therefore comes from code that has met no hidden input yet and cannot pass one on.
    """
    work: Work = {}
    shared = [(question, cases) for question, cases in asked if not question.alone]
    alone = [[(question, cases)] for question, cases in asked if question.alone]
    for group in [shared, *alone]:
        runs = [(question, case) for question, cases in group for case in cases]
        runs.sort(key=lambda run: run[1].hidden)
        calls = [call for question, case in runs for call in calls_for(question, [case])]
        outcomes = run_calls(sandbox, folder, module, calls, allowance=allowance)
        found = {(question.id, case.id): one for (question, case), one in zip(runs, outcomes, strict=True)}
        for question, cases in group:
            work[question.id] = tuple(found[question.id, case.id] for case in cases)
    return work

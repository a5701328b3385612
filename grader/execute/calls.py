"""Running one module's answers: from a question and its cases to calls, from calls to outcomes.

The reference, its misconceptions and a submission all go through here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.marking import returns
from grader.nouns.job import Call, Given, Job
from grader.nouns.outcome import Garbled, Missing, Outcome, Raised, Returned, TimedOut, Work
from grader.nouns.question import Case, Question
from grader.sandbox.seam import Sandbox

TIMEOUTS_PER_QUESTION = 2
"""Cases of a question that may hang before the rest of them are given up: a batch must end."""


def calls_for(question: Question, cases: Sequence[Case], *, function: str | None = None) -> tuple[Call, ...]:
    """The calls that one question asks for; `function` replaces the declared name (misconceptions)."""
    return tuple(
        Call(
            question=question.id,
            case=case.id,
            function=function or (question.call.name if question.call else None),
            parameters=question.call.parameters if question.call else (),
            arguments=_arguments(question, case),
            answer=question.answer,
            forbid=question.forbid,
            limits=question.limits,
        )
        for case in cases
    )


def _arguments(question: Question, case: Case) -> tuple[object, ...]:
    if question.call is None:
        return ()
    return tuple(
        _given(question.given[parameter], parameter) if parameter in question.given else case.inputs[parameter]
        for parameter in question.call.parameters
    )


def _given(model: str, parameter: str) -> Given:
    return Given.model_validate({"model": model, "part": parameter.rsplit("_", 1)[-1]})


def run_calls(
    sandbox: Sandbox, folder: Path, module: str, calls: Sequence[Call], *, wall: float = 600.0, variation: str = ""
) -> list[Outcome]:
    """Run calls in order, in as few children as faults allow: one outcome a call.

    What is left over after a hang, crash or memory kill goes on in a fresh child, so that no call pays for another's
    fault. A question that hangs twice is given up, and so is everything left when `wall` seconds are spent.
    """
    if not (folder / module).is_file():
        return [Missing(what="module", name=module) for _ in calls]
    outcomes: dict[int, Outcome] = {}
    pending = list(range(len(calls)))
    deadline = time.monotonic() + wall
    while pending:
        if time.monotonic() > deadline:
            outcomes.update({i: TimedOut(limit=wall) for i in pending})
            break
        got = sandbox.run(
            Job(folder=folder, module=module, calls=tuple(calls[i] for i in pending), variation=variation)
        )
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
    sandbox: Sandbox, folder: Path, module: str, asked: Sequence[tuple[Question, Sequence[Case]]]
) -> Work:
    """Run questions with their cases: those that share a child first, then those that ask for one of their own."""
    work: Work = {}
    shared = [(question, cases) for question, cases in asked if question.isolate == "chapter"]
    alone = [[(question, cases)] for question, cases in asked if question.isolate == "question"]
    for group in [shared, *alone]:
        calls = [call for question, cases in group for call in calls_for(question, cases)]
        outcomes = iter(run_calls(sandbox, folder, module, calls))
        for question, cases in group:
            work[question.id] = tuple(next(outcomes) for _ in cases)
    return work


def measured(
    sandbox: Sandbox, reference: Path, question: Question, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> tuple[Outcome, ...]:
    """The outcomes with figures: the question's measure applied to each acceptable value, without student code.

    `reference` is the chapter's reference folder, which holds `measures.py`.
    """
    if question.measure is None:
        return tuple(outcomes)
    return tuple(
        _measured_one(sandbox, reference, question, case, outcome)
        for case, outcome in zip(cases, outcomes, strict=True)
    )


def _measured_one(sandbox: Sandbox, reference: Path, question: Question, case: Case, outcome: Outcome) -> Outcome:
    if not isinstance(outcome, Returned):
        return outcome
    accepted = returns.accept(question.returns, outcome.value)
    if isinstance(accepted, returns.Refused):
        return outcome
    call = Call(
        question=question.id,
        case=case.id,
        function=question.measure,
        arguments=(accepted.value, *_arguments(question, case)),
        limits=question.limits,
    )
    (result,) = run_calls(sandbox, reference, "measures.py", [call])
    match result:
        case Returned(value=dict() as figures):
            return outcome.model_copy(update={"figures": figures})
        case Raised(type=kind, message=message):
            reason = f"the returned work could not be measured ({kind}: {message})"
        case _:
            reason = f"the returned work could not be measured ({result.kind})"
    return Garbled(reason=reason, usage=outcome.usage, output=outcome.output, output_cut=outcome.output_cut)

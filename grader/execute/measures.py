"""Applies a question's measure to returned values, in a child without student code."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from grader.errors import BrokenReference
from grader.execute.calls import arguments_of, run_calls, run_questions
from grader.marking import returns
from grader.nouns.job import Call
from grader.nouns.outcome import Garbled, Outcome, Raised, Returned
from grader.nouns.question import Case, Question
from grader.nouns.text import say
from grader.sandbox.seam import Sandbox

_SOLUTION, _MEASURES = "solution.py", "measures.py"


def measured(
    sandbox: Sandbox, reference: Path, question: Question, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> tuple[Outcome, ...]:
    """Apply the question's measure to each acceptable value; return the outcomes with figures.

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
        arguments=(accepted.value, *arguments_of(question, case)),
        limits=question.limits,
    )
    (result,) = run_calls(sandbox, reference, _MEASURES, [call])
    match result:
        case Returned(value=dict() as figures):
            return outcome.model_copy(update={"figures": figures})
        case Raised(type=kind, message=message):
            reason = f"the returned work could not be measured ({kind}: {message})"
        case _:
            reason = f"the returned work could not be measured ({result.kind})"
    return Garbled(
        reason=reason,
        usage=outcome.usage,
        charge=outcome.charge,
        output=outcome.output,
        output_cut=outcome.output_cut,
    )


class Measures:
    """Applies measures, and tells a value that cannot be measured from a measure that is broken.

    Thread-safe. A measure that fails on a student's value, or calls it faulty, is tried on what the reference returns
    for the same case, once for each case.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._sound: set[tuple[Path, str, str]] = set()

    def measured(
        self, reference: Path, question: Question, cases: Sequence[Case], outcomes: Sequence[Outcome]
    ) -> tuple[Outcome, ...]:
        """Do as the function of this name, and check a measure that fails.

        Raises:
            BrokenReference: the measure fails on the reference's own work too, or calls that faulty.
        """
        found = measured(self._sandbox, reference, question, cases, outcomes)
        for case, before, after in zip(cases, outcomes, found, strict=True):
            if isinstance(before, Returned) and (not isinstance(after, Returned) or "fault" in (after.figures or {})):
                self._assert_sound(reference, question, case)
        return found

    def _assert_sound(self, reference: Path, question: Question, case: Case) -> None:
        place = reference, question.id, case.id
        with self._lock:
            if place in self._sound:
                return
            own = run_questions(self._sandbox, reference, _SOLUTION, [(question, [case])])[question.id]
            (outcome,) = measured(self._sandbox, reference, question, [case], own)
            figures = outcome.figures if isinstance(outcome, Returned) else None
            if figures is None or "fault" in figures:
                problem = (
                    outcome.reason if isinstance(outcome, Garbled) else str((figures or {}).get("fault", outcome.kind))
                )
                raise BrokenReference(
                    say(
                        "{case}: the measure {name} fails on the reference's own work too: {problem}",
                        case=f"{reference.name}/{question.id}/{case.id}",
                        name=question.measure or "",
                        problem=problem,
                    )
                )
            self._sound.add(place)

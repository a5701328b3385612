"""From evidence to a verdict with its place and its diagnosis. Pure: nothing runs, nothing is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.marking.diagnosis import diagnosis, failing_values, match
from grader.marking.outcomes import judge_outcomes
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.misconception import Misconception, Values
from grader.nouns.question import Case, Question
from grader.nouns.value import Value
from grader.nouns.verdict import Verdict

Wrong = Callable[[], tuple[tuple[Misconception, ...], Values]]


def judge(
    question: Question,
    cases: Sequence[Case],
    evidence: Evidence,
    *,
    known: Callable[[], Mapping[str, Value] | None],
    wrong: Wrong,
) -> Judged:
    """Judge one question of one submission.

    Work that earns points waits for a person if its source could not be searched for forbidden names.

    Args:
        question: as the spec loader checked it.
        cases: the cases that were run.
        evidence: what running them gave.
        known: gives the true values, as for `judge_outcomes`; not called where nothing could be run.
        wrong: gives the question's misconceptions and their values; called only where a diagnosis is looked for.

    Raises:
        BrokenReference: the key does not fit the comparison.
    """
    if evidence.broken is not None:
        return Judged(verdict=Verdict(question=question.id, share=0, status="error", message=evidence.broken))
    verdict = judge_outcomes(question, known(), cases, evidence.outcomes, evidence.uses)
    if evidence.unread is not None and verdict.share > 0:
        found = {"status": "needs_review", "message": evidence.unread, "from_source": True}
        verdict = verdict.model_copy(update=found)
    if verdict.share < 1:
        verdict = _pointed(verdict, evidence.file, evidence.line)
        failing = failing_values(question, verdict, cases, evidence.outcomes)
        verdict = _diagnosed(question, verdict, failing, wrong) if failing else verdict
    return Judged(verdict=verdict, notes=evidence.notes, isolation=evidence.isolation)


def _pointed(verdict: Verdict, file: str, line: int | None) -> Verdict:
    """Add a place to every failing case: where it raised, else where the question is answered."""
    if line is None or verdict.status == "correct":
        return verdict
    cases = tuple(
        case.model_copy(update={"file": file, "line": line}) if case.share < 1 and case.file is None else case
        for case in verdict.cases
    )
    return verdict.model_copy(update={"cases": cases, "file": file, "line": line})


def _diagnosed(question: Question, verdict: Verdict, failing: Mapping[str, Value], wrong: Wrong) -> Verdict:
    """Add the misconception that gives the student's values on all failing cases, if any."""
    misconceptions, values = wrong()
    misconception = match(question, misconceptions, values, failing)
    if misconception is None:
        return verdict
    found = {"misconception": misconception.name, "diagnosis": diagnosis(misconception, question)}
    return verdict.model_copy(update=found)

"""From outcomes to a verdict on one question. Pure: nothing runs, nothing is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grader.errors import BrokenReference
from grader.marking import compare, returns
from grader.marking.credit import counted, earned
from grader.marking.describe import cut, kind, plain, shown
from grader.marking.faults import fault
from grader.marking.rubric import is_blank, touched
from grader.nouns.outcome import Outcome, Raised, Returned
from grader.nouns.question import Case, Question
from grader.nouns.text import Message, Text, say
from grader.nouns.use import Use
from grader.nouns.value import Value
from grader.nouns.verdict import CaseVerdict, Comparison, Status, Verdict

_INPUTS_WIDTH = 160


def judge_outcomes(
    question: Question,
    key: Mapping[str, Value] | None,
    cases: Sequence[Case],
    outcomes: Sequence[Outcome],
    forbidden: Sequence[Use] = (),
) -> Verdict:
    """Judge one question of one submission from its outcomes.

    The share is what `grader.marking.credit` gives for the hidden cases, or for all cases where that is less: a public
    case earns nothing, since its answer can be written down, and failing it costs. A forbidden name, found in the
    source or used in any case, costs the whole question. Otherwise the status is `correct` for a full share, `partial`
    for some, and for none that of most failing cases, with the message of the first such case.

    Args:
        question: as the spec loader checked it.
        key: case id to the true value; empty for questions that a measure or a person judges; None where only the
            course itself can judge (a student kit), so that an answer of the right form waits for review.
        cases: the cases that were run.
        outcomes: one for each case; a measured question's carry `figures`.
        forbidden: uses of forbidden names in the source.

    Raises:
        BrokenReference: the key lacks a case, or holds a value that the comparison cannot use.
    """
    found = [_judge(question, key, case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]
    verdicts = tuple(_case(*one) for one in zip(cases, outcomes, found, strict=True))

    def earns(places: Sequence[int]) -> float:
        shares, parts = [found[n].share for n in places], [found[n].parts for n in places]
        return earned(question, key, [cases[n] for n in places], shares, parts)

    counting = counted(cases)
    share = min(earns(counting), earns(range(len(cases))))
    if all(found[n].status == "correct" for n in counting):
        counting = list(range(len(cases)))  # every lost point was lost on a public case
    status, share, message, _ = _overall(verdicts, [verdicts[n] for n in counting], share)
    if forbidden:
        status, share, message = "forbidden", 0.0, _forbidden(forbidden)
    return Verdict(
        question=question.id,
        share=share,
        status=status,
        message=message,
        from_source=bool(forbidden),
        touched=_touched(question, outcomes),
        cases=verdicts,
    )


class _Judgement(NamedTuple):
    """The judgement on a case or a question; `parts` as in `Comparison`."""

    status: Status
    share: float
    message: Message | None
    parts: Mapping[str, float] = {}


def _overall(every: Sequence[CaseVerdict], counting: Sequence[CaseVerdict], share: float) -> _Judgement:
    """Combine the judgements on all cases, and the earned share of those that count, into one on the question."""
    statuses = Counter(verdict.status for verdict in counting if verdict.status != "correct")
    if not every:
        return _Judgement("missing", 0.0, say("there was no case to run"))
    for status, earns in (("forbidden", 0.0), ("needs_review", share)):
        if found := [verdict for verdict in every if verdict.status == status]:
            return _Judgement(found[0].status, earns, found[0].message)
    if not statuses:
        return _Judgement("correct", 1.0, None)
    if share > 0:
        return _Judgement("partial", share, _partly(counting))
    status = statuses.most_common(1)[0][0]
    first = _first(counting, status)
    if status != "partial":
        return _Judgement(status, 0.0, first.message)
    message = say(
        "one value given every time would be right as often; {problem}",
        problem=first.message or say("part of it is right"),
    )
    return _Judgement("wrong", 0.0, message)


def _first(verdicts: Sequence[CaseVerdict], status: Status) -> CaseVerdict:
    return next(verdict for verdict in verdicts if verdict.status == status)


def _forbidden(uses: Sequence[Use]) -> Message:
    use = uses[0]
    if len(uses) == 1:
        return say(
            "`{name}` may not be used for this question: {file}, line {line}",
            name=use.name,
            file=plain(use.file),
            line=use.line,
        )
    return say(
        "`{name}` may not be used for this question: {file}, line {line}, and {count} more",
        name=use.name,
        file=plain(use.file),
        line=use.line,
        count=len(uses) - 1,
    )


def _partly(verdicts: Sequence[CaseVerdict]) -> Message:
    first = next(verdict for verdict in verdicts if verdict.share < 1)
    if len(verdicts) == 1:
        return first.message or say("part of it is right")
    return say(
        "{passed} of {total} cases are right; {case}: {problem}",
        passed=sum(verdict.share >= 1 for verdict in verdicts),
        total=len(verdicts),
        case=first.id,
        problem=first.message or say("part of it is right"),
    )


def _case(case: Case, outcome: Outcome, judgement: _Judgement) -> CaseVerdict:
    raised = outcome if isinstance(outcome, Raised) else None
    return CaseVerdict(
        id=case.id,
        hidden=case.hidden,
        status=judgement.status,
        share=judgement.share,
        message=judgement.message,
        inputs="" if case.hidden else _inputs(case.inputs),
        output=outcome.output,
        traceback=raised.traceback if raised else "",
        file=raised.file if raised else None,
        line=raised.line if raised else None,
        usage=outcome.usage,
    )


def _inputs(inputs: Mapping[str, Any]) -> str:
    return cut(", ".join(f"{name}={shown(value)}" for name, value in inputs.items()), _INPUTS_WIDTH)


def _judge(question: Question, key: Mapping[str, Value] | None, case: Case, outcome: Outcome) -> _Judgement:
    found = fault(question, outcome)
    if found is not None or not isinstance(outcome, Returned):
        return _Judgement(*(found.status, 0.0, found.message) if found else ("garbled", 0.0, None))
    if question.answer is not None and _unanswered(question, outcome.value):
        return _Judgement("missing", 0.0, say("no answer yet"))
    accepted = returns.accept(question.returns, outcome.value)
    if isinstance(accepted, returns.Refused):
        return _Judgement("wrong", 0.0, accepted.message)
    if key is None:
        return _Judgement("needs_review", 0.0, say("your answer has the right form; it is judged after you hand it in"))
    if question.rubric:
        return _for_a_person(accepted.value)
    return _graded(_found(question, key, case, accepted.value, outcome))


def _found(question: Question, key: Mapping[str, Value], case: Case, value: Value, outcome: Returned) -> Comparison:
    if question.measure is not None:
        return _measured(question, outcome)
    if case.id not in key:
        raise BrokenReference(
            say("{question}: the key has no value for case {case}", question=question.id, case=case.id)
        )
    return _compared(question, key[case.id], value)


def _unanswered(question: Question, value: Value) -> bool:
    if value is None or (type(value) is str and not value.strip()):
        return True
    return bool(question.rubric) and type(value) is str and is_blank(value)


def _for_a_person(value: Value) -> _Judgement:
    """Leave free text to a person; no number is given before."""
    if type(value) is not str:
        return _Judgement("wrong", 0.0, say("a text was expected, got {got}", got=kind(value)))
    return _Judgement("needs_review", 0.0, say("a teacher marks this text"))


def _touched(question: Question, outcomes: Sequence[Outcome]) -> tuple[int, ...]:
    """Which points of a question's rubric its text may touch."""
    texts = [o.value for o in outcomes if isinstance(o, Returned) and type(o.value) is str]
    return touched(question.rubric, texts[0]) if question.rubric and texts else ()


def _measured(question: Question, outcome: Returned) -> Comparison:
    figures = outcome.figures
    if figures is None:
        return Comparison(share=0.0, message=say("the returned work was not measured"))
    if "fault" in figures:
        return Comparison(share=0.0, message=_fault_found(figures["fault"]))
    return _compared(question, None, figures)


def _fault_found(texts: object) -> Message:
    if isinstance(texts, dict) and all(isinstance(texts.get(language), str) for language in ("zh", "en")):
        return say("{text}", text=Text(zh=texts["zh"] or "?", en=texts["en"] or "?"))
    return say("the returned work cannot be measured")


def _compared(question: Question, expected: Value, got: Value) -> Comparison:
    name, parameters = question.comparison
    parameters = compare.check_parameters(name, parameters)
    if question.choose:
        parameters["options"] = tuple(question.choose)
    return compare.comparison(name)(expected, got, **parameters)


def _graded(comparison: Comparison) -> _Judgement:
    if comparison.share >= 1:
        return _Judgement("correct", 1.0, None, comparison.parts)
    status: Status = "partial" if comparison.share > 0 else "wrong"
    return _Judgement(status, comparison.share, comparison.message, comparison.parts)

"""Wrong answers that students really give: read from the reference, run like it, matched with a student's values."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.answers.frozen import frozen_misconceptions, is_frozen
from grader.answers.key import default_store, key_digest, read_values, reference_folder, write_values
from grader.errors import BrokenReference, SpecError
from grader.execute.calls import calls_for, run_calls
from grader.marking import compare, returns
from grader.nouns.base import Noun
from grader.nouns.binding import Binding
from grader.nouns.course import Chapter, Course
from grader.nouns.outcome import Missing, Outcome, Raised, Returned
from grader.nouns.question import Case, Question
from grader.nouns.text import Message, Text, say
from grader.nouns.value import Value
from grader.nouns.verdict import Verdict
from grader.sandbox import Sandbox
from grader.store.digest import digest, folder_digest

MODULE = "misconceptions.py"
SEPARATOR = "__"


class Misconception(Noun):
    """A named wrong answer.

    Attributes:
        name: what follows `__` in the name of its function.
        function: the function in `misconceptions.py` that gives it.
        explanation: what the student did, in both languages, without the right value.
        see: anchor of the section in the handout; empty for the question's own.
        line: where it is defined.
    """

    name: str
    function: str
    explanation: Text
    see: str = ""
    line: int = 0


Values = dict[str, dict[str, Value]]
"""Misconception name to case id to the value it gives; cases it has no value for are absent."""


def misconceptions_of(course: Course, chapter: Chapter, question: Question) -> tuple[Misconception, ...]:
    """The misconceptions of one question, read from the source's docstrings; nothing is imported.

    Raises:
        SpecError: a misconception lacks one of the languages, or the file is not Python.
    """
    if is_frozen(course, chapter):
        return tuple(
            Misconception(name=m.name, function=m.name, explanation=m.explanation, see=m.see)
            for m in frozen_misconceptions(chapter, question)
        )
    file = reference_folder(course, chapter) / MODULE
    if question.call is None or not file.is_file():
        return ()
    prefix = question.call.name + SEPARATOR
    return tuple(m for m in read_misconceptions(file) if m.function.startswith(prefix))


def read_misconceptions(file: Path) -> tuple[Misconception, ...]:
    """All misconceptions in a file: functions called `<function>__<name>` with `zh:` and `en:` in the docstring."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    except SyntaxError as error:
        raise SpecError(say("is not Python: {error}", error=error.msg), file=file, line=error.lineno) from error
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and SEPARATOR in node.name.strip("_")]
    return tuple(_read_one(file, node) for node in functions)


def _read_one(file: Path, node: ast.FunctionDef) -> Misconception:
    fields = _fields(ast.get_docstring(node) or "")
    for language in ("zh", "en"):
        if not fields.get(language):
            problem = say("write what the student did as `{language}: …` in the docstring", language=language)
            raise SpecError(problem, file=file, line=node.lineno, field=node.name)
    return Misconception(
        name=node.name.split(SEPARATOR, 1)[1],
        function=node.name,
        explanation=Text(zh=fields["zh"], en=fields["en"]),
        see=fields.get("see", ""),
        line=node.lineno,
    )


def _fields(docstring: str) -> dict[str, str]:
    """`zh: …`, `en: …` and `see: …`; a line without a label continues the one before."""
    fields: dict[str, str] = {}
    label = ""
    for line in docstring.splitlines():
        head, colon, rest = line.partition(":")
        if colon and head.strip() in {"zh", "en", "see"}:
            label = head.strip()
            fields[label] = rest.strip()
        elif label and line.strip():
            joint = "" if label == "zh" else " "
            fields[label] += joint + line.strip()
    return fields


def misconception_values(
    course: Course,
    chapter: Chapter,
    question: Question,
    cases: Sequence[Case],
    bindings: Mapping[str, Binding],
    sandbox: Sandbox,
    *,
    store: Path | None = None,
) -> Values:
    """What each misconception of a question returns for some cases, kept by content hash like the key."""
    if is_frozen(course, chapter):
        return {m.name: m.values for m in frozen_misconceptions(chapter, question)}
    found = misconceptions_of(course, chapter, question)
    if not found or question.measure is not None:
        return {}
    folder = reference_folder(course, chapter).resolve()
    source = digest(folder_digest(folder), [case.model_dump() for case in cases])
    name = f"{question.id}-misconceptions-{key_digest(question, bindings, source)}.key"
    file = (store or default_store()) / chapter.id / name
    kept = read_values(file)
    if kept is not None:
        return kept
    calls = [call for m in found for call in calls_for(question, cases, function=m.function)]
    outcomes = run_calls(sandbox, folder, MODULE, calls)
    values: Values = {m.name: {} for m in found}
    for call, outcome in zip(calls, outcomes, strict=True):
        value = _value(question, outcome)
        if value is not None:
            values[(call.function or "").split(SEPARATOR, 1)[1]][call.case] = value
    # A misconception may raise, always; what a busy or broken machine cut short must be tried again.
    if all(isinstance(outcome, Returned | Raised | Missing) for outcome in outcomes):
        write_values(file, values)
    return values


def _value(question: Question, outcome: Outcome) -> Value | None:
    if not isinstance(outcome, Returned):
        return None
    accepted = returns.accept(question.returns, outcome.value)
    return None if isinstance(accepted, returns.Refused) else accepted.value


def same(question: Question, expected: Value, value: Value) -> bool:
    """Whether the question's own comparison takes one value for the other.

    A value it cannot use equals nothing, but for NaN: code that divides by no token at all does so in both.
    """
    if _is_nan(expected) and _is_nan(value):
        return True
    name, parameters = question.comparison
    parameters = compare.check_parameters(name, parameters)
    try:
        return compare.comparison(name)(expected, value, **parameters).share >= 1
    except BrokenReference:
        return False


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def match(
    question: Question,
    found: Sequence[Misconception],
    values: Values,
    failing: Mapping[str, Value],
) -> Misconception | None:
    """The misconception whose values equal the student's on all failing cases, or None.

    Args:
        question: whose comparison and tolerance decide what is equal.
        found: the question's misconceptions, in order of preference.
        values: what each of them gives.
        failing: case id to what the student returned there; empty when some case gave no value at all.
    """
    for misconception in found:
        own = values.get(misconception.name, {})
        if failing and all(case in own and same(question, own[case], value) for case, value in failing.items()):
            return misconception
    return None


def failing_values(
    question: Question, verdict: Verdict, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> dict[str, Value]:
    """Case id to the student's value for every case that is not fully right; empty if one of them has no value."""
    values: dict[str, Value] = {}
    if question.measure is not None or verdict.status == "forbidden":
        return values
    shares = {case.id: case.share for case in verdict.cases}
    for case, outcome in zip(cases, outcomes, strict=True):
        if shares.get(case.id, 0) < 1:
            value = _value(question, outcome)
            if value is None:
                return {}
            values[case.id] = value
    return values


def diagnosis(misconception: Misconception, question: Question) -> Message:
    """What a student is told: the explanation and where to read on; never the expected value."""
    return say(
        "{explanation} (handout: {section})",
        explanation=misconception.explanation,
        section=misconception.see or question.see or question.id,
    )

"""Wrong answers that students really give: read from the reference, run like it, matched with a student's values."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.answers.frozen import frozen_misconceptions, is_frozen
from grader.answers.key import key_digest
from grader.errors import SpecError
from grader.execute.calls import calls_for, run_calls
from grader.files import folder_digest
from grader.marking.diagnosis import _value
from grader.nouns.binding import Binding
from grader.nouns.course import Chapter, Course
from grader.nouns.misconception import Misconception, Values
from grader.nouns.outcome import Missing, Raised, Returned
from grader.nouns.question import Case, Question
from grader.nouns.text import Text, say
from grader.sandbox.seam import Sandbox
from grader.store.digest import digest
from grader.store.values import default_store, read_values, write_values

MODULE = "misconceptions.py"
SEPARATOR = "__"


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
    file = course.reference_folder(chapter) / MODULE
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
    folder = course.reference_folder(chapter)
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

"""The answer key: what the reference returns for every case of a chapter, computed once and kept by content hash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grader.answers.frozen import frozen_values, is_frozen
from grader.course.draw import all_cases
from grader.errors import BrokenReference
from grader.execute.calls import run_questions
from grader.files import folder_digest
from grader.marking import returns
from grader.nouns.answer_key import AnswerKey
from grader.nouns.binding import Binding
from grader.nouns.course import Chapter, Course
from grader.nouns.outcome import Outcome, Raised, Returned
from grader.nouns.question import Case, Question
from grader.nouns.text import Message, say
from grader.nouns.value import Tensor, Value
from grader.sandbox import wire
from grader.sandbox.seam import Sandbox
from grader.store.digest import digest, library_versions, question_digest
from grader.store.values import default_store, read_values, write_values

SOLUTION = "solution.py"


def answer_key(
    course: Course,
    chapter: Chapter,
    bindings: Mapping[str, Binding],
    sandbox: Sandbox,
    *,
    questions: Iterable[str] | None = None,
    store: Path | None = None,
) -> AnswerKey:
    """The key of a chapter, from the store where its inputs are unchanged, else from a run of the reference.

    Questions that a measure or a person judges have no key. Wherever a spec, the reference's source, a model or a
    library changes, the content hash does, and the key is computed anew.

    In a student kit there is no reference; then the frozen key is all there is, and what it does not know is absent.

    Raises:
        BrokenReference: the reference did not return a value of the declared shape for some case.
        GraderError: a frozen key does not belong to this question or these models.
    """
    folder = course.reference_folder(chapter)
    store = store or default_store()
    selected = [q for q in chapter.questions if has_key(q) and (questions is None or q.id in questions)]
    if is_frozen(course, chapter):
        return frozen_values(chapter, tuple(selected), bindings)
    source = folder_digest(folder) if folder.is_dir() else "frozen"
    files = {q.id: store / chapter.id / f"{q.id}-{key_digest(q, bindings, source)}.key" for q in selected}
    key: AnswerKey = {}
    to_compute = []
    for question in selected:
        kept = read_values(files[question.id])
        if kept is None:
            to_compute.append((question, all_cases(question)))
        else:
            key[question.id] = kept
    if not to_compute:
        return key
    work = run_questions(sandbox, folder, SOLUTION, to_compute)
    for question, cases in to_compute:
        key[question.id] = {
            case.id: true_value(chapter, question, case, outcome)
            for case, outcome in zip(cases, work[question.id], strict=True)
        }
        write_values(files[question.id], key[question.id])
    return key


def has_key(question: Question) -> bool:
    """Whether the reference gives the truth of this question."""
    return question.measure is None and not question.needs_review


def key_digest(question: Question, bindings: Mapping[str, Binding], source: str) -> str:
    """The content hash of one question's key."""
    fingerprints = {name: bindings[name].fingerprint for name in question.given.values() if name in bindings}
    return digest(question_digest(question), question.returns, source, fingerprints, library_versions())


def true_value(chapter: Chapter, question: Question, case: Case, outcome: Outcome) -> Value:
    """The value in an outcome of the reference.

    Raises:
        BrokenReference: there is none, or it does not have the declared shape.
    """
    where = say("{question}, case {case}", question=f"{chapter.id}/{question.id}", case=case.id)
    match outcome:
        case Returned(value=value):
            accepted = returns.accept(question.returns, value)
            if isinstance(accepted, returns.Refused):
                raise BrokenReference(
                    say(
                        "{where}: the reference returns something `returns` does not allow: {problem}",
                        where=where,
                        problem=accepted.message,
                    )
                )
            return accepted.value
        case Raised(type=kind, message=message, traceback=traceback):
            raise BrokenReference(
                say(
                    "{where}: the reference raised {error}\n{traceback}",
                    where=where,
                    error=f"{kind}: {message}",
                    traceback=traceback,
                )
            )
        case _:
            given = str(outcome.model_dump(exclude={"output"}))
            raise BrokenReference(say("{where}: the reference gave no value: {outcome}", where=where, outcome=given))


def as_json(keys: Mapping[str, AnswerKey], questions: Iterable[Question]) -> str:
    """Keys for people: chapter, question, case, with the inputs and the true value; tensors as nested lists."""
    inputs = {q.id: {case.id: case.inputs for case in all_cases(q)} for q in questions}
    document = {
        chapter: {
            question: {
                case: {"inputs": inputs[question][case], "expected": _plain(value)} for case, value in cases.items()
            }
            for question, cases in key.items()
        }
        for chapter, key in keys.items()
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def differences(kept: Mapping[str, AnswerKey], fresh: Mapping[str, AnswerKey]) -> list[Message]:
    """Where two sets of keys differ, a line each: `chapter/question/case`; byte for byte on the wire."""
    return [
        say("{case} differs from a fresh run", case=f"{chapter}/{question}/{case}")
        for chapter, key in fresh.items()
        for question, cases in key.items()
        for case, value in cases.items()
        if wire.encode(kept.get(chapter, {}).get(question, {}).get(case)) != wire.encode(value)
    ]


def _plain(value: Value) -> Any:
    match value:
        case Tensor(dtype=dtype, array=array):
            return {"tensor": dtype, "values": array.tolist()}
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case _:
            return value

"""What a question declares is there: functions with their signatures, texts in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from grader.answers.key import SOLUTION
from grader.audit.findings import Finding
from grader.audit.subject import Subject
from grader.nouns.text import Message, say

CHECK = "declared"
ORDER = 1
LANGUAGES = ("zh", "en")


def check(subject: Subject) -> Iterator[Finding]:
    """Reference and template define what the question declares; each handout has the question's section."""
    template = subject.course.template_folder / subject.chapter.module
    problems = [*_source(subject, subject.reference / SOLUTION), *_source(subject, template)]
    if subject.question.measure:
        problems += _measure(subject)
    for language in LANGUAGES:
        problems += _handout(subject, language)
    for problem in problems:
        yield subject.finding(CHECK, problem, ok=False)
    if not problems:
        text = say("reference, template and both handouts hold what is declared")
        yield subject.finding(CHECK, text, ok=True)


def _source(subject: Subject, file: Path) -> list[Message]:
    if not file.is_file():
        return [say("there is no {file} in {folder}", file=file.name, folder=file.parent.name)]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    question = subject.question
    if question.call is None:
        known = question.answer in _answers(tree)
        return [] if known else [say("{file}: ANSWERS has no {answer!r}", file=file.name, answer=question.answer)]
    found = _functions(tree).get(question.call.name)
    if found is None:
        return [_no_function(file, question.call.name)]
    if found != question.call.parameters:
        defined = f"{question.call.name}({', '.join(found)})"
        message = say(
            "{file}: {declared} is declared, {defined} is defined",
            file=file.name,
            declared=str(question.call),
            defined=defined,
        )
        return [message]
    return []


def _no_function(file: Path, name: str) -> Message:
    return say("{file}: there is no function {name}", file=file.name, name=name)


def _functions(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    return {
        node.name: tuple(argument.arg for argument in (*node.args.posonlyargs, *node.args.args))
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def _answers(tree: ast.Module) -> set[str]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="ANSWERS")], value=ast.Dict(keys=keys)):
                return _texts(keys)
            case ast.AnnAssign(target=ast.Name(id="ANSWERS"), value=ast.Dict(keys=keys)):
                return _texts(keys)
    return set()


def _texts(keys: list[ast.expr | None]) -> set[str]:
    return {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def _measure(subject: Subject) -> list[Message]:
    file = subject.reference / "measures.py"
    if not file.is_file():
        return [say("the question has a measure, but there is no measures.py")]
    name = subject.question.measure or ""
    if name not in _functions(ast.parse(file.read_text(encoding="utf-8"))):
        return [_no_function(file, name)]
    return []


def _handout(subject: Subject, language: str) -> list[Message]:
    file = subject.chapter.folder / f"handout.{language}.md"
    if not file.is_file():
        return [say("there is no {file}", file=file.name)]
    anchors = set(re.findall(r"^#+ .*\{#([\w-]+)\}\s*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    wanted = [subject.question.see or subject.question.id, *(m.see for m in subject.misconceptions if m.see)]
    absent = [anchor for anchor in wanted if anchor not in anchors]
    return [say("{file} has no section {{#{anchor}}}", file=file.name, anchor=anchor) for anchor in absent]

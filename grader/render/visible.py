"""What may be shown of a report to its student: nothing that a hidden case gave away."""

from __future__ import annotations

from collections.abc import Iterator

from grader.language.speak import speak
from grader.nouns.report import QuestionScore
from grader.nouns.text import Language
from grader.nouns.verdict import CaseVerdict
from grader.render.plain import printable


def reasons(question: QuestionScore, language: Language) -> Iterator[str]:
    """The message and the diagnosis of a question, a text each, harmless to terminals."""
    for message in (question.message, question.diagnosis):
        if message is not None:
            yield printable(speak(message, language))


def shown(case: CaseVerdict) -> CaseVerdict:
    """A case as its student may see it; what a program printed or raised on a hidden input could be that input."""
    if not case.hidden:
        return case
    return case.model_copy(update={"inputs": "", "output": "", "traceback": ""})


def location(case: CaseVerdict) -> str:
    """`file:line` in the student's work, empty where unknown."""
    return f"{case.file}:{case.line}" if case.file and case.line else (case.file or "")

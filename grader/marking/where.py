"""Where in a student's file a question is answered, so that a lost point can be pointed at."""

from __future__ import annotations

import re
from pathlib import Path

from grader.nouns.question import Question
from grader.nouns.verdict import Verdict

_LONGEST = 2**20


def answer_line(file: Path, question: Question) -> int | None:
    """The line in a module that defines the question's function or sets its answer; None where there is none.

    The last top-level definition counts, as it does for Python; the source is searched, not run.
    """
    try:
        with file.open("rb") as stream:
            source = stream.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return None
    lines = source.splitlines()
    if question.call is not None:
        pattern = (
            rf"(?:async\s+)?(?:def|class)\s+{re.escape(question.call.name)}\b|{re.escape(question.call.name)}\s*[:=]"
        )
        found = [number for number, line in enumerate(lines, 1) if re.match(pattern, line)]
        return found[-1] if found else None
    quoted = rf"""["']{re.escape(question.answer or "")}["']\s*[:\]]"""
    return next((number for number, line in enumerate(lines, 1) if re.search(quoted, line)), None)


def pointed(verdict: Verdict, file: str, line: int | None) -> Verdict:
    """The verdict with a place for every failing case: where it raised, else where the question is answered."""
    if line is None or verdict.status == "correct":
        return verdict
    cases = tuple(
        case.model_copy(update={"file": file, "line": line}) if case.share < 1 and case.file is None else case
        for case in verdict.cases
    )
    return verdict.model_copy(update={"cases": cases})

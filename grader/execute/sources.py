"""What is read of a student's source without running it."""

from __future__ import annotations

import re
from pathlib import Path

from grader.nouns.question import Question

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

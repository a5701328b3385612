"""Finds the line of an answer in a student's source, without parsing it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.nouns.question import Question


def answer_line(lines: Sequence[str], question: Question) -> int | None:
    """Return the line that defines the question's function or sets its answer; None where there is none.

    The last top-level definition counts, as it does for Python; the source is searched, not run.
    """
    if question.call is not None:
        pattern = (
            rf"(?:async\s+)?(?:def|class)\s+{re.escape(question.call.name)}\b|{re.escape(question.call.name)}\s*[:=]"
        )
        found = [number for number, line in enumerate(lines, 1) if re.match(pattern, line)]
        return found[-1] if found else None
    quoted = rf"""["']{re.escape(question.answer or "")}["']\s*[:\]]"""
    return next((number for number, line in enumerate(lines, 1) if re.search(quoted, line)), None)

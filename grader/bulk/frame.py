"""Results as a pandas frame for analysis: a row a question of a person."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

from grader.bulk.results import recorded
from grader.errors import GraderError
from grader.language.catalogue import default_language
from grader.language.speak import speak
from grader.nouns.report import ChapterScore, QuestionScore, Report
from grader.nouns.text import say
from grader.nouns.verdict import Status

if TYPE_CHECKING:
    import pandas as pd

_TYPES: dict[str, Any] = {
    "submission": "str",
    "student": "str",
    "name": "str",
    "team": "str",
    "submitted": "datetime64[us, UTC]",
    "days_late": "int64",
    "attempt": "int64",
    "chapter": "category",
    "question": "category",
    "advanced": "bool",
    "status": "category",
    "score": "float64",
    "max_score": "float64",
    "share": "float64",
    "misconception": "str",
    "cases": "int64",
    "cases_correct": "int64",
    "wall_seconds": "float64",
    "cpu_seconds": "float64",
    "memory_bytes": "int64",
}
"""Column to dtype, in the order of the columns."""


def frame(folder: Path, zone: str) -> pd.DataFrame:
    """Return the newest results in a folder, a row a question; see `grader.results`.

    Raises:
        GraderError: pandas is not installed.
        LedgerError: nothing was graded there.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise GraderError(say("a frame of results needs the extra: pip install '.[analysis]'")) from error
    whole = recorded(folder)
    for message in whole.damage:
        warnings.warn(speak(message, default_language()), stacklevel=3)
    rows = [
        _row(report, chapter, question, ZoneInfo(zone))
        for report in whole.reports
        for chapter in report.chapters
        for question in chapter.questions
    ]
    # Categories keep the order of the course, so that tables and plots are not sorted by the alphabet.
    orders = {column: list(dict.fromkeys(row[column] for row in rows)) for column in ("chapter", "question")}
    types = _TYPES | {column: pd.CategoricalDtype(order) for column, order in orders.items()}
    types |= {"status": pd.CategoricalDtype(list(get_args(Status))), "submitted": pd.DatetimeTZDtype("us", zone)}
    return pd.DataFrame({column: pd.Series([row[column] for row in rows], dtype=types[column]) for column in _TYPES})


def _row(report: Report, chapter: ChapterScore, question: QuestionScore, zone: ZoneInfo) -> dict[str, Any]:
    usages = [case.usage for case in question.cases]
    when = report.submitted
    return {
        "submission": report.submission,
        "student": report.student,
        "name": report.name or None,
        "team": report.team or None,
        "submitted": when.replace(tzinfo=when.tzinfo or zone) if when else None,
        "days_late": report.days_late,
        "attempt": report.attempt,
        "chapter": chapter.id,
        "question": question.id,
        "advanced": question.advanced,
        "status": question.status,
        "score": None if question.is_open else question.score,
        "max_score": question.max_score,
        "share": None if question.is_open else question.score / question.max_score,
        "misconception": question.misconception,
        "cases": len(question.cases),
        "cases_correct": sum(case.status == "correct" for case in question.cases),
        "wall_seconds": sum(usage.wall for usage in usages),
        "cpu_seconds": sum(usage.cpu for usage in usages),
        "memory_bytes": max((usage.memory for usage in usages), default=0),
    }

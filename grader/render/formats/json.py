"""Reports as JSON for students, with the field names of `grader.nouns`; hidden cases are redacted."""

from __future__ import annotations

from collections.abc import Sequence

from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language
from grader.render.data import as_json

SUFFIX = ".json"


def render(reports: Sequence[Report], *, course: Course, language: Language) -> str:
    """One report as an object, several as a list; messages said in one language."""
    del course
    return as_json(reports, language)

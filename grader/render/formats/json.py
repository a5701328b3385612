"""Reports as JSON, of hidden cases what their students may see: the field names of the nouns."""

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

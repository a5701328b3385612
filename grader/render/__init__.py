"""Reports as text, files and pages: one module a format, its file name is the format's name.

A format has one function `render(reports, *, course, language, …)`. It may take a `template` to fill in, and says
with `PER_SUBMISSION = True` that each student's report is a file of its own. What formats share is in `parts`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Sequence

from grader.errors import ExportError
from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language, say


def formats() -> list[str]:
    """The names of all formats."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    return sorted(name for name in names if hasattr(importlib.import_module(f"{__name__}.{name}"), "render"))


def is_per_submission(name: str) -> bool:
    """Whether the format is a file for each report."""
    return bool(getattr(importlib.import_module(f"{__name__}.{name}"), "PER_SUBMISSION", False))


def suffix(name: str) -> str:
    """What files of a format end with."""
    return {"html": ".html", "classpage": ".html", "junit": ".xml", "markdown": ".md", "table": ".txt"}.get(
        name, ".json" if name in ("json", "gradescope") else ".csv"
    )


def render(
    name: str, reports: Sequence[Report], *, course: Course, language: Language, template: bytes | None = None
) -> str:
    """Reports in the format of a name.

    Raises:
        ExportError: there is no such format, or it has no use for a template.
    """
    if name not in formats():
        raise ExportError(say("there is no format {name!r}; there are: {names}", name=name, names=", ".join(formats())))
    function = importlib.import_module(f"{__name__}.{name}").render
    if template is None:
        return str(function(reports, course=course, language=language))
    if "template" not in inspect.signature(function).parameters:
        raise ExportError(say("the format {name} fills in no template", name=name))
    return str(function(reports, course=course, language=language, template=template))

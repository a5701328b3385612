"""Report formats: one module each, found by its file name, which is the word for `grader report --format`.

    SUFFIX = ".txt"
    FOR_STAFF = True

    def render(reports, *, course, language):
        return ", ".join(f"{report.submission}: {report.score:g}" for report in reports)

A format defines two things:

- `render(reports, *, course, language)` gives the text of some `grader.nouns.report.Report`; it may take a `template`,
  bytes of a table to fill in, and `color`, whether it goes to a terminal that shows colours. Messages and titles are
  said by `grader.language.speak.speak(message, language)`.
- `SUFFIX` is what its files end with, for example `".csv"`.

It may say more of itself:

- `PER_SUBMISSION = True` where each student's report is a file of its own; left out otherwise.
- `FOR_STAFF = True` where it is for those who may see what hidden cases gave. Left out, it is for students, and its
  `render` gets reports in which nothing of that is left.

What students wrote is made harmless by the format, in the way of what it writes: `printable` of `grader.nouns.text` in
plain text, `as_markdown` of `grader.render.plain` in Markdown, autoescape in a page, `text` of `grader.render.sheet` in
a table.

Only this module calls a format, so none can be given to a student with what is the staff's.

What formats share stands beside this folder, in `grader.render`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from types import ModuleType

from grader import plugins
from grader.errors import ExportError
from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language, say
from grader.render.visible import visible


def names() -> tuple[str, ...]:
    """Return the names of all formats, in alphabetical order."""
    return plugins.names(_HERE)


def is_per_submission(name: str) -> bool:
    """Return whether the format writes one file per report."""
    return plugins.told(_format(name), "PER_SUBMISSION", default=False)


def suffix(name: str) -> str:
    """Return the suffix of a format's files."""
    return str(_format(name).SUFFIX)


def is_for_staff(name: str) -> bool:
    """Whether the format shows what its students may not see; False for what can be handed to them."""
    return plugins.told(_format(name), "FOR_STAFF", default=False)


def takes_color(name: str) -> bool:
    """Whether the format can be shown in colours."""
    return "color" in inspect.signature(_format(name).render).parameters


def render(
    name: str,
    reports: Sequence[Report],
    *,
    course: Course,
    language: Language,
    template: bytes | None = None,
    **options: object,
) -> str:
    """Render reports in the format of a name: whole for the staff, for students what they may see.

    Args:
        name: the format.
        reports: whole, as they were graded.
        course: the course.
        language: of all words.
        template: a table to fill in, for formats that take one.
        **options: what else the format takes, for example `color`.

    Raises:
        ExportError: there is no such format, or it has no use for a template.
    """
    function = _format(name).render
    shown = reports if is_for_staff(name) else [visible(report) for report in reports]
    if template is None:
        return str(function(shown, course=course, language=language, **options))
    if "template" not in inspect.signature(function).parameters:
        raise ExportError(say("the format {name} fills in no template", name=name))
    return str(function(shown, course=course, language=language, template=template, **options))


def _format(name: str) -> ModuleType:
    try:
        return plugins.load(_HERE, name, "render", "SUFFIX")
    except plugins.NoSuchPlugin as error:
        known = ", ".join(names())
        raise ExportError(say("there is no format {name!r}; there are: {names}", name=name, names=known)) from error


_HERE = sys.modules[__name__]

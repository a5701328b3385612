"""A class as a table: one row per submission, one column per chapter."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text as Line

from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import BoundModel, ChapterScore, Report
from grader.nouns.text import Language, one_line, say
from grader.nouns.verdict import FAULTS
from grader.render.console import printed
from grader.render.plain import confinement, points, shared_notes
from grader.render.statuses import STATUS_NAMES

SUFFIX = ".txt"
FOR_STAFF = True

NARROWEST = 118
"""Columns below which marks would be cut off; a terminal that is narrower wraps the lines."""
_COUNTED = FAULTS | {"forbidden", "needs_review"}
"""The statuses whose questions are counted in the last column."""


def render(
    reports: Sequence[Report], *, course: Course, language: Language, color: bool = False, width: int | None = None
) -> str:
    """The class table as text; ANSI colours with `color`. Marks of absent chapters are shown as a dash."""
    chapters = [c for c in course.chapters if any(c == chapter.id for report in reports for chapter in report.chapters)]
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(speak(say("submission"), language), no_wrap=True)
    for chapter in chapters:
        table.add_column(chapter.split("_")[0], justify="right", no_wrap=True)
    table.add_column(speak(say("total"), language), justify="right", no_wrap=True)
    table.add_column(speak(say("notes"), language))
    for report in reports:
        marks = {chapter.id: chapter for chapter in report.chapters}
        table.add_row(
            Line(one_line(report.submission)),
            *("EX" if chapter in report.excused else _mark(marks.get(chapter)) for chapter in chapters),
            f"{points(report.score)} / {points(report.max_score)}",
            Line(_notes(report, language), style="dim"),
        )
    footer = [Line(line, style="dim") for line in _footer(reports, language)]
    return printed([table, "", *footer], color=color, width=width, least=NARROWEST)


def _mark(chapter: ChapterScore | None) -> str:
    if chapter is None or all(question.status == "missing" for question in chapter.questions):
        return "-"
    return points(chapter.score)


def _notes(report: Report, language: Language) -> str:
    counts: dict[str, int] = {}
    for chapter in report.chapters:
        for question in chapter.questions:
            if question.status in _COUNTED:
                word = speak(STATUS_NAMES[question.status], language)
                counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{word} {count}" for word, count in counts.items())


def _footer(reports: Sequence[Report], language: Language) -> list[str]:
    models: dict[str, BoundModel] = {m.name: m for report in reports for m in report.environment.models}
    lines = [f"{m.name} = {m.source} [{m.fingerprint}]" for m in models.values()]
    if any(model.source == "mini" for model in models.values()):
        lines.append(speak(say("mini: trained miniatures shipped with the course, not the original models"), language))
    lines += sorted({speak(confinement(report), language) for report in reports})
    lines += [speak(note, language) for note in shared_notes(reports)]
    return lines

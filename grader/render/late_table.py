"""Late days: who was late, what was free, who has more time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text as Line

from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.ruling import Ruling
from grader.nouns.text import Language, one_line, say
from grader.render.console import printed
from grader.scoring.lateness import free_days


def late_table(
    reports: Iterable[Report],
    course: Course,
    rulings: Sequence[Ruling],
    language: Language,
    *,
    width: int | None = None,
) -> str:
    """Build a table with one row for everybody who was late or has an extension, and a line with how many were neither.

    `rulings` are the exceptions that stand.
    """
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in (say("student"), say("name"), say("days late"), say("free days used"), say("free days left"),
                 say("extensions")):  # fmt: skip
        table.add_column(speak(head, language))
    in_time = 0
    for report in reports:
        days = {chapter.id: chapter.days_late for chapter in report.chapters if chapter.days_late}
        later = [r for r in rulings if r.kind == "extend" and r.student == report.student]
        if not days and not later:
            in_time += 1
            continue
        rules = free_days(course.policy, days)
        table.add_row(
            Line(one_line(report.student)),
            Line(one_line(report.name)),
            ", ".join(f"{chapter.split('_')[0]} {count}" for chapter, count in days.items()) or "0",
            ", ".join(str(used) for _, used in rules) or "–",
            ", ".join(str(rule.free_days - used) for rule, used in rules) or "–",
            Line(", ".join(f"{r.chapter.split('_')[0]} +{r.days:g}" for r in later)),
        )
    rest = Line(speak(say("in time and without an extension: {count}", count=in_time), language), style="dim")
    return printed([table, rest] if table.row_count else [rest], color=False, width=width)

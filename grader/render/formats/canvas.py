"""A Canvas gradebook for import: the teacher's own export filled in, or a new one.

Canvas makes a new assignment of every header it does not know, so filling an export is the safe way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import ExportError
from grader.nouns.course import Course
from grader.nouns.intake import fold
from grader.nouns.report import Report
from grader.nouns.text import Language, say
from grader.render import sheet
from grader.render.fill import People, marks, scaled, titles
from grader.render.plain import points

SUFFIX = ".csv"
FOR_STAFF = True

_ASSIGNMENT = re.compile(r"^(?P<title>.+?)\s*\(\d+\)\s*$")
_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
_EXCUSED = "EX"
_POINTS = "pointspossible"


def render(reports: Sequence[Report], *, course: Course, language: Language, template: bytes | None = None) -> str:
    """The gradebook as CSV.

    Args:
        reports: a report a student.
        course: whose chapters are the assignments, known by id or by title in either language.
        language: of the titles in a new gradebook.
        template: the gradebook as Canvas exported it; everything but the chapters' columns stays as it is, excused
            students stay excused, students without a report keep what they have. Marks are scaled to the points
            possible in Canvas.

    Raises:
        ExportError: the template has no column for any chapter.
    """
    return _filled(sheet.rows(template), reports, course) if template else _fresh(reports, course, language)


def _filled(table: list[list[str]], reports: Sequence[Report], course: Course) -> str:
    head = table[0]
    known = titles(course, reports)
    columns = {place: chapter for place, name in enumerate(head) if (chapter := _chapter(name, known))}
    if not columns:
        names = ", ".join(name for name in head if _ASSIGNMENT.match(name)) or say("none")
        raise ExportError(
            say(
                "no assignment of this gradebook is called like a chapter; its assignments: {names}; the chapters: "
                "{chapters}. Rename the assignment in Canvas or the header in the file",
                names=names,
                chapters=", ".join(course.chapters),
            )
        )
    people = People(reports)
    possible: dict[int, str] = {}
    for row in table[1:]:
        row.extend([""] * (len(head) - len(row)))
        if fold(row[0]).startswith(_POINTS):
            possible = {place: row[place] for place in columns}
            continue
        keys = [row[place] for place, name in enumerate(head) if name in _IDS]
        report = people.find(keys, row[0])
        for place, chapter in columns.items():
            mark = marks(report, chapter) if report else None
            if report is not None and chapter in report.excused:
                row[place] = _EXCUSED
            if mark is not None and row[place].strip().upper() != _EXCUSED:
                row[place] = scaled(mark, possible.get(place, ""), course)
    return sheet.refilled(table)


def _chapter(header: str, known: dict[str, str | None]) -> str | None:
    match = _ASSIGNMENT.match(header)
    return known.get(fold(match["title"] if match else header)) if header not in _IDS else None


def _fresh(reports: Sequence[Report], course: Course, language: Language) -> str:
    shown = {chapter.id: chapter for report in reports for chapter in report.chapters}
    chapters = [shown[chapter] for chapter in course.chapters if chapter in shown]
    table: list[list[object]] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(c.title.get(language) for c in chapters)],
        ["    Points Possible", "", "", "", "", *(points(c.max_score) for c in chapters)],
    ]
    for report in reports:
        chapter_marks = ((chapter.id, marks(report, chapter.id)) for chapter in chapters)
        account = report.account if report.account.isdecimal() else ""
        cells = (
            _EXCUSED if chapter in report.excused else "" if mark is None else points(mark[0])
            for chapter, mark in chapter_marks
        )
        table.append([report.name or report.student, account, report.student, "", "", *cells])
    return sheet.text(table)

"""Moodle's grading worksheet: the teacher's own, filled in.

Its headers are in the site's language and Moodle reads them back only so; hence no worksheet is made from nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from grader.errors import ExportError
from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.intake import fold
from grader.nouns.report import Report
from grader.nouns.text import Language, say
from grader.render import sheet
from grader.render.fill import People, marks, scaled
from grader.render.plain import mark, points
from grader.render.visible import reasons

SUFFIX = ".csv"

_HEADS = {
    "identifier": ("identifier", "编号", "标识符", "识别号", "识别码", "標識符", "編號"),
    "name": ("full name", "全名", "姓名", "姓 名"),
    "number": ("id number", "学号", "编号（id）", "id 号", "学号/工号", "id号"),
    "email": ("email address", "电子邮件地址", "电子邮件", "邮箱", "email地址", "邮件地址"),
    "grade": ("grade", "成绩", "分数", "得分", "評分", "成績"),
    "most": ("maximum grade", "最高分", "满分", "最高成绩", "最大成绩"),
    "open": ("grade can be changed", "成绩可修改", "成绩可以更改", "可以修改成绩", "分数可以更改", "成绩可更改"),
    "comment": ("feedback comments", "反馈评论", "反馈意见", "反馈评语", "评语", "反馈", "反饋評語"),
}
_CLOSED = {"no", "否", "不", "不可以"}


def render(reports: Sequence[Report], *, course: Course, language: Language, template: bytes | None = None) -> str:
    """The worksheet as CSV with grades and feedback comments.

    Args:
        reports: a report a student; where all hold the same one chapter, its mark is the grade, else the total.
        course: for the rounding.
        language: of the comments.
        template: the worksheet as Moodle exported it, headers in English or Chinese. Rows whose grade cannot be
            changed, and students without a report, stay as they are. Marks are scaled to the maximum grade.

    Raises:
        ExportError: there is no template, or it has no column for participants or grades.
    """
    if template is None:
        raise ExportError(
            say("Moodle matches the headers of its own worksheet: give the one you exported with --template")
        )
    table = sheet.rows(template)
    columns = _columns(table[0])
    chapters = {chapter.id for report in reports for chapter in report.chapters}
    chapter = next(iter(chapters)) if len(chapters) == 1 else None
    people = People(reports)
    for row in table[1:]:
        row.extend([""] * (len(table[0]) - len(row)))
        report = people.find(_keys(row, columns), _cell(row, columns, "name"))
        mark = marks(report, chapter) if report else None
        if report is None or mark is None or _cell(row, columns, "open").strip().lower() in _CLOSED:
            continue
        row[columns["grade"]] = scaled(mark, _cell(row, columns, "most"), course)
        if "comment" in columns:
            row[columns["comment"]] = sheet.harmless(_comment(report, language))
    return sheet.refilled(table)


def _columns(head: Sequence[str]) -> dict[str, int]:
    folded = [fold(name) for name in head]
    found = {
        field: folded.index(fold(name))
        for field, names in _HEADS.items()
        for name in reversed(names)
        if fold(name) in folded
    }
    found.setdefault("identifier", 0)
    if "grade" not in found:
        raise ExportError(say("no column for the grade; the worksheet has: {names}", names=", ".join(head)))
    return found


def _cell(row: Sequence[str], columns: dict[str, int], field: str) -> str:
    return row[columns[field]] if field in columns else ""


def _keys(row: Sequence[str], columns: dict[str, int]) -> list[str]:
    number = re.search(r"\d+$", _cell(row, columns, "identifier").strip())
    return [_cell(row, columns, "number"), number[0] if number else "", _cell(row, columns, "email")]


def _comment(report: Report, language: Language) -> str:
    lines = [
        f"<li>{html.escape(question.title.get(language))}: {mark(question)} / {points(question.max_score)}"
        + "".join(f" – {html.escape(reason)}" for reason in reasons(question, language) if question.status != "correct")
        + "</li>"
        for chapter in report.chapters
        for question in chapter.questions
    ]
    notes = "".join(f"<p>{html.escape(speak(note, language))}</p>" for note in report.notes)
    return f"<ul>{''.join(lines)}</ul>{notes}"

"""Marks as CSV for spreadsheets and pandas: one row per student, one column per chapter and per question."""

from __future__ import annotations

from collections.abc import Sequence

from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language
from grader.render import sheet

SUFFIX = ".csv"
FOR_STAFF = True

_ABOUT = ("submission", "student", "name", "team", "submitted", "days_late", "attempt")
_TOTAL = ("score", "max_score", "needs_review", "not_marked")


def render(reports: Sequence[Report], *, course: Course, language: Language) -> str:
    """The table; columns are named in English so that scripts can rely on them.

    Questions are `chapter.question`, in course order; a chapter that was not graded, or a question that nobody has
    marked yet, leaves its cells empty, and one that a student is excused from holds `EX`. Texts that
    a spreadsheet would compute are quoted with an apostrophe.
    """
    del language
    chapters = _columns(reports, course)
    head = [column for chapter, questions in chapters for column in (chapter, *(f"{chapter}.{q}" for q in questions))]
    table: list[list[object]] = [[*_ABOUT, *head, *_TOTAL]]
    for report in reports:
        marks = {chapter.id: chapter for chapter in report.chapters}
        row: list[object] = [
            report.submission,
            report.student,
            report.name,
            report.team,
            report.submitted.isoformat() if report.submitted else "",
            report.days_late,
            report.attempt,
        ]
        for chapter, questions in chapters:
            scores = {q.id: "" if q.is_open else q.score for q in marks[chapter].questions} if chapter in marks else {}
            absent = "EX" if chapter in report.excused else ""
            row += [marks[chapter].score if chapter in marks else absent, *(scores.get(q, "") for q in questions)]
        table.append([*row, report.score, report.max_score, int(report.needs_review), report.open_questions])
    return sheet.text(table, mark=True)


def _columns(reports: Sequence[Report], course: Course) -> list[tuple[str, list[str]]]:
    questions: dict[str, dict[str, None]] = {}
    for report in reports:
        for chapter in report.chapters:
            questions.setdefault(chapter.id, {}).update(dict.fromkeys(q.id for q in chapter.questions))
    return [(chapter, list(questions[chapter])) for chapter in course.chapters if chapter in questions]

"""Filling marks into a table that a learning platform exported: found by header, matched by person."""

from __future__ import annotations

from collections.abc import Sequence

from grader.nouns.course import Course
from grader.nouns.intake import fold
from grader.nouns.report import Report


class People:
    """Reports by everything a platform may call their student by."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self._exact: dict[str, Report | None] = {}
        self._named: dict[str, Report | None] = {}
        for report in reports:
            for key in {fold(report.account), fold(report.student), fold(report.submission)}:
                self._add(self._exact, key, report)
            for key in {fold(report.name), fold("".join(reversed(report.name.replace(",", " ").split())))}:
                self._add(self._named, key, report)

    @staticmethod
    def _add(index: dict[str, Report | None], key: str, report: Report) -> None:
        if key:
            index[key] = report if index.get(key, report) is report else None

    def find(self, keys: Sequence[str], name: str) -> Report | None:
        """Find the report of a row by id, then by name; None where two people share it."""
        for key in keys:
            if (found := self._exact.get(fold(key))) is not None:
                return found
        return self._named.get(fold(name))


def marks(report: Report, chapter: str | None) -> tuple[float, float] | None:
    """Return score and maximum of a chapter or of the whole report; None where the chapter was not graded."""
    if chapter is None:
        return report.score, report.max_score
    return next(((c.score, c.max_score) for c in report.chapters if c.id == chapter), None)


def scaled(mark: tuple[float, float], possible: str, course: Course) -> str:
    """Convert a mark to the platform's own scale, rounded half to even like all marks."""
    score, highest = mark
    try:
        scale = float(possible.replace(",", "."))
    except ValueError:
        scale = highest
    value = score if scale == highest or not highest else score / highest * scale
    return f"{round(value, course.policy.decimals):.{course.policy.decimals}f}".rstrip("0").rstrip(".") or "0"


def titles(course: Course, reports: Sequence[Report]) -> dict[str, str | None]:
    """What a platform may call a chapter, folded: its id or title in either language; None for two of one name."""
    found: dict[str, str | None] = {}
    for chapter in {chapter.id: chapter for report in reports for chapter in report.chapters}.values():
        for name in (chapter.id, chapter.title.zh, chapter.title.en):
            found[fold(name)] = chapter.id if found.get(fold(name), chapter.id) == chapter.id else None
    for chapter_id in course.chapters:
        found.setdefault(fold(chapter_id), chapter_id)
    return found

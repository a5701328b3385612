"""The class on one HTML page: offline, sortable; for teachers, since it names everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language, Message, say
from grader.render.pages import page
from grader.render.plain import confinement, shared_notes
from grader.render.statistics import figures
from grader.render.statuses import STATUS_NAMES, TONE

SUFFIX = ".html"
FOR_STAFF = True

_SLOWEST = 8
_WORDS: dict[str, Message] = {
    "class_page": say("class page"),
    "students": say("submissions"),
    "mean": say("mean"),
    "median": say("median"),
    "deviation": say("spread"),
    "review": say("for review"),
    "distribution": say("Distribution of scores"),
    "questions": say("Questions"),
    "discrimination_note": say(
        "Success: mean share of the points. Discrimination: correlation of a question's mark with the rest of the "
        "marks; below 0.1 the question does not tell strong from weak work."
    ),
    "chapter": say("chapter"),
    "question": say("question"),
    "success": say("success"),
    "discrimination": say("discrimination"),
    "statuses": say("statuses"),
    "time": say("time (median)"),
    "slowest": say("time (longest)"),
    "memory": say("memory (most)"),
    "advanced": say("advanced"),
    "misconceptions": say("Misconceptions"),
    "misconception": say("misconception"),
    "count": say("count"),
    "share": say("share"),
    "slow_title": say("Slowest questions"),
    "students_title": say("Submissions"),
    "filter": say("find a student …"),
    "student": say("student"),
    "name": say("name"),
    "team": say("team"),
    "score": say("score"),
    "late": say("days late"),
    "remarks": say("notes"),
}


def render(reports: Sequence[Report], *, course: Course, language: Language) -> str:
    """The page: distribution, questions, misconceptions, slowest questions, everybody's marks."""
    numbers = figures(reports)
    shown = {chapter.id: chapter for report in reports for chapter in report.chapters}
    chapters = [shown[chapter] for chapter in course.chapters if chapter in shown]
    misconceptions = [
        (question, name, count, message)
        for question in numbers.questions
        for name, (count, message) in question.misconceptions.items()
    ]
    return page(
        "class.html",
        language,
        _WORDS,
        course=course,
        figures=numbers,
        reviews=sum(report.needs_review for report in reports),
        chapters=chapters,
        misconceptions=sorted(misconceptions, key=lambda row: -row[2] / row[0].count),
        slow=sorted(numbers.questions, key=lambda question: -question.wall_most)[:_SLOWEST],
        rows=[_row(report, [chapter.id for chapter in chapters], language) for report in reports],
        teams=any(report.team for report in reports),
        models={model.name: model for report in reports for model in report.environment.models}.values(),
        levels=", ".join(sorted({speak(confinement(report), language) for report in reports})),
        notes=shared_notes(reports),
        tone=TONE,
        status_names=STATUS_NAMES,
        seconds=_seconds,
    )


def _row(report: Report, chapters: Sequence[str], language: Language) -> tuple[Report, list[float | None], str]:
    marks = {chapter.id: chapter.score for chapter in report.chapters}
    counts = Counter(q.status for chapter in report.chapters for q in chapter.questions)
    faults = (
        f"{speak(STATUS_NAMES[status], language)} {count}"
        for status, count in counts.items()
        if status not in ("correct", "partial", "wrong")
    )
    return report, [marks.get(chapter) for chapter in chapters], ", ".join(faults)


def _seconds(value: float) -> str:
    if value >= 1:
        return f"{value:.1f} s"
    return f"{value * 1000:.0f} ms"

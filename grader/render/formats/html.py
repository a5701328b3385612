"""Feedback for a student as one HTML file: offline, printable, in either language; nothing in it is run."""

from __future__ import annotations

from collections.abc import Sequence

from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language, Message, say
from grader.render.pages import page
from grader.render.plain import confinement
from grader.render.statuses import STATUS_NAMES, TONE

SUFFIX = ".html"
PER_SUBMISSION = True

_WORDS: dict[str, Message] = {
    "team": say("team"),
    "submitted": say("handed in"),
    "days_late": say("days late:"),
    "attempt": say("attempt"),
    "waits": say("Free text waits for a person; until then it has no mark and is missing from the total."),
    "question": say("question"),
    "status": say("status"),
    "score": say("score"),
    "advanced": say("advanced"),
    "printed": say("your program printed:"),
}


def render(reports: Sequence[Report], *, course: Course, language: Language) -> str:
    """A page with each report; what a student printed is escaped."""
    return page(
        "student.html",
        language,
        _WORDS,
        reports=reports,
        course=course,
        confinement=confinement,
        tone=TONE,
        status_names=STATUS_NAMES,
    )

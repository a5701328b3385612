"""Reports as Markdown, for step summaries and comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import ChapterScore, QuestionScore, Report
from grader.nouns.text import Language, say
from grader.render.plain import as_markdown, confinement, mark, points, total
from grader.render.statuses import STATUS_NAMES
from grader.render.visible import reasons

SUFFIX = ".md"

_SIGNS = {"correct": "✅", "partial": "🟡", "needs_review": "✏️", "missing": "⬜"}


def render(reports: Sequence[Report], *, course: Course, language: Language) -> str:
    """Render one heading and table per chapter; what a student wrote is escaped."""
    del course
    return "\n".join(line for report in reports for line in _report(report, language)) + "\n"


def _report(report: Report, language: Language) -> Iterator[str]:
    yield f"## {as_markdown(report.name or report.submission)} · {speak(total(report), language)}"
    yield ""
    for chapter in report.chapters:
        yield from _chapter(chapter, language)
    for note in report.notes:
        yield f"- {as_markdown(speak(note, language))}"
    yield f"<sub>{as_markdown(speak(confinement(report), language))}</sub>"
    yield ""


def _chapter(chapter: ChapterScore, language: Language) -> Iterator[str]:
    yield f"### {as_markdown(chapter.title.get(language))} · {points(chapter.score)} / {points(chapter.max_score)}"
    yield ""
    heads = (say("question"), say("status"), say("score"), say("why"))
    yield "| " + " | ".join(speak(head, language) for head in heads) + " |"
    yield "| --- | --- | ---: | --- |"
    for question in chapter.questions:
        yield "| " + " | ".join(_cells(question, language)) + " |"
    yield ""


def _cells(question: QuestionScore, language: Language) -> tuple[str, ...]:
    why = "" if question.status == "correct" else " ".join(reasons(question, language))
    return (
        as_markdown(question.title.get(language)),
        f"{_SIGNS.get(question.status, '❌')} {speak(STATUS_NAMES[question.status], language)}",
        f"{mark(question)} / {points(question.max_score)}",
        as_markdown(why),
    )

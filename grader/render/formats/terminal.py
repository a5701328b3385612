"""One submission for a terminal: one line per question, then what was lost and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import ChapterScore, QuestionScore, Report
from grader.nouns.text import Language, say
from grader.nouns.verdict import CaseVerdict, Status
from grader.render.console import printed
from grader.render.plain import confinement, mark, points
from grader.render.statuses import STATUS_NAMES
from grader.render.visible import location, place

SUFFIX = ".txt"

WIDEST = 120
BAR = 16
CASES_SHOWN = 3
OUTPUT_LINES = 6

_STYLE: dict[Status, tuple[str, str]] = {
    "correct": ("✓", "green"),
    "partial": ("◐", "yellow"),
    "needs_review": ("✎", "cyan"),
    "missing": ("·", "dim"),
}
_LOST = ("✗", "red")


def render(
    reports: Sequence[Report], *, course: Course, language: Language, color: bool = False, width: int | None = None
) -> str:
    """The reports as text for a terminal of `width` columns; ANSI colours with `color`."""
    del course
    pages = (Group(*_page(report, language)) for report in reports)
    return printed(pages, color=color, width=width, most=WIDEST)


def _page(report: Report, language: Language) -> Iterator[RenderableType]:
    for chapter in report.chapters:
        yield _chapter_table(chapter, language)
        told: set[str] = set()
        for question in chapter.questions:
            if question.status != "correct":
                yield from _reasons(question, language, told)
        yield Line()
    yield _total(report, language)
    yield from _footer(report, language)


def _chapter_table(chapter: ChapterScore, language: Language) -> RenderableType:
    head = Line.assemble(
        (chapter.title.get(language), "bold"),
        "  ",
        (chapter.id, "dim"),
        "  ",
        f"{_of(chapter.score, chapter.max_score)}",
    )
    table = Table(box=None, show_header=False, padding=(0, 1), expand=False)
    table.add_column(width=1)
    table.add_column(max_width=48)
    table.add_column(width=BAR, no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for question in chapter.questions:
        sign, style = _STYLE.get(question.status, _LOST)
        table.add_row(
            Line(sign, style=style),
            Line.assemble(question.title.get(language), "  ", (question.id, "dim")),
            _bar(question, style),
            f"{mark(question)} / {points(question.max_score)}",
            Line(speak(STATUS_NAMES[question.status], language), style=style),
        )
    return Group(head, table)


def _bar(question: QuestionScore, style: str) -> Line:
    filled = round(BAR * question.score / question.max_score)
    return Line.assemble(("█" * filled, style), ("░" * (BAR - filled), "dim"))


def _of(score: float, max_score: float) -> str:
    return f"{points(score)} / {points(max_score)}"


def _reasons(question: QuestionScore, language: Language, told: set[str]) -> Iterator[RenderableType]:
    mark, style = _STYLE.get(question.status, _LOST)
    failing = [case for case in question.cases if case.share < 1]
    places = {location(case) for case in failing} - {""}
    where = f"  {place(question)}" if place(question) and len(places) <= 1 else ""
    yield Line.assemble("\n", (f"{mark} {question.title.get(language)}", style), "  ", (question.id + where, "dim"))
    if question.message:
        yield _indented(speak(question.message, language))
    if question.diagnosis:
        yield _indented(speak(question.diagnosis, language), style="bold")
    if question.status == "missing":
        return  # what is not written yet needs no cases
    failing = [case for case in failing if _adds_something(case, question, alone=bool(where))]
    for case in failing[:CASES_SHOWN]:
        yield from _case(case, question, language, told=told, place="" if where else location(case))
        told.add(case.traceback)
    if len(failing) > CASES_SHOWN:
        yield _indented(speak(say("… and {count} more cases", count=len(failing) - CASES_SHOWN), language), style="dim")


def _adds_something(case: CaseVerdict, question: QuestionScore, *, alone: bool) -> bool:
    return bool(
        case.inputs or case.traceback or case.output or (case.file and not alone) or case.message != question.message
    )


def _case(
    case: CaseVerdict, question: QuestionScore, language: Language, *, told: set[str], place: str
) -> Iterator[RenderableType]:
    """Render one case without repeating a traceback or a place already shown."""
    inputs = f"  {case.inputs}" if case.inputs else ""
    yield _indented(f"{case.id}{inputs}", style="dim")
    if case.message and case.message != question.message:
        yield _indented(speak(case.message, language), by=4)
    if case.traceback not in {"", *told}:
        yield _indented(case.traceback.rstrip(), by=4, style="dim")
    elif place and not case.traceback:
        yield _indented(place, by=4, style="dim")
    if case.output:
        lines = case.output.rstrip().splitlines()
        shown = "\n".join(lines[-OUTPUT_LINES:])
        yield _indented(speak(say("your program printed:"), language), by=4, style="dim")
        yield _indented(shown, by=6, style="dim")


def _indented(text: str, *, by: int = 2, style: str = "") -> RenderableType:
    return Padding(Line(text, style=style), (0, 0, 0, by))


def _total(report: Report, language: Language) -> RenderableType:
    line = Line.assemble((speak(say("total"), language), "bold"), "  ", (_of(report.score, report.max_score), "bold"))
    if report.open_questions:
        line.append("  " + speak(say("(not marked yet: {count})", count=report.open_questions), language), style="cyan")
    return line


def _footer(report: Report, language: Language) -> Iterator[RenderableType]:
    for model in report.environment.models:
        if model.source == "mini":
            note = speak(say("a trained miniature, not the original"), language)
        elif model.source == "config":
            note = speak(say("published configuration, no weights"), language)
        else:
            note = model.source
        yield Line(f"{model.name} = {note} [{model.fingerprint}]", style="dim")
    yield Line(speak(confinement(report), language), style="dim")
    for message in report.notes:
        yield Line(speak(message, language), style="dim")

"""The files of a results folder: reports, the table of marks, and what could not be taken in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.errors import LedgerError
from grader.files import write_whole
from grader.language.speak import speak
from grader.nouns.course import Chapter, Course
from grader.nouns.intake import Intake
from grader.nouns.report import Report
from grader.nouns.text import Language, say
from grader.render.formats import render
from grader.render.sheet import text
from grader.scoring.points import only_chapters
from grader.store.ledger import FILE, Ledger


def reports(out: Path, course: Course, chapters: Sequence[Chapter], *, run: int | None = None) -> tuple[Report, ...]:
    """Read the reports of a run, cut down to some chapters; of the newest run when None.

    Raises:
        LedgerError: nothing was graded there.
    """
    selected = {chapter.id for chapter in chapters}
    return tuple(only_chapters(report, selected, course) for report in recorded(out, run))


def recorded(out: Path, run: int | None = None) -> tuple[Report, ...]:
    """Read the whole reports of a run from a results folder; of the newest run when None.

    Raises:
        LedgerError: nothing was graded there.
    """
    file = out / FILE
    if not file.is_file():  # opening a ledger would make one in a folder named by mistake
        raise LedgerError(say("{file}: nothing has been graded here yet; run `grader grade` first", file=str(file)))
    with Ledger(file) as ledger:
        return ledger.reports(run)


def write_problems(out: Path, taken: Intake, language: Language) -> None:
    """Write `problems.csv`: a line for everything that could not be taken in as it was."""
    lines = [["kind", "where", "message"]]
    lines += [[p.kind, p.where, speak(p.message, language)] for p in taken.problems]
    out.mkdir(parents=True, exist_ok=True)
    (out / "problems.csv").write_text(text(lines, mark=True), encoding="utf-8", newline="")


def write_results(
    out: Path, reports: Sequence[Report], *, course: Course, language: Language, only: frozenset[str] | None = None
) -> None:
    """Write `reports/<submission>.json` and `scores.csv` into a folder, each file whole or not at all.

    With `only`, existing files of other reports are left as they are. Files of reports that no longer exist are
    deleted.
    """
    folder = out / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{report.submission}.json": report for report in reports}
    there = {file.name for file in folder.iterdir()}
    for name, report in files.items():
        if only is None or report.submission in only or name not in there:
            text = render("json", [report], course=course, language=language)
            write_whole(folder / name, f"{text}\n".encode())
    for name in there - files.keys():
        (folder / name).unlink()
    write_whole(out / "scores.csv", render("csv", reports, course=course, language=language).encode())

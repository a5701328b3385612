"""`grader report`: a graded class in some format."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options
from grader.cli.listing import Listing

if TYPE_CHECKING:
    from grader.nouns.report import Report
    from grader.nouns.text import Language, Message


def _formats() -> dict[str, tuple[str, ...]]:
    from grader.render import formats

    names = formats.names()
    return {
        "staff": tuple(name for name in names if formats.is_for_staff(name)),
        "students": tuple(name for name in names if not formats.is_for_staff(name)),
        "each": tuple(name for name in names if formats.is_per_submission(name)),
    }


@click.command("report")
@click.argument("out", type=click.Path(exists=True, path_type=Path, file_okay=False))
@click.option("--format", "name", required=True, metavar="NAME", cls=Listing, listed=_formats,
              help="For staff: {staff}. For students: {students}. A file for each submission: {each}.")  # fmt: skip
@click.option("--template", type=click.Path(exists=True, path_type=Path, dir_okay=False),
              help="The gradebook or worksheet to fill in, as the platform exported it.")  # fmt: skip
@click.option(
    "--to", type=click.Path(path_type=Path), help="File or, for a file a student, folder; else standard output."
)
@click.option("--run", type=int, default=None, help="A run's number; the newest one by default.")
@options.chapter_option
@options.course_option
@options.lang_option
def command(
    out: Path,
    name: str,
    template: Path | None,
    to: Path | None,
    run: int | None,
    chapter_names: tuple[str, ...],
    course_folder: Path,
    lang: str | None,
) -> None:
    """Write the reports in a result folder in some format; the folder itself is only read.

    The exit code is 2 when the ledger is damaged and a report had to be left out.
    """
    from grader.bulk import results
    from grader.render import formats

    course, chapters = options.open_course(course_folder, chapter_names)
    reports, damage = results.reports(out, course, chapters, run=run)
    language = options.language(lang)
    _tell_open(reports, language)
    body = template.read_bytes() if template else None
    if formats.is_per_submission(name) and to is not None and not to.suffix:
        to.mkdir(parents=True, exist_ok=True)
        for report in reports:
            text = formats.render(name, [report], course=course, language=language, template=body)
            (to / f"{report.submission}{formats.suffix(name)}").write_text(text, encoding="utf-8", newline="")
        click.echo(f"{len(reports)} → {to}")
        _end(damage, language)
        return
    text = formats.render(name, reports, course=course, language=language, template=body)
    if to is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8", newline="")
    _end(damage, language)


def _tell_open(reports: Sequence[Report], language: Language) -> None:
    """Say on standard error whose marks lack what nobody has marked yet."""
    from grader.language.speak import speak
    from grader.nouns.text import say

    waiting = [report.open_questions for report in reports if report.open_questions]
    if waiting:
        message = say("not marked yet: {count} questions of {people} people; their totals lack them",
                      count=sum(waiting), people=len(waiting))  # fmt: skip
        click.secho(speak(message, language), fg="yellow", err=True)


def _end(damage: Sequence[Message], language: Language) -> None:
    """Say what is missing because the ledger is damaged, and have the exit code tell."""
    options.tell_damage(damage, (), language)
    if damage:
        sys.exit(2)

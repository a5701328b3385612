"""`grader ci`: grade a checkout in continuous integration."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import click

from grader.cli import options


@click.command("ci")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("results"), show_default=True,
    help="Folder for report.json, junit.xml and summary.md, outside PATH.",
)  # fmt: skip
@click.option("--student", envvar="GRADER_STUDENT", default="student", help="Whose work it is; from GRADER_STUDENT.")
@options.chapter_option
@options.course_option
@options.models_option
@options.lang_option
@options.level_option
def command(
    path: Path,
    out: Path,
    student: str,
    chapter_names: tuple[str, ...],
    course_folder: Path,
    model_names: tuple[str, ...],
    lang: str | None,
    allow_level: int | None,
) -> None:
    """Grade the work in PATH, a checkout of somebody's pull request.

    Run it from a checkout of the base branch: the grader, the course and the reference come from there, so that a
    pull request cannot edit its own grade. The exit code is 0 when every mark is full, 1 when something falls short,
    2 when the grader cannot work.
    """
    from grader.ci.annotations import annotate
    from grader.ci.results import results_folder, write_results
    from grader.course.load import own_chapters
    from grader.intake.checkout import checked_out
    from grader.pipeline import Grading
    from grader.render import formats
    from grader.sandbox.required_level import needed_level

    course, chapters = options.open_course(course_folder, chapter_names)
    language = options.language(lang)
    out = results_folder(out, path)
    submission = checked_out(path, course, chapters, student)
    chosen = own_chapters(chapters, submission)
    with Grading(course, chosen, options.choice(model_names), needed=needed_level(allow_level)) as grading:
        report = grading.report(submission)
    summary = write_results(out, report, course=course, language=language)
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        Path(file).write_text(summary, encoding="utf-8")
    text = formats.render("terminal", [report], course=course, language=language)
    if os.environ.get("GITHUB_ACTIONS"):
        for annotation in annotate(report, submission.folder, path, language):
            click.echo(str(annotation))
        token = secrets.token_hex(16)
        text = f"::stop-commands::{token}\n{text}\n::{token}::"  # a student's output is no command
    click.echo(text)
    sys.exit(0 if report.is_full else 1)

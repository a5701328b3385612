"""`grader check`: a student checks their own work on the public cases."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli import options


@click.command("check")
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@options.chapter_option
@options.question_option
@options.course_option
@options.models_option
@options.lang_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON instead of a table.")
def command(
    path: Path,
    chapter_words: tuple[str, ...],
    question_ids: tuple[str, ...],
    course_folder: Path,
    model_words: tuple[str, ...],
    lang: str | None,
    *,
    as_json: bool,
) -> None:
    """Check your own work on the public cases.

    PATH is your file, or the folder with your chapters. The exit code is 0 when every mark is full, 1 when something
    is still missing, 2 when the command itself cannot work. Free text waits for a person and does not count as lost.
    """
    from rich.console import Console

    from grader.own import own_work
    from grader.pipeline import Grading, own_chapters
    from grader.render import json, terminal

    course, chapters = options.open_course(course_folder, chapter_words)
    submission = own_work(path, {chapter.id: chapter.module for chapter in chapters})
    chosen = options.with_questions(own_chapters(chapters, submission), question_ids)
    language = options.language(lang)
    with Console(stderr=True).status(options.starting(language)) as status:
        choice = options.choice(model_words)
        with Grading(course, chosen, choice, hidden=False, questions=question_ids or None) as grading:
            report = grading.grade(submission, progress=lambda *at: status.update(" ".join(at)))
    if as_json:
        click.echo(json.render([report], course=course, language=language))
    else:
        click.echo(terminal.render([report], course=course, language=language, color=sys.stdout.isatty()))
    sys.exit(0 if report.is_full else 1)

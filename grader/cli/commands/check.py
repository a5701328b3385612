"""`grader check`: a student checks their own work on the public cases."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli import options


@click.command("check")
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@options.chapter_option
@options.question_option
@options.course_option
@options.models_option
@options.lang_option
@options.level_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON instead of a table.")
@click.option(
    "--watch", is_flag=True, help="Stay and check a chapter again whenever its file is saved; Ctrl-C ends it."
)
@click.option(
    "--keep-warm",
    type=click.IntRange(min=0),
    default=600,
    show_default=True,
    envvar="GRADER_KEEP_WARM",
    metavar="SECONDS",
    help="Keep the models loaded so long, so that the next check starts at once (on Linux; 0.7 GB).",
)
def command(
    path: Path | None,
    chapter_names: tuple[str, ...],
    question_ids: tuple[str, ...],
    course_folder: Path,
    model_names: tuple[str, ...],
    lang: str | None,
    allow_level: int | None,
    *,
    as_json: bool,
    watch: bool,
    keep_warm: int,
) -> None:
    """Check your own work on the public cases.

    PATH is your file, or the folder with your chapters; by default this folder, or the course's folder for your work.
    The exit code is 0 when every mark is full, 1 when something is still missing, 2 when the command itself cannot
    work. Free text waits for a person and does not count as lost. A file that belongs to another account is other
    people's code: below isolation level 2 it is refused, as `grader grade` refuses it.
    """
    from rich.console import Console

    from grader.cli.watch import changes
    from grader.course.load import own_chapters
    from grader.intake.own_folder import default_path, is_somebody_elses, own_work
    from grader.pipeline import Grading
    from grader.sandbox.required_level import needed_level

    course, chapters = options.open_course(course_folder, chapter_names)
    modules = {chapter.id: chapter.module for chapter in chapters}
    path = path or default_path(course, modules)
    submission = own_work(path, modules)
    chosen = options.with_questions(own_chapters(chapters, submission), question_ids)
    language = options.language(lang)
    form = "json" if as_json else "terminal"
    progress = Console(stderr=True)
    with progress.status(options.starting(language)) as status:
        choice = options.choice(model_names)
        only = question_ids or None
        needed = needed_level(allow_level) if is_somebody_elses(submission) else 1
        with Grading(
            course, chosen, choice, needed=needed, hidden=False, questions=only, keep_warm=keep_warm
        ) as grading:
            show_progress = options.progress(chosen, language, status.update)
            report = grading.report(submission, progress=show_progress)
            status.stop()
            click.echo(options.rendered(form, report, course, language))
            if watch:
                click.echo(options.watching(language), err=True)
                for changed in changes(submission):
                    status.start()
                    report = grading.report(own_work(path, modules), progress=show_progress, chapters=changed)
                    status.stop()
                    click.echo(options.rendered(form, report, course, language))
    sys.exit(0 if report.is_full else 1)

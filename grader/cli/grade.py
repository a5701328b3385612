"""`grader grade`: grade many submissions on public and hidden cases."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli import options


@click.command("grade")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for results.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Submissions side by side.")
@options.chapter_option
@options.course_option
@options.models_option
@options.lang_option
@options.level_option
def command(
    paths: tuple[Path, ...],
    out: Path,
    jobs: int,
    chapter_words: tuple[str, ...],
    course_folder: Path,
    model_words: tuple[str, ...],
    lang: str | None,
    allow_level: int | None,
) -> None:
    """Grade submissions: folders, or folders of folders. The exit code is 0 when all were graded, else 2."""
    from grader.bulk import grade_all, take, write_results
    from grader.pipeline import Grading, require_level
    from grader.render import table

    course, chapters = options.open_course(course_folder, chapter_words)
    language = options.language(lang)
    submissions = take(paths, chapters)
    with Grading(course, chapters, options.choice(model_words)) as grading:
        require_level(grading.isolation, allow_level)
        grading.prepare()
        with click.progressbar(length=len(submissions), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            reports = grade_all(grading, submissions, jobs=jobs, done=lambda _: bar.update(1))
    write_results(out, reports, course=course, language=language)
    click.echo(table.render(reports, course=course, language=language, color=sys.stdout.isatty()))

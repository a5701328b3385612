"""`grader release`: what leaves the course team's hands."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import options


@click.command("release")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write the student kit into this folder.")
@click.option(
    "--gradescope", type=click.Path(path_type=Path, dir_okay=False), help="Write a Gradescope autograder zip."
)
@options.chapter_option
@options.course_option
@options.lang_option
@options.level_option
def command(
    out: Path | None,
    gradescope: Path | None,
    chapter_names: tuple[str, ...],
    course_folder: Path,
    lang: str | None,
    allow_level: int | None,
) -> None:
    """Build the student kit, or a Gradescope autograder.

    The kit holds templates, handouts, the grader, the small models and a frozen key of the public cases; no reference,
    no misconception source, no hidden case, no rubric. The autograder also holds the hidden cases: keep it to staff.
    """
    from grader.nouns.text import say

    if out is None and gradescope is None:
        raise options.refusal(say("say what to build: --out FOLDER for the student kit, or --gradescope FILE.zip"))
    course, chapters = options.open_course(course_folder, chapter_names)
    if out is not None:
        from grader.release.kit import build_kit

        build_kit(course, chapters, out)
        click.echo(options.written(out, options.language(lang)))
    if gradescope is not None:
        from grader.release.gradescope import build_autograder

        build_autograder(course, chapters, gradescope, allow_level=allow_level)
        click.echo(options.written(gradescope, options.language(lang)))

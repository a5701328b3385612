"""`grader autograde`: grade the one submission of a Gradescope container. Called by `run_autograder`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import options


@click.command("autograde", hidden=True)
@click.argument("root", type=click.Path(exists=True, file_okay=False, path_type=Path))
@options.course_option
@options.lang_option
@options.level_option
def command(root: Path, course_folder: Path, lang: str | None, allow_level: int | None) -> None:
    """Grade ROOT/submission and write ROOT/results/results.json; ROOT is laid out as Gradescope's /autograder."""
    from grader.intake.gradescope_container import container_submission
    from grader.pipeline import Grading
    from grader.render import formats
    from grader.sandbox.required_level import needed_level

    course, chapters = options.open_course(course_folder, ())
    submission = container_submission(root, {chapter.id: chapter.module for chapter in chapters})
    with Grading(course, chapters, options.choice(()), needed=needed_level(allow_level)) as grading:
        report = grading.report(submission)
    text = formats.render("gradescope", [report], course=course, language=options.language(lang))
    (root / "results" / "results.json").write_text(text, encoding="utf-8")

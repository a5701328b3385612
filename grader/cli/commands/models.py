"""`grader models`: what the logical model names stand for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli import options


@click.command("models")
@options.course_option
@options.models_option
@options.lang_option
def command(course_folder: Path, model_names: tuple[str, ...], lang: str | None) -> None:
    """Show which model each name stands for, with its fingerprint."""
    from grader.course.load import load_course
    from grader.course.models import bind
    from grader.render.models_table import models_table

    course = load_course(course_folder)
    bindings = bind(course, course.models, options.choice(model_names))
    click.echo(models_table(bindings.values(), options.language(lang), color=sys.stdout.isatty()))

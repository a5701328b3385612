"""`grader models`: what the logical model names stand for."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import options


@click.command("models")
@options.course_option
@options.models_option
@options.lang_option
def command(course_folder: Path, model_words: tuple[str, ...], lang: str | None) -> None:
    """Show which model each name stands for, with its fingerprint."""
    from rich.console import Console
    from rich.table import Table

    from grader.course.load import load_course
    from grader.course.models import bind
    from grader.language.speak import speak
    from grader.nouns.text import say

    course = load_course(course_folder)
    bindings = bind(course, course.models, options.choice(model_words))
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in (say("model"), say("kind"), say("source"), say("fingerprint"), say("folder")):
        table.add_column(speak(head, options.language(lang)), overflow="fold")
    for binding in bindings.values():
        folder = binding.directory or binding.config
        table.add_row(binding.name, binding.kind, binding.source, binding.fingerprint, str(folder))
    Console().print(table)

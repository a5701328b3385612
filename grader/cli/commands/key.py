"""`grader key`: print the answer key, or verify the kept one against a fresh run of the reference."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from grader.cli import options


@click.command("key")
@options.chapter_option
@options.question_option
@options.course_option
@options.models_option
@options.lang_option
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Write the key as JSON to this file.")
@click.option(
    "--verify", is_flag=True, help="Compute it anew and compare it with what is kept; exit 1 on a difference."
)
def command(
    chapter_names: tuple[str, ...],
    question_ids: tuple[str, ...],
    course_folder: Path,
    model_names: tuple[str, ...],
    lang: str | None,
    save: Path | None,
    *,
    verify: bool,
) -> None:
    """Show what the reference returns for every public and hidden case. For staff only."""
    from grader.answers.key import as_json, differences
    from grader.language.speak import speak
    from grader.nouns.text import say
    from grader.pipeline import Grading

    language = options.language(lang)
    course, chapters = options.open_course(course_folder, chapter_names)
    chapters = options.with_questions(chapters, question_ids)
    choice = options.choice(model_names)
    with Grading(course, chapters, choice, questions=question_ids or None) as grading:
        keys = {chapter.id: grading.truth.key(chapter) for chapter in chapters}
        if verify:
            with tempfile.TemporaryDirectory() as empty:
                fresh = {chapter.id: grading.truth.fresh_key(chapter, Path(empty)) for chapter in chapters}
    if verify:
        found = differences(keys, fresh)
        for message in found or [say("the kept keys equal a fresh run of the reference")]:
            click.echo(speak(message, language))
        sys.exit(1 if found else 0)
    text = as_json(keys, [q for chapter in chapters for q in chapter.questions])
    if save:
        save.write_text(text + "\n", encoding="utf-8")
        click.echo(options.written(save, language))
    else:
        click.echo(text)

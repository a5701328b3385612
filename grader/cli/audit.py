"""`grader audit`: test the assignments themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.audit.findings import Audit


@click.command("audit")
@click.argument("chapter_words", nargs=-1, metavar="[CHAPTER]...")
@options.course_option
@options.models_option
@click.option("--short", is_flag=True, help="Leave out the mutants.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), help="Draw an SVG a question in here.")
def command(
    chapter_words: tuple[str, ...],
    course_folder: Path,
    model_words: tuple[str, ...],
    form: str,
    pictures: Path | None,
    *,
    short: bool,
) -> None:
    """Test the assignments: answers, misconceptions, tolerances, texts, limits. Exit code 1 when one is weak."""
    from rich.console import Console

    from grader.audit.story import audit
    from grader.audit.table import table
    from grader.pipeline import Grading

    course, chapters = options.open_course(course_folder, chapter_words)
    with (
        Console(stderr=True).status("…") as status,
        Grading(course, chapters, options.choice(model_words)) as grading,
    ):
        found = audit(grading, short=short, progress=lambda *at: status.update(" ".join(at)))
    click.echo(found.model_dump_json(indent=2) if form == "json" else table(found, color=sys.stdout.isatty()))
    if pictures:
        for file in _draw(found, pictures):
            click.echo(f"drawn: {file}", err=True)
    sys.exit(1 if found.weak else 0)


def _draw(found: Audit, pictures: Path) -> Iterator[Path]:
    from grader.audit.picture import draw

    for (chapter, question), group in groupby(found.calibrations, key=lambda c: (c.chapter, c.question)):
        file = pictures / chapter / f"{question}.svg"
        draw(list(group), file)
        yield file

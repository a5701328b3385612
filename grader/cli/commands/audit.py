"""`grader audit`: test the assignments themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options
from grader.cli.listing import Listing

if TYPE_CHECKING:
    from grader.audit.findings import Audit


def _checks() -> dict[str, tuple[str, ...]]:
    from grader.audit import checks

    return {"slow": tuple(name for name in checks.names() if checks.is_slow(name))}


@click.command("audit")
@click.argument("chapter_names", nargs=-1, metavar="[CHAPTER]...")
@options.course_option
@options.models_option
@options.lang_option
@click.option("--short", is_flag=True, cls=Listing, listed=_checks, help="Leave out the slow checks: {slow}.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="A table to read, or all figures as JSON.",
)  # fmt: skip
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), help="Draw an SVG a question in here.")
def command(
    chapter_names: tuple[str, ...],
    course_folder: Path,
    model_names: tuple[str, ...],
    lang: str | None,
    form: str,
    pictures: Path | None,
    *,
    short: bool,
) -> None:
    """Test the assignments: answers, misconceptions, tolerances, texts, limits. Exit code 1 when one is weak."""
    from rich.console import Console

    from grader.audit.story import audit
    from grader.audit.table import as_json, table
    from grader.language.speak import speak
    from grader.nouns.text import say
    from grader.pipeline import Grading

    language = options.language(lang)
    course, chapters = options.open_course(course_folder, chapter_names)
    with (
        Console(stderr=True).status("…") as status,
        Grading(course, chapters, options.choice(model_names)) as grading,
    ):
        found = audit(grading, short=short, progress=lambda *at: status.update(" ".join(at)))
    shown = as_json(found, language) if form == "json" else table(found, language=language, color=sys.stdout.isatty())
    click.echo(shown)
    if pictures:
        for file in _draw(found, pictures):
            click.echo(speak(say("drawn: {file}", file=str(file)), language), err=True)
    sys.exit(1 if found.weak else 0)


def _draw(found: Audit, pictures: Path) -> Iterator[Path]:
    from grader.audit.picture import draw

    for (chapter, question), group in groupby(found.calibrations, key=lambda c: (c.chapter, c.question)):
        file = pictures / chapter / f"{question}.svg"
        draw(list(group), file)
        yield file

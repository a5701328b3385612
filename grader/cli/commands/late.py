"""`grader late`: late days that were used, are free or are granted."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli import granting, options


@click.command("late")
@granting.out_argument
@options.course_option
@options.lang_option
def command(out: Path, course_folder: Path, lang: str | None) -> None:
    """Show who was late, how many free days everybody has used and has left, and who has an extension.

    The exit code is 2 when the ledger is damaged and somebody had to be left out.
    """
    from grader.bulk import results
    from grader.render.late_table import late_table
    from grader.scoring.rulings import standing
    from grader.store.ledger import existing

    course, _ = options.open_course(course_folder, ())
    reports, damage = results.recorded(out)
    with existing(out) as ledger:
        granted = standing(ledger.rulings())
    language = options.language(lang)
    click.echo(late_table(reports, course, granted, language))
    options.tell_damage(damage, (), language)
    sys.exit(2 if damage else 0)

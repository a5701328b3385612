"""`grader diff`: who moved between two runs, and why."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli import options


@click.command("diff")
@click.argument("out", type=click.Path(exists=True, path_type=Path, file_okay=False))
@click.argument("old", type=int, required=False)
@click.argument("new", type=int, required=False)
@options.lang_option
def command(out: Path, old: int | None, new: int | None, lang: str | None) -> None:
    """List every mark that differs between two runs of a result folder; the last two by default.

    The exit code is 0 when nothing moved, 1 when something did, 2 when the ledger is damaged and rows were left out.
    """
    from grader.render.changes_table import changes_table
    from grader.store.changes import diff, last_two
    from grader.store.damage import damage_of
    from grader.store.ledger import existing

    with existing(out) as ledger:
        first, second = (old, new) if old is not None and new is not None else last_two(ledger, old)
        changes = diff(ledger, first, second)
        damage = damage_of(ledger)
    width = None if sys.stdout.isatty() else 200
    click.echo(changes_table(changes, options.language(lang), color=sys.stdout.isatty(), width=width))
    click.echo(f"{first} → {second}: {len({c.student for c in changes})}")
    options.tell_damage(damage, (), options.language(lang))
    sys.exit(2 if damage else 1 if changes else 0)

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

    The exit code is 0 when nothing moved, 1 when something did.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from grader.language.speak import speak
    from grader.render.plain import points, printable
    from grader.store.changes import diff, last_two
    from grader.store.ledger import FILE, Ledger

    with Ledger(out / FILE) as ledger:
        first, second = (old, new) if old is not None and new is not None else last_two(ledger, old)
        changes = diff(ledger, first, second)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for change in changes:
        before, after = ("–" if mark is None else points(mark) for mark in (change.before, change.after))
        table.add_row(
            Text(printable(change.student)),
            Text(printable(change.name)),
            change.place or "=",
            Text(f"{before} → {after}", style="" if change.place else "bold"),
            Text(printable(speak(change.why, options.language(lang))), style="dim"),
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    click.echo(f"{first} → {second}: {len({c.student for c in changes})}")
    sys.exit(1 if changes else 0)

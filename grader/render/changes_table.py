"""The marks that differ between two runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text as Line

from grader.language.speak import speak
from grader.nouns.text import Language, one_line
from grader.render.console import printed
from grader.render.plain import points

if TYPE_CHECKING:
    from grader.store.changes import Change


def changes_table(
    changes: Iterable[Change], language: Language, *, color: bool = False, width: int | None = None
) -> str:
    """Build a table with one row per mark: whose, where (`=` for a total), before and after, why."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for change in changes:
        before, after = ("–" if mark is None else points(mark) for mark in (change.before, change.after))
        table.add_row(
            Line(one_line(change.student)),
            Line(one_line(change.name)),
            change.place or "=",
            Line(f"{before} → {after}", style="" if change.place else "bold"),
            Line(speak(change.why, language), style="dim"),
        )
    return printed([table], color=color, width=width)

"""Which model each logical name stands for."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from grader.language.speak import speak
from grader.nouns.binding import Binding
from grader.nouns.text import Language, say
from grader.render.console import printed


def models_table(bindings: Iterable[Binding], language: Language, *, color: bool = False) -> str:
    """Build a table with one row per logical name: kind, source, fingerprint, folder."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in (say("model"), say("kind"), say("source"), say("fingerprint"), say("folder")):
        table.add_column(speak(head, language), overflow="fold")
    for binding in bindings:
        folder = binding.directory or binding.config
        table.add_row(binding.name, binding.kind, binding.source, binding.fingerprint, str(folder))
    return printed([table], color=color, width=None)

"""Tables and texts as a terminal shows them."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType


def printed(
    content: Iterable[RenderableType], *, color: bool, width: int | None, least: int = 1, most: int | None = None
) -> str:
    """Render tables and texts as a terminal shows them, without trailing spaces or blank lines.

    Args:
        content: what is printed, one below the other.
        color: with ANSI colours.
        width: columns; those of this process's terminal when None.
        least: columns that are used even on a narrower terminal, which then wraps the lines.
        most: columns that are used of a wider one.
    """
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=color, no_color=not color, width=width, highlight=False)
    console.width = max(console.width if most is None else min(console.width, most), least)
    for part in content:
        console.print(part)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()).rstrip()

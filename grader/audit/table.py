"""An audit as a table: a row a question, then what is weak."""

from __future__ import annotations

import io
import math
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from grader.audit.findings import Audit
from grader.render.parts.plain import unpadded

NARROWEST = 100
LEGEND = "spread, nearest: the reference's own spread and the nearest misconception, in tolerances"


def table(audit: Audit, *, color: bool = False, width: int | None = None) -> str:
    """A row a question: sound or weak, spread and nearest misconception in tolerances, surviving mutants."""
    rows = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("question", "", "spread", "nearest", "mutants", "survive"):
        rows.add_column(head, justify="left" if head in {"question", ""} else "right", no_wrap=True)
    for (chapter, question), group in groupby(audit.findings, key=lambda f: (f.chapter, f.question)):
        weak = sum(not finding.ok for finding in group)
        rows.add_row(
            f"{chapter.split('_')[0]} {question}",
            Line(f"{weak} weak", style="red") if weak else Line("sound", style="green"),
            *_figures(audit, chapter, question),
            *_mutants(audit, chapter, question),
        )
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=color, no_color=not color, width=width, highlight=False)
    console.width = max(console.width, NARROWEST)
    console.print(rows)
    for finding in audit.weak:
        console.print(Line(f"\n{finding.chapter}/{finding.question} ({finding.check})", style="red"))
        console.print(Line(f"  {finding.text}"))
    questions = len({(f.chapter, f.question) for f in audit.findings})
    weak_questions = len({(f.chapter, f.question) for f in audit.weak})
    console.print(Line(f"\n{LEGEND}", style="dim"))
    console.print(f"{questions} questions, {weak_questions} weak, {len(audit.findings)} findings")
    return unpadded(buffer.getvalue())


def _figures(audit: Audit, chapter: str, question: str) -> tuple[str, str]:
    own = [c for c in audit.calibrations if (c.chapter, c.question) == (chapter, question)]
    if not own:
        return "-", "-"
    nearest = min(c.nearest for c in own)
    return f"{max(c.widest for c in own):.2g}", "another shape" if math.isinf(nearest) else f"{nearest:.3g}"


def _mutants(audit: Audit, chapter: str, question: str) -> tuple[str, str]:
    for mutation in audit.mutations:
        if (mutation.chapter, mutation.question) == (chapter, question) and mutation.mutants:
            return str(mutation.mutants), f"{mutation.rate:.0f} %"
    return "-", "-"

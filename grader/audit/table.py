"""An audit as a table with one row per question, then what is weak; or as JSON."""

from __future__ import annotations

import json
import math
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text as Line

from grader.audit.findings import Audit
from grader.language.speak import speak
from grader.nouns.text import Language, Message, say
from grader.render.console import printed

NARROWEST = 100
LEGEND = say("own spread, nearest: the reference's own spread and the nearest misconception, in tolerances")


def table(audit: Audit, *, language: Language, color: bool = False, width: int | None = None) -> str:
    """Build one row per question: sound or weak, spread and nearest misconception in tolerances, surviving mutants."""
    rows = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    rows.add_column(speak(say("question"), language), no_wrap=True)
    rows.add_column("", no_wrap=True)
    for head in (say("own spread"), say("nearest"), say("mutants"), say("survive")):
        rows.add_column(speak(head, language), justify="right", no_wrap=True)
    for (chapter, question), group in groupby(audit.findings, key=lambda f: (f.chapter, f.question)):
        weak = sum(not finding.ok for finding in group)
        rows.add_row(
            f"{chapter.split('_')[0]} {question}",
            _judged(weak, language),
            *(speak(figure, language) for figure in _figures(audit, chapter, question)),
            *_mutants(audit, chapter, question),
        )
    lines: list[RenderableType] = [rows]
    for finding in audit.weak:
        lines.append(Line(f"\n{finding.chapter}/{finding.question} ({finding.check})", style="red"))
        lines.append(Line(f"  {speak(finding.text, language)}"))
    questions = len({(f.chapter, f.question) for f in audit.findings})
    weak_questions = len({(f.chapter, f.question) for f in audit.weak})
    lines.append(Line(f"\n{speak(LEGEND, language)}", style="dim"))
    summary = say(
        "questions: {questions}, weak: {weak}, findings that make them so: {findings}",
        questions=questions,
        weak=weak_questions,
        findings=len(audit.weak),
    )
    lines.append(speak(summary, language))
    return printed(lines, color=color, width=width, least=NARROWEST)


def as_json(audit: Audit, language: Language) -> str:
    """Return all findings as one JSON object, texts in one language; infinite distances are null."""
    document = json.loads(audit.model_dump_json())
    for plain, finding in zip(document["findings"], audit.findings, strict=True):
        plain["text"] = speak(finding.text, language)
    return json.dumps(document, ensure_ascii=False, indent=2)


def _judged(weak: int, language: Language) -> Line:
    message = say("{count} weak", count=weak) if weak else say("sound")
    return Line(speak(message, language), style="red" if weak else "green")


def _figures(audit: Audit, chapter: str, question: str) -> tuple[Message, Message]:
    calibrations = [c for c in audit.calibrations if (c.chapter, c.question) == (chapter, question)]
    if not calibrations:
        return say("-"), say("-")
    nearest = min(c.nearest for c in calibrations)
    spread = say("{spread:.2g}", spread=max(c.widest for c in calibrations))
    return spread, say("another shape") if math.isinf(nearest) else say("{nearest:.3g}", nearest=nearest)


def _mutants(audit: Audit, chapter: str, question: str) -> tuple[str, str]:
    for mutation in audit.mutations:
        if (mutation.chapter, mutation.question) == (chapter, question) and mutation.mutants:
            return str(mutation.mutants), f"{mutation.rate:.0f} %"
    return "-", "-"

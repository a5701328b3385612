"""Making what a student's program printed harmless, and numbers short."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.nouns.report import Report
from grader.nouns.text import Message, say

_KEPT = {"\n", "\t"}
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&@$])")


def printable(text: str) -> str:
    """The text with control characters shown instead of obeyed (terminal escapes, carriage returns, bells …)."""
    return "".join(
        character if character in _KEPT or character.isprintable() else _escaped(character) for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def as_markdown(text: str) -> str:
    """A text as one line of Markdown in which nothing is markup, a mention, a formula or HTML."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def points(value: float) -> str:
    """A mark without needless zeros: `10`, `7.5`, `3.33`."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def confinement(report: Report) -> Message:
    """What the student's code was confined by."""
    if report.isolation is None:
        return say("nothing was run")
    return say("isolation level {level} ({backend})", level=report.isolation.level, backend=report.isolation.backend)


def shared_notes(reports: Sequence[Report]) -> tuple[Message, ...]:
    """The notes that every report has: what is true of the whole run, such as how hidden cases were drawn."""
    first = reports[0].notes if reports else ()
    return tuple(note for note in first if all(note in report.notes for report in reports))

"""Short words and numbers that formats share, and texts as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.nouns.report import QuestionScore, Report
from grader.nouns.text import Message, printable, say

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&@$])")
_LINKED = re.compile(r"[@#](?=\w)|:(?=//)|(?i:www)(?=\.)|(?i:gh)(?=-[0-9])")


def as_markdown(text: str) -> str:
    """Escape a text as one line of Markdown: no markup, mention, link, formula or HTML is left in it."""
    # Mentions, issues and addresses are looked for in what a page shows, where a backslash has gone already.
    unlinked = _LINKED.sub(lambda match: f"{match[0]}\u2060", " ".join(printable(text).split()))
    return _MARKUP.sub(r"\\\1", unlinked)


def points(value: float) -> str:
    """Format a mark without needless zeros.

    >>> [points(value) for value in (10.0, 7.50, 10 / 3)]
    ['10', '7.5', '3.333333']
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


def mark(question: QuestionScore) -> str:
    """Format a question's mark; a dash where nobody has marked it yet."""
    return "–" if question.is_open else points(question.score)


def total(report: Report) -> Message:
    """Say the whole mark, and how many questions are not marked yet."""
    marked = {"score": points(report.score), "most": points(report.max_score)}
    if not report.open_questions:
        return say("{score} / {most}", **marked)
    return say("{score} / {most} (not marked yet: {count})", **marked, count=report.open_questions)


def confinement(report: Report) -> Message:
    """Describe what confined the student's code."""
    if report.isolation is None:
        return say("nothing was run")
    return say("isolation level {level} ({backend})", level=report.isolation.level, backend=report.isolation.backend)


def shared_notes(reports: Sequence[Report]) -> tuple[Message, ...]:
    """The notes that every report has: what is true of the whole run, such as how hidden cases were drawn."""
    first = reports[0].notes if reports else ()
    return tuple(note for note in first if all(note in report.notes for report in reports))

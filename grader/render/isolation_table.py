"""Which isolation levels a machine reaches, check by check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text as Line

from grader.language.speak import speak
from grader.nouns.text import Language, say
from grader.render.console import printed

if TYPE_CHECKING:
    from grader.sandbox.parent.selftest import LevelReport


def isolation_table(
    reports: Sequence[LevelReport], language: Language, *, level: int, needed: int, color: bool = False
) -> str:
    """Show each level with its checks and what would raise it, then the level the machine reaches.

    Args:
        reports: one a level.
        language: of the texts.
        level: the highest that is reached, 0 for none.
        needed: the level that grading other people's code needs.
        color: with ANSI colours.
    """
    reached = say("student code runs at level {level} here; bulk grading and CI need {needed}",
                  level=level, needed=needed)  # fmt: skip
    lines = [line for report in reports for line in _level(report, language)]
    return printed([*lines, Line(speak(reached, language))], color=color, width=None)


def _level(report: LevelReport, language: Language) -> Iterator[Line]:
    state = say("reached") if report.reached else say("not reached")
    head = say("level {level}: {backend}: {state}", level=report.level, backend=report.backend, state=state)
    yield Line(speak(head, language), style="green" if report.reached else "yellow")
    for check in report.checks:
        sign = ("✓", "green") if check.passed else ("✗", "red")
        yield Line.assemble("  ", sign, f" {speak(check.name, language)}  ", (speak(check.detail, language), "dim"))
    if report.advice:
        yield Line(f"  → {speak(report.advice, language)}")

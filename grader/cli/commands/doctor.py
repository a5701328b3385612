"""`grader doctor`: which isolation this machine reaches, line by line, and what would raise it."""

from __future__ import annotations

import sys

import click

from grader.cli import options


@click.command("doctor")
@options.lang_option
def command(lang: str | None) -> None:
    """Test how well this machine confines student code. Exit code 0 from level 2 on, which bulk grading needs."""
    from rich.console import Console
    from rich.markup import escape

    from grader.language.speak import speak
    from grader.nouns.text import say
    from grader.sandbox.level import BULK_LEVEL
    from grader.sandbox.parent.selftest import self_test

    language = options.language(lang)
    console = Console(highlight=False)
    with Console(stderr=True).status("…"):
        reports = self_test()
    for report in reports:
        colour = "green" if report.reached else "yellow"
        state = say("reached") if report.reached else say("not reached")
        head = say("level {level}: {backend}: {state}", level=report.level, backend=report.backend, state=state)
        console.print(f"[{colour}]{speak(head, language)}[/]")
        for line in report.checks:
            mark = "[green]✓[/]" if line.passed else "[red]✗[/]"
            name, detail = (escape(speak(words, language)) for words in (line.name, line.detail))
            console.print(f"  {mark} {name}  [dim]{detail}[/]")
        if report.advice:
            console.print(f"  → {escape(speak(report.advice, language))}")
    level = max((report.level for report in reports if report.reached), default=0)
    words = say(
        "student code runs at level {level} here; bulk grading and CI need {needed}", level=level, needed=BULK_LEVEL
    )
    console.print(speak(words, language))
    sys.exit(0 if level >= BULK_LEVEL else 1)

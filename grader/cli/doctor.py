"""`grader doctor`: which isolation this machine reaches, line by line, and what would raise it."""

from __future__ import annotations

import sys

import click


@click.command("doctor")
def command() -> None:
    """Test how well this machine confines student code. Exit code 0 from level 2 on, which bulk grading needs."""
    from rich.console import Console
    from rich.markup import escape

    from grader.level import BULK_LEVEL
    from grader.sandbox.selftest import self_test

    console = Console(highlight=False)
    with Console(stderr=True).status("…"):
        reports = self_test()
    for report in reports:
        colour = "green" if report.reached else "yellow"
        state = "reached" if report.reached else "not reached"
        console.print(f"[{colour}]level {report.level}: {report.backend}: {state}[/]")
        for line in report.checks:
            mark = "[green]✓[/]" if line.passed else "[red]✗[/]"
            console.print(f"  {mark} {escape(line.name)}  [dim]{escape(line.detail)}[/]")
        if report.advice:
            console.print(f"  → {escape(report.advice)}")
    level = max((report.level for report in reports if report.reached), default=0)
    console.print(f"student code runs at level {level} here; bulk grading and CI need {BULK_LEVEL}")
    sys.exit(0 if level >= BULK_LEVEL else 1)

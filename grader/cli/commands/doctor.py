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

    from grader.render.isolation_table import isolation_table
    from grader.sandbox.parent.selftest import self_test
    from grader.sandbox.required_level import BULK_LEVEL

    with Console(stderr=True).status("…"):
        reports = self_test()
    level = max((report.level for report in reports if report.reached), default=0)
    language, color = options.language(lang), sys.stdout.isatty()
    click.echo(isolation_table(reports, language, level=level, needed=BULK_LEVEL, color=color))
    sys.exit(0 if level >= BULK_LEVEL else 1)

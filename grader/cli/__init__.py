"""The command line, the only package that uses click; each command only forwards to other packages.

One file a command, in `commands`. Nothing heavy is imported before a command runs, so that `grader --help`
answers at once.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import click

from grader import __version__, plugins
from grader.cli import commands as plugged
from grader.cli.helptext import Context, spoken
from grader.cli.stopping import stoppable
from grader.errors import GraderError
from grader.language.catalogue import CATALOGUES, DOMAIN, default_language

FAILED = 2


class _Commands(click.Group):
    """Every module of `grader.cli.commands` is one; its file name is its name, with `-` for `_`."""

    context_class = Context

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command until it ends or is stopped."""
        with stoppable():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        command = _command(cmd_name)
        return spoken(command, default_language()) if command is not None else None

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        click.Group.format_help(spoken(self, default_language()), ctx, formatter)


def _command(name: str) -> click.Command | None:
    """Load a command with its English help."""
    try:
        command: click.Command = plugins.load(plugged, name.replace("-", "_"), "command").command
    except plugins.NoSuchPlugin:
        return None
    return command


def commands() -> dict[str, click.Command]:
    """Return all commands with their English help."""
    found = ((name.replace("_", "-"), _command(name)) for name in plugins.names(plugged))
    return {name: command for name, command in found if command is not None}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="llm-homework-grader", prog_name="grader")
def cli() -> None:
    """Grade homework about large language models.

    Students: `grader check`. Assistants: `grader grade`. Course authors: `grader audit`, `grader key`.
    """


def main() -> None:
    """Run the command line; staff errors and refusals of the system end it with one clear line and exit code 2."""
    _open_streams()
    _settle_language(sys.argv)
    try:
        cli(standalone_mode=True)
    except GraderError as error:
        from grader.language.speak import told

        _fail(told(error, default_language()))
    except OSError as error:  # a full disk, a folder that may not be written: nothing that a traceback would explain
        from grader.language.speak import speak
        from grader.nouns.text import say

        _fail(speak(say("the system refused: {error}", error=str(error)), default_language()))


def _fail(problem: str) -> NoReturn:
    with suppress(OSError):
        click.secho(f"grader: {problem}", fg="red", err=True)
    sys.exit(FAILED)


def _open_streams() -> None:
    """Open what this process was started without, so that no file or pipe takes the number of a standard stream."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - of a descriptor
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _settle_language(arguments: Sequence[str]) -> None:
    """Make the language that `--lang` asks for, else the locale's, that of this process, as gettext understands it.

    Help, refusals and click's own words are said before or without the option being read.
    """
    following = zip(arguments, [*arguments[1:], ""], strict=True)
    asked = [word.partition("=")[2] or after for word, after in following if word.startswith("--lang")]
    os.environ["LANGUAGE"] = asked[-1] if asked and asked[-1] in {"zh", "en"} else default_language()
    gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    gettext.textdomain(DOMAIN)

"""The command line: click lives here and nowhere else; each command only forwards to the pipeline.

One file a command. Nothing heavy is imported before a command runs, so that `grader --help` answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import click

from grader import __version__
from grader.errors import GraderError

FAILED = 2


class _Commands(click.Group):
    """Every module of this package that has a `command` is a command; its file name is its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(__path__))
        return [name for name in names if self.get_command(ctx, name) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if not cmd_name.isidentifier() or cmd_name not in {module.name for module in pkgutil.iter_modules(__path__)}:
            return None
        command = getattr(importlib.import_module(f"{__name__}.{cmd_name}"), "command", None)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="llm-homework-grader", prog_name="grader")
def cli() -> None:
    """Grade homework about large language models. 批改大语言模型课程的作业。

    Students: `grader check`. Assistants: `grader grade`. Course authors: `grader audit`, `grader key`.
    """


def main() -> None:
    """Run the command line; staff errors end it with one clear line and exit code 2."""
    try:
        cli(standalone_mode=True)
    except GraderError as error:
        click.secho(f"grader: {_words(error)}", fg="red", err=True)
        sys.exit(FAILED)


def _words(error: GraderError) -> str:
    """An error in the language that was asked for."""
    from grader.cli.options import language
    from grader.nouns.text import Message
    from grader.words import speak

    problem = error.args[0] if error.args else None
    words = zip(sys.argv, [*sys.argv[1:], ""], strict=True)
    asked = [word.partition("=")[2] or after for word, after in words if word.startswith("--lang")]
    return speak(problem, language(asked[-1] if asked else None)) if isinstance(problem, Message) else str(error)

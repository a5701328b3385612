"""The command line as tests start it: in this process, which is quick, or in one of its own."""

from __future__ import annotations

import contextlib
import gettext
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from click.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 240
"""Seconds after which a command that does not end is killed, and its test fails."""


@dataclass(frozen=True)
class Done:
    """What a command in this process did; the names are those of `subprocess.CompletedProcess`."""

    returncode: int
    stdout: str
    stderr: str


class CommandLine:
    """Starts `grader`. Call it to run a command in this process; `process` and `start` make a process."""

    def __call__(self, *words: object, env: Mapping[str, str | None] | None = None) -> Done:
        """Run a command in this process, with what `env` adds to the environment; None removes a variable.

        What the command leaves in the environment is taken back. What click keeps is not: help is said in the language
        in which it was asked for first. An exception that is no `GraderError` comes out, so
        that a test fails with its traceback.
        """
        from grader.cli import main

        runner, code = CliRunner(env=env), 0
        with _as_before(), mock.patch.object(sys, "argv", ["grader", *map(str, words)]):
            with runner.isolation() as (out, err, _):
                try:
                    main()
                except SystemExit as leaving:
                    code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
            return Done(code, out.getvalue().decode(), err.getvalue().decode())

    def process(
        self,
        *words: object,
        before: Sequence[object] = (),
        python: str | Path = sys.executable,
        code: str | None = None,
        **options: Any,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own, and wait for it.

        Args:
            words: the command's words.
            before: words in front of the whole, for example `unshare --net`.
            python: the interpreter.
            code: what the interpreter runs in place of `-m grader`.
            options: as for `subprocess.run`; coverage is measured whatever `env` says.
        """
        command = [*map(str, before), *self.words(*words, python=python, code=code)]
        options = {"capture_output": True, "text": True, "check": False, "timeout": PATIENCE, **options}
        if options.get("env") is not None:
            measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
            options["env"] = {**measured, **options["env"]}
        return subprocess.run(command, **options)  # noqa: PLW1510 - `check` is among the options

    @contextlib.contextmanager
    def start(self, *words: object, **options: Any) -> Iterator[subprocess.Popen[str]]:
        """Start a command in a process of its own and go on; it is killed at the end. Options as for `Popen`."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        # A suite that runs in the background of a shell has Ctrl-C ignored, and children inherit that.
        with subprocess.Popen(
            self.words(*words), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @staticmethod
    def words(*words: object, python: str | Path = sys.executable, code: str | None = None) -> list[str]:
        """What a shell would be told to start the command."""
        return [str(python), *(("-m", "grader") if code is None else ("-c", code)), *map(str, words)]


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Environment and message domain are afterwards what they were: `main` settles both for its process."""
    domain = gettext.textdomain()
    with mock.patch.dict(os.environ):
        try:
            yield
        finally:
            gettext.textdomain(domain)

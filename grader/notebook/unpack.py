"""A copy of a submission's folder in which a module replaces the notebook, to be run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import SandboxError
from grader.files import CACHES, INSTALLED
from grader.notebook.convert import RUNNER
from grader.nouns.text import say
from grader.sandbox.kernel import scratch

SUFFIX = ".ipynb"
_RUNNER_SOURCE = Path(__file__).parent / "cells.py"


def module_of(notebook: str) -> str:
    """Return the path of the module that stands for a notebook, beside it."""
    return Path(notebook).with_suffix(".py").as_posix()


@contextmanager
def unpacked(folder: Path, notebook: str, source: str) -> Iterator[Path]:
    """Yield a copy of a submission's folder with a module in place of its notebook; it is deleted afterwards.

    Args:
        folder: the submission's folder.
        notebook: the file in it, relative to it.
        source: the module's source, as `converted` gives it.

    Raises:
        SandboxError: the folder cannot be copied.
    """
    with scratch.folder() as top:
        run = top / "run"
        try:
            shutil.copytree(folder, run, symlinks=True, ignore=_left_behind)
            module = run / module_of(notebook)
            _put(module, source.encode())
            _put(module.with_name(RUNNER), _RUNNER_SOURCE.read_bytes())
        except OSError as error:  # also `shutil.Error`
            problem = str(error)[:200]
            raise SandboxError(say("{folder} cannot be copied: {error}", folder=str(folder), error=problem)) from error
        yield run


def _left_behind(folder: str, names: list[str]) -> set[str]:
    """Name what is not copied: what is no work, and special files, since reading a pipe would block."""
    here = Path(folder)
    odd = {n for n in names if not (here / n).is_symlink() and not (here / n).is_file() and not (here / n).is_dir()}
    return odd | ({*CACHES, *INSTALLED} & set(names))


def _put(file: Path, content: bytes) -> None:
    """Write a file, replacing whatever has its name; never write through a link."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    file.unlink(missing_ok=True)
    with file.open("xb") as stream:
        stream.write(content)

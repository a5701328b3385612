"""Where hand-ins come from: one module a source, found by its file name, which is the source's name.

A source is two functions, as `Source` declares them: `fits(path, chapters)` says whether an opened folder looks like
a download of this source, and `take(path, chapters, roster, *, work)` gives an `Intake`. The source that sets
`FITS_EVERYTHING = True` is asked last. What sources share stands beside this folder, in `grader.intake`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from grader import plugins
from grader.errors import IntakeError
from grader.nouns.intake import Intake, Roster
from grader.nouns.text import say


class Source(Protocol):
    """What every source module offers."""

    def fits(self, path: Path, chapters: Mapping[str, str]) -> bool:
        """Whether an opened folder looks like a download of this source."""

    def take(self, path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
        """The submissions at a path."""


def names() -> tuple[str, ...]:
    """The sources there are; the one that fits everything comes last."""
    return tuple(sorted(plugins.names(_HERE), key=lambda name: (_fits_everything(source(name)), name)))


def source(name: str) -> Source:
    """The source of a name.

    Raises:
        IntakeError: there is none of this name.
    """
    try:
        return cast("Source", plugins.load(_HERE, name))
    except LookupError as error:
        known = ", ".join(plugins.names(_HERE))
        raise IntakeError(say("there is no source {name!r}; there are: {names}", name=name, names=known)) from error


def detect(path: Path, chapters: Mapping[str, str]) -> str:
    """The name of the source that an opened folder or a file looks like."""
    *ahead, last = names()
    return next((name for name in ahead if source(name).fits(path, chapters)), last)


def _fits_everything(module: Source) -> bool:
    return bool(getattr(module, "FITS_EVERYTHING", False))


_HERE = sys.modules[__name__]

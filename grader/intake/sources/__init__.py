"""Where hand-ins come from: one module a source, found by its file name, which is the word for `grader grade --from`.

A module defines two functions, as `Source` declares them:

- `fits(path, chapters)`: whether a folder, or a file that is no archive, looks like a download of this source.
  `chapters` is chapter id to the file name that is asked for. It reads names, not contents, and changes nothing.
- `take(path, chapters, roster, *, work)`: the submissions there, as an `Intake`. An archive is unpacked before it gets
  here. `roster` is the class or None. Whatever has to be copied or unpacked goes into `work`. What cannot be taken in
  is a `Problem` of the `Intake`, never left out in silence; only a path that is unreadable as a whole raises
  `IntakeError`.

Most sources only find out which file is whose and leave the rest to `collect`:

    def take(path, chapters, roster, *, work):
        hand_ins = [HandIn(file.name, file.stem, ((file.name, file),)) for file in children(path)]
        return collect(hand_ins, chapters, roster, work=work)

with `collect` from `grader.intake.collect`, `HandIn` from `grader.intake.handin`, and `children` from
`grader.intake.listing`. It may say more of itself:

- `FITS_EVERYTHING = True`: it is asked last. False when left out.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
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
        return cast("Source", plugins.load(_HERE, name, "fits", "take"))
    except plugins.NoSuchPlugin as error:
        known = ", ".join(plugins.names(_HERE))
        raise IntakeError(say("there is no source {name!r}; there are: {names}", name=name, names=known)) from error


def detect(path: Path, chapters: Mapping[str, str]) -> str:
    """The name of the source that an opened folder or a file looks like."""
    *ahead, last = names()
    return next((name for name in ahead if source(name).fits(path, chapters)), last)


def _fits_everything(module: Source) -> bool:
    return plugins.told(cast("ModuleType", module), "FITS_EVERYTHING", default=False)


_HERE = sys.modules[__name__]

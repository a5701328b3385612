"""The files of one hand-in put into one folder. The functions here run in a confined child.

Paths come as wire values: the bytes of a file's name, read as Latin-1, so that every name there is gets through.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from grader.errors import IntakeError
from grader.files import INSTALLED, is_junk, open_regular
from grader.intake.bounds import Bounds
from grader.intake.unpack import is_archive, is_foreign_archive, readable, stem, unpack, write_entry
from grader.nouns.text import Message, say
from grader.nouns.zone import instant


def to_wire(path: Path) -> str:
    """Return a path as a wire value."""
    return os.fsencode(path).decode("latin-1")


def from_wire(text: str) -> Path:
    """Return the path that `to_wire` was given."""
    return Path(os.fsdecode(text.encode("latin-1")))


def unpack_download(archive: str, target: str, bounds: dict[str, int]) -> list[dict[str, object]]:
    """Unpack a whole download, but not the archives in it; entries that are unsafe are left out.

    Args:
        archive: a zip or tar file, as a wire value.
        target: an empty folder, as a wire value.
        bounds: the fields of `Bounds`.

    Returns:
        What is wrong with the entries that were left out, as messages.
    """
    refused: list[Message] = []
    unpack(from_wire(archive), from_wire(target), Bounds(**bounds), nested=False, refused=refused)
    return [message.model_dump(mode="json") for message in refused]


def fill(parts: Sequence[tuple[str, str]], target: str, zone: str) -> float | None:
    """Copy the files and folders of a hand-in, its archives unpacked.

    Args:
        parts: `(name to give, path)`, both as wire values.
        target: an empty folder.
        zone: the zone of times that archives tell without one.

    Returns:
        The newest time that an archive in it tells, in seconds since 1970; None where none does.
    """
    place, bounds = from_wire(target), Bounds()
    times = [
        _put(from_wire(name).name, from_wire(path), place, bounds, zone, alone=len(parts) == 1) for name, path in parts
    ]
    return _latest(times)


def _latest(times: Iterable[float | None]) -> float | None:
    return max((time for time in times if time is not None), default=None)


def _put(name: str, part: Path, place: Path, bounds: Bounds, zone: str, *, alone: bool, depth: int = 0) -> float | None:
    """Put one file or folder of a hand-in into its place, archives unpacked."""
    name = readable(os.fsencode(name))
    if not name.strip("."):
        raise IntakeError(say("{name}: a path that leaves its folder", name=name))
    kind = part.lstat().st_mode
    if stat.S_ISLNK(kind):
        raise IntakeError(say("{name}: a symbolic link", name=name))
    if stat.S_ISDIR(kind):
        if depth > bounds.folders:
            raise IntakeError(say("{name}…: more than {count} folders deep", name=name, count=bounds.folders))
        into = place if alone else place / name
        bounds.entry(name, 0)
        return _latest(
            _put(child.name, child, into, bounds, zone, alone=False, depth=depth + 1)
            for child in sorted(part.iterdir())
            if not is_junk(child.name) and child.name not in INSTALLED
        )
    if not stat.S_ISREG(kind):
        raise IntakeError(say("{name}: a device or pipe", name=name))
    if is_foreign_archive(name):
        raise IntakeError(say("{name}: this kind of archive cannot be opened; ask for a .zip or .tar.gz", name=name))
    if is_archive(name):
        newest = _unpacked(name, part, place if alone else place / stem(name), bounds)
        return None if newest is None else instant(newest, zone)
    bounds.entry(name, part.stat().st_size)
    path = bounds.path(name)
    if (place / path).exists():
        raise IntakeError(say("{name}: two files of this name", name=name))
    try:
        with open_regular(part) as source:
            write_entry(source, place, path, name, bounds)
    except OSError as error:
        raise IntakeError(say("{name}: cannot be read ({error})", name=name, error=str(error.strerror))) from error
    return None


def _unpacked(name: str, part: Path, place: Path, bounds: Bounds) -> datetime | None:
    try:
        return unpack(part, place, bounds)
    except IntakeError as error:
        if part.name == name:
            raise
        raise IntakeError(say("{name} → {problem}", name=name, problem=error.problem)) from error

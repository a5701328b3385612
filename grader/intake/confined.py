"""Intake in a confined child: hand-ins are unpacked, copied and read there, within limits."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.errors import IntakeError
from grader.intake.bounds import Bounds
from grader.intake.filling import fill, to_wire, unpack_download
from grader.intake.modules import is_text
from grader.intake.repository import read_commit
from grader.nouns.question import Limits
from grader.nouns.text import Message
from grader.nouns.value import Value
from grader.sandbox.kernel.scratch import Room
from grader.sandbox.parent import reader

LIMITS = Limits(wall=120, cpu=60, memory=2**29, output=2**14, answer=2**20)
"""What taking in one hand-in may use."""
LOOK = reader.LIMITS
"""What a look at files that are already taken in may use."""
DOWNLOAD = Limits(wall=7200, cpu=3600, memory=2**31, output=2**14, answer=2**24)
"""What unpacking, or reading the metadata of, a whole download may use."""
_SLACK = 2**26  # bytes: blocks of files are larger than what is in them
_DEEPEST = 128  # folders in folders, those of archives in archives together
_ROOM = Room(Bounds().total + _SLACK, 2 * Bounds().entries, _DEEPEST)
_MOST_RULES = 32  # files and folders that a child is let read one by one


def filled(parts: Sequence[tuple[str, Path]], place: Path, zone: str) -> float | None:
    """Put a hand-in's files and folders into a folder, archives unpacked; see `filling.fill`.

    Args:
        parts: `(name to give, file or folder)`, no links.
        place: the folder; what it held before is removed.
        zone: the zone of times that archives tell without one.

    Raises:
        IntakeError: it is not taken in; the message says why.
    """
    told = [[to_wire(Path(name)), to_wire(part.absolute())] for name, part in parts]
    newest = _run(fill, told, to_wire(place.absolute()), zone, reads=[part for _, part in parts], writes=place)
    return float(newest) if isinstance(newest, int | float) else None


def committed(source: Path, place: Path) -> dict[str, Any]:
    """Write the files of a repository's or bundle's commit to a folder; see `repository.read_commit`.

    Raises:
        IntakeError: it is not taken in; the message says why.
    """
    told = _run(read_commit, to_wire(source.absolute()), to_wire(place.absolute()), reads=[source], writes=place)
    return dict(told) if isinstance(told, dict) else {}


def unpacked(archive: Path, place: Path, bounds: Bounds) -> list[Message]:
    """Unpack a whole download, but not the archives in it; entries that are unsafe are left out.

    Args:
        archive: a zip or tar file.
        place: the folder to unpack to; what it held before is removed.
        bounds: how much it may be.

    Returns:
        What is wrong with the entries that were left out.

    Raises:
        IntakeError: the archive is unsafe as a whole, or damaged.
    """
    fields = {name: value for name, value in asdict(bounds).items() if not name.startswith("_")}
    room = Room(bounds.total + _SLACK, 2 * bounds.entries, _DEEPEST)
    told = _run(unpack_download, to_wire(archive.absolute()), to_wire(place.absolute()), fields,
                reads=[archive], writes=place, limits=DOWNLOAD, room=room)  # fmt: skip
    return [Message.model_validate(message) for message in told] if isinstance(told, list) else []


def run(task: Callable[..., Value], *arguments: Value, reads: Sequence[Path], limits: Limits = LOOK) -> Value:
    """Run a task that writes nothing.

    Args:
        task: see `grader.sandbox.parent.reader`.
        arguments: wire values.
        reads: the files and folders that it may read.
        limits: what it may use.

    Returns:
        What the task returned: data from a process that read hostile bytes.

    Raises:
        IntakeError: the task refused, or came to a limit; the message says which.
    """
    return _told(reader.read(task, *arguments, readable=_grouped(reads), limits=limits))


def _run(
    task: Callable[..., Any],
    *arguments: Value,
    reads: Sequence[Path],
    writes: Path,
    limits: Limits = LIMITS,
    room: Room = _ROOM,
) -> Value:
    if writes.exists():
        shutil.rmtree(writes)
    writes.mkdir(parents=True)
    return _told(reader.read(task, *arguments, readable=_grouped(reads), writable=writes, limits=limits, room=room))


def _told(answer: reader.Read | reader.Unread) -> Value:
    if isinstance(answer, reader.Unread):
        raise IntakeError(answer.reason)
    return answer.value


def _grouped(paths: Sequence[Path]) -> list[Path]:
    """Return what a child may read: the paths, or their folders where paths are many or cannot be sent as text."""
    named = [next(p for p in (path, *path.absolute().parents) if is_text(p)) for path in paths]
    return named if len(named) <= _MOST_RULES else list(dict.fromkeys(path.parent for path in named))

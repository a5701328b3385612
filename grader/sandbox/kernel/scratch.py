"""The one folder a worker may write to: made for a job, watched, removed.

Files in it are bounded by the kernel (RLIMIT_FSIZE, level 2) and all of it by a look every tick: a quota file system
would need privileges. A worker that oversteps is killed; what it wrote in one tick at full disk speed is the slack.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from grader.errors import SandboxError

LARGEST_FILE = 32 << 20
"""Bytes in one file of a student's worker."""


class Room(NamedTuple):
    """How much a worker's folder may hold.

    Attributes:
        size: bytes on disk in all.
        files: files and folders.
        deepest: folders in folders: what lies deeper than paths are long could not be seen.
    """

    size: int = 64 << 20
    files: int = 1000
    deepest: int = 8


STUDENTS = Room()
"""The room of student code."""


def make(inside: str | None = None) -> str:
    """A new folder, inside the system's temporary folder or another one.

    Raises:
        SandboxError: it cannot be made, for example because the disk is full.
    """
    try:
        return os.path.realpath(tempfile.mkdtemp(prefix="grader-", dir=inside))
    except OSError as error:
        from grader.nouns.text import say  # only here: the fork-server, which imports this, starts without pydantic

        place = inside or tempfile.gettempdir()
        raise SandboxError(
            say(
                "no scratch folder can be made in {place}: {error}; free some space there, or set TMPDIR to a folder "
                "on another disk",
                place=place,
                error=error.strerror,
            )
        ) from error


def full(folder: str, room: Room = STUDENTS) -> bool:
    """Whether a folder holds more than may be written."""
    size = count = 0
    waiting = [(folder, 0)]
    while waiting:
        path, depth = waiting.pop()
        if depth > room.deepest:
            return True
        with contextlib.suppress(OSError), os.scandir(path) as entries:
            for entry in entries:
                count += 1
                if count > room.files:
                    return True
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512 if os.name == "posix" else 0
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))
    return size > room.size


def remove(folder: str) -> None:
    """Remove a folder, whatever was made in it: without write permission, or nested deeper than paths are long."""
    top = Path(folder)
    for _ in range(STUDENTS.files * 4):
        with contextlib.suppress(RecursionError):
            shutil.rmtree(top, onerror=_open_up)
        if not top.exists():
            return
        _flatten(top)


def _open_up(_function: object, path: str, _error: object) -> None:
    with contextlib.suppress(OSError):
        Path(path).chmod(0o700)
        Path(path).parent.chmod(0o700)


def _flatten(top: Path) -> None:
    """Move folders one level deep up to the top, so that repeated removal reaches any depth."""
    with contextlib.suppress(OSError):
        for number, deep in enumerate(list(top.glob("*/*"))):
            if deep.is_dir() and not deep.is_symlink():
                deep.rename(top / f".up-{number}-{len(deep.name)}")

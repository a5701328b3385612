"""The one folder a worker may write to: made for a job, watched, removed.

A folder is locked by those who use it, its maker and a fork-server that goes on without it. The system releases the
lock when they are dead. So a folder without a lock was left by a killed process, and the next that starts removes it.

Files in it are bounded by the kernel (RLIMIT_FSIZE, level 2) and all of it by a look every tick: a quota file system
would need privileges. A worker that oversteps is killed; what it wrote in one tick at full disk speed is the slack.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from grader.errors import SandboxError

try:
    import fcntl

    _CAN_LOCK = True
except ImportError:  # Windows
    _CAN_LOCK = False

_PREFIX = "grader-scratch-"
_UNLOCKED = "grader-unlocked-"
"""Where this Python cannot lock: a folder that nobody sweeps, since nobody can see that it is used."""
_held: dict[str, int] = {}
"""Folders of this process to the descriptors that lock them."""
_swept = threading.Event()

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
    """Make a folder, in the system's temporary folder or in one that is removed with all in it.

    Raises:
        SandboxError: it cannot be made, for example because the disk is full.
    """
    try:
        if inside is not None:
            return os.path.realpath(tempfile.mkdtemp(dir=inside))
        _sweep_once()
        while True:
            folder = os.path.realpath(tempfile.mkdtemp(prefix=_PREFIX if _CAN_LOCK else _UNLOCKED))
            if _lock(folder):
                return folder
    except OSError as error:
        from grader.nouns.text import say  # here, so that the fork-server starts without pydantic

        place = inside or tempfile.gettempdir()
        raise SandboxError(
            say(
                "no scratch folder can be made in {place}: {error}; free some space there, or set TMPDIR to a folder "
                "on another disk",
                place=place,
                error=error.strerror,
            )
        ) from error


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for a `with` block, removed at its end; raises as `make` does."""
    made = make()
    try:
        yield Path(made)
    finally:
        remove(made)


def _lock(folder: str) -> bool:
    """Lock a folder as used; False where a sweeping process took it for a stale one."""
    if not _CAN_LOCK:
        return True
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    except OSError:  # a file system without locks, on which nobody sweeps
        os.close(descriptor)
        return True
    _held[folder] = descriptor
    if not Path(folder).exists():
        os.close(_held.pop(folder))
        return False
    return True


def descriptor_of(folder: str) -> int | None:
    """The descriptor that keeps a folder from being swept, for a process that goes on using it; None where there is
    none.
    """
    return _held.get(folder)


@contextlib.contextmanager
def folder_in(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a folder in a place for a `with` block; those of the same prefix that killed processes left there go."""
    _sweep(parent, prefix)
    while True:
        made = parent.resolve() / f"{prefix}{secrets.token_hex(8)}"
        made.mkdir()
        if _lock(str(made)):
            break
    try:
        yield made
    finally:
        remove(str(made))


def _sweep_once() -> None:
    """Remove the folders that killed processes of this user left; once in this process."""
    if not _swept.is_set():
        _swept.set()
        _sweep(Path(tempfile.gettempdir()), _PREFIX)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove this user's folders of a prefix that nobody uses any more."""
    if not _CAN_LOCK:
        return
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while anybody uses it
                remove(str(folder))
            finally:
                os.close(descriptor)


def remove_all() -> None:
    """Remove every folder that this process made and still holds."""
    for folder in list(_held):
        remove(folder)


def full(folder: str, room: Room = STUDENTS) -> bool:
    """Return whether a folder holds more than may be written."""
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
            break
        _flatten(top)
    if (descriptor := _held.pop(folder, None)) is not None:
        os.close(descriptor)


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

"""One grading or re-scoring of a results folder at a time, on this machine or on another that shares the folder."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import LedgerError
from grader.files import write_whole
from grader.nouns.text import say

LOCK = ".lock"
HOLDER = ".holder.json"


@contextmanager
def held(out: Path, command: str) -> Iterator[None]:
    """Hold a results folder, which is made where it is not there, until the end of the block.

    The system gives the lock back when its process ends, however that happens.

    Raises:
        LedgerError: another process holds it, or nothing can be written there.
    """
    from filelock import FileLock, Timeout

    _made(out)
    lock = FileLock(out / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise _taken(out) from None
    except (OSError, NotImplementedError) as error:
        raise LedgerError(
            say("{folder}: cannot be locked: {error}; name a folder on a disk of this machine with --out",
                folder=str(out), error=str(error))
        ) from error  # fmt: skip
    try:
        about = {"pid": os.getpid(), "host": platform.node(), "command": command,
                 "since": datetime.now(UTC).isoformat(timespec="seconds")}  # fmt: skip
        write_whole(out / HOLDER, json.dumps(about).encode())
        yield
    finally:
        with suppress(OSError):
            (out / HOLDER).unlink(missing_ok=True)
        lock.release()


def _made(out: Path) -> None:
    """Make a results folder, and see that something can be written there."""
    if out.is_symlink() and not out.exists():
        raise LedgerError(
            say("{folder} is a link to {target}, which is not there; make that folder, or name another with --out",
                folder=str(out), target=str(out.readlink()))
        )  # fmt: skip
    if out.exists() and not out.is_dir():
        raise LedgerError(say("{folder} is no folder; name one with --out", folder=str(out)))
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise LedgerError(
            say("{folder}: nothing can be written there: {error}; name another folder with --out",
                folder=str(out), error=str(error.strerror))
        ) from error  # fmt: skip


def _taken(out: Path) -> LedgerError:
    try:
        about = json.loads((out / HOLDER).read_text(encoding="utf-8"))
        pid, host, command, since = (str(about[name]) for name in ("pid", "host", "command", "since"))
    except (OSError, ValueError, KeyError, TypeError):
        return LedgerError(
            say("{folder} is being graded by another process; wait until it has ended, or end it", folder=str(out))
        )
    return LedgerError(
        say(
            "{folder} is held by `grader {command}`, process {pid} on {host}, since {since}; wait until it has ended, "
            "or end it, and run this again",
            folder=str(out),
            command=command,
            pid=pid,
            host=host,
            since=since,
        )
    )

"""Keeps a fork-server waiting after the command that started it, so that the next self-check loads nothing.

It listens on a socket in a folder that only its user can enter. The socket's name is the digest of all that the server
holds: its set-up, the models' fingerprints, the grader's files, the interpreter and the libraries; so a server of
another version is never found. Only `grader check` leaves servers: those of a class end with the run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import stat
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

PATIENCE = 1.0
"""Seconds that a server which is not in use may take to answer."""
MOST = 2
"""Servers that wait at the same time: each holds 0.7 GB."""


def stay(seconds: int) -> bytes:
    """Return the message that tells a server how long to wait for the next grader."""
    return f"stay {seconds}".encode()


def address(contents: object) -> Path | None:
    """Return the socket of a server that holds this; None without a folder that only this user can enter."""
    folder = _folder()
    if folder is None:
        return None
    source = Path(__file__).parents[2]
    files = sorted((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in source.rglob("*.py"))
    libraries = [version(name) for name in ("torch", "transformers", "numpy", "tokenizers")]
    text = json.dumps([contents, files, libraries, sys.executable, sys.version], sort_keys=True)
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.sock"


def _folder() -> Path | None:
    run = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(run, "grader") if run else Path(tempfile.gettempdir(), f"grader-{os.getuid()}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return folder if is_own else None


def connect(place: Path) -> socket.socket | None:
    """Connect to the server that listens there."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(PATIENCE)
    try:
        client.connect(str(place))
    except OSError:
        client.close()
        return None
    client.settimeout(None)
    return client


def listen(place: Path) -> socket.socket | None:
    """Listen there, in place of a server that is gone; None where no socket can be made."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        place.unlink(missing_ok=True)
        listener.bind(str(place))
        listener.listen()
    except OSError:  # for example, the path is too long for a socket
        listener.close()
        return None
    with contextlib.suppress(OSError):  # another command does the same
        _end_oldest(place.parent)
    return listener


def _end_oldest(folder: Path) -> None:
    """End all but the newest servers, each as soon as nobody uses it."""
    sockets = sorted(folder.glob("*.sock"), key=lambda file: file.lstat().st_mtime_ns, reverse=True)
    for place in sockets[MOST:]:
        server = connect(place)
        if server is not None:
            with server, contextlib.suppress(OSError):
                server.send(stay(0))
        place.unlink(missing_ok=True)

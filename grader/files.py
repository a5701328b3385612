"""Handle files from any source: safe names, junk, spreadsheet encodings, atomic writes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

CACHES = frozenset({"__pycache__", ".git", ".ipynb_checkpoints"})
"""Folders that tools create beside the work: never hashed, copied or shipped."""
INSTALLED = frozenset({".venv", "venv", "node_modules"})
"""Libraries that somebody installed beside their work: too much to copy, and no import looks there."""
_NAME_BYTES = 200  # of the 255 that file systems take; the rest is for numbers and suffixes
_DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)  # what Windows takes for a device
_DESKTOP = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".idea"})


def is_junk(name: str) -> bool:
    """Return whether a tool, an operating system or an editor left this file or folder behind."""
    return name in CACHES | _DESKTOP or name.startswith("._")


def files_in(folder: Path, *, but: Collection[str] = CACHES) -> Iterator[Path]:
    """List all files below a folder in order, except those in folders with one of these names."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not set(file.relative_to(folder).parts) & set(but):
            yield file


def folder_digest(folder: Path) -> str:
    """Hash the relative names and the contents of all files in a folder; 16 hex digits."""
    contents = []
    for file in files_in(folder):
        with file.open("rb") as stream:
            contents.append((file.relative_to(folder).as_posix(), hashlib.file_digest(stream, "sha256").hexdigest()))
    text = json.dumps([contents], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def slug(text: str) -> str:
    """Turn a text into a file name that is valid on every system: letters of any script, digits, `-`, `_`, `.`."""
    kept = re.sub(r"[^\w.\-]+", "-", unicodedata.normalize("NFC", text), flags=re.UNICODE).strip("-.")
    short = kept[:80].encode()[:_NAME_BYTES].decode("utf-8", "ignore").strip("-.") or "submission"
    return f"_{short}" if _DEVICE.fullmatch(short.partition(".")[0]) else short


def unique(name: str, taken: set[str]) -> str:
    """Return the first of `name`, `name-2`, `name-3` … that is not taken, ignoring case.

    Args:
        name: the name asked for.
        taken: names in lower case; the one given back is added.
    """
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name}-{number}", number + 1
    taken.add(candidate.casefold())
    return candidate


def decoded(body: bytes) -> str:
    """Decode a table: UTF-8 with or without a byte order mark, UTF-16 with one, else GBK.

    Raises:
        UnicodeDecodeError: it is none of these.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def open_regular(file: Path) -> BinaryIO:
    """Open a file that somebody else named or made, to read it.

    Raises:
        OSError: it cannot be opened, or is a link, a device, a pipe or a folder.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    stream = open(os.open(file, flags), "rb")  # noqa: PTH123, SIM115 - of a descriptor, and the caller's to close
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return stream
    stream.close()
    raise OSError(errno.EINVAL, "no regular file", str(file))


def read_regular(file: Path, most: int) -> bytes:
    """Read a file that somebody else named or made.

    Raises:
        OSError: as `open_regular`.
        ValueError: it has more than `most` bytes.
    """
    with open_regular(file) as stream:
        body = stream.read(most + 1)
    if len(body) > most:
        raise ValueError(f"{file} has more than {most} bytes")
    return body


def write_whole(file: Path, body: bytes) -> None:
    """Write a file atomically: a concurrent reader sees the old file until the new one is complete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{secrets.token_hex(8)}.new")
    try:
        fresh.write_bytes(body)
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise

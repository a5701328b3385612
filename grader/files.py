"""Files whoever wrote them: names, what is no work, text as offices save it, writing whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

CACHES = frozenset({"__pycache__", ".git", ".ipynb_checkpoints"})
"""What tools keep beside somebody's work and no program reads: not hashed, copied or shipped."""
INSTALLED = frozenset({".venv", "venv", "node_modules"})
"""Libraries that somebody installed beside their work: too much to copy, and no import looks there."""
_DESKTOP = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".idea"})


def is_junk(name: str) -> bool:
    """Whether a file or folder is left behind by a tool, an operating system or an editor."""
    return name in CACHES | _DESKTOP or name.startswith("._")


def files_in(folder: Path, *, but: Collection[str] = CACHES) -> Iterator[Path]:
    """All files below a folder in order, except for what lies in a folder of one of these names."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not set(file.relative_to(folder).parts) & set(but):
            yield file


def slug(text: str) -> str:
    """A text as a file name on every system: letters of any script, digits, `-`, `_` and `.`."""
    kept = re.sub(r"[^\w.\-]+", "-", text, flags=re.UNICODE).strip("-.")
    return kept[:80] or "submission"


def unique(name: str, taken: set[str]) -> str:
    """The name, or `name-2`, `name-3` …: the first that is not taken even where file names ignore case.

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
    """A table as offices save it: UTF-8 with or without a byte order mark, UTF-16 with one, else GBK.

    Raises:
        UnicodeDecodeError: it is none of these.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def read_regular(file: Path, most: int) -> bytes:
    """Read a file that somebody else named or made.

    Raises:
        OSError: it cannot be read, or is a link, a device or a pipe.
        ValueError: it has more than `most` bytes.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(file, flags), "rb") as stream:  # noqa: PTH123 - of a descriptor
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(file))
        body = stream.read(most + 1)
    if len(body) > most:
        raise ValueError(f"{file} has more than {most} bytes")
    return body


def write_whole(file: Path, body: bytes) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile finds the old one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{secrets.token_hex(8)}.new")
    try:
        fresh.write_bytes(body)
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise

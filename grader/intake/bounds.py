"""How much of anything one hand-in may unpack to, and what an entry's name may be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.errors import IntakeError
from grader.nouns.text import say

MEBIBYTE = 2**20
_SPREAD = 20 * MEBIBYTE
_NAME_BYTES = 255


@dataclass
class Bounds:
    """A budget that all archives of one hand-in share, nested ones included.

    Attributes:
        file, total: bytes, unpacked.
        entries: files and folders.
        ratio: unpacked over packed size of an entry, looked at from 20 MiB on.
        depth: archives inside archives.
        folders: folders inside folders.
    """

    file: int = 128 * MEBIBYTE
    total: int = 256 * MEBIBYTE
    entries: int = 5_000
    ratio: int = 200
    depth: int = 3
    folders: int = 32
    _bytes: int = field(default=0, repr=False)
    _count: int = field(default=0, repr=False)

    def entry(self, name: str, size: int, packed: int | None = None) -> None:
        """Check what an archive says about an entry, before anything of it is read.

        Raises:
            IntakeError: it would be too much, or looks like a bomb.
        """
        self._count += 1
        if size < 0:
            raise IntakeError(say("{name}: damaged ({error})", name=name, error=str(size)))
        if self._count > self.entries:
            raise IntakeError(say("{name}: more than {count} entries", name=name, count=self.entries))
        if size > self.file:
            raise IntakeError(
                say("{name}: {size} bytes unpacked; at most {most} are taken", name=name, size=size, most=self.file)
            )
        if self._bytes + size > self.total:
            raise IntakeError(say("{name}: the whole is more than {most} bytes unpacked", name=name, most=self.total))
        if packed is not None and size > _SPREAD and size > self.ratio * max(packed, 1):
            raise IntakeError(
                say(
                    "{name}: {packed} bytes claim to unpack to {size}, as in a decompression bomb",
                    name=name,
                    packed=packed,
                    size=size,
                )
            )

    def spend(self, name: str, count: int, so_far: int) -> None:
        """Count bytes that really came out, whatever the archive said; `so_far` is the entry's own sum.

        Raises:
            IntakeError: the entry or the whole is too big.
        """
        self._bytes += count
        if so_far > self.file or self._bytes > self.total:
            most = self.file if so_far > self.file else self.total
            raise IntakeError(say("{name}: unpacks to more than the allowed {most} bytes", name=name, most=most))

    def path(self, name: str) -> PurePosixPath:
        """Return the entry's path inside the target folder.

        Raises:
            IntakeError: it would lie elsewhere, or cannot be a file's name.
        """
        plain = name.replace("\\", "/")
        path = PurePosixPath(plain)
        if path.is_absolute() or re.match(r"[A-Za-z]:", plain):
            raise IntakeError(say("{name}: an absolute path", name=name))
        if ".." in path.parts:
            raise IntakeError(say("{name}: a path that leaves its folder", name=name))
        if any(ord(c) < ord(" ") or c == "\x7f" for c in plain):
            raise IntakeError(say("{name!r}: a control character in a name", name=name))
        if len(path.parts) > self.folders:
            raise IntakeError(say("{name}…: more than {count} folders deep", name=name[:80], count=self.folders))
        if any(len(part.encode("utf-8", "surrogateescape")) > _NAME_BYTES for part in path.parts):
            raise IntakeError(say("{name}…: a name longer than {count} bytes", name=name[:80], count=_NAME_BYTES))
        return path

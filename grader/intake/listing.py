"""A source's outer layer as a folder, whether it came as one or as an archive."""

from __future__ import annotations

from pathlib import Path

from grader.errors import IntakeError
from grader.files import is_junk
from grader.intake.bounds import Bounds
from grader.intake.confined import unpacked
from grader.intake.unpack import is_archive, stem
from grader.nouns.text import Message, say

GIBIBYTE = 2**30
_SPREAD = 50  # bytes that a byte of a large download may unpack to: it may be a single hand-in, and a bomb


def opened(path: Path, work: Path, refused: list[Message] | None = None) -> Path:
    """Return the folder at a path; a download is unpacked first, the archives in it are left as they are.

    Entries of the download that are unsafe are left out and told in `refused` where it is given.

    Raises:
        IntakeError: there is nothing, or the download itself is unsafe or damaged.
    """
    if path.is_dir():
        return path
    if not path.is_file():
        raise IntakeError(say("{path}: there is no such file or folder", path=str(path)))
    if not is_archive(path.name):
        raise IntakeError(say("{path}: neither a folder nor an archive", path=str(path)))
    target = work / "downloads" / stem(path.name)
    total = min(100 * GIBIBYTE, GIBIBYTE + _SPREAD * path.stat().st_size)
    bounds = Bounds(file=2 * GIBIBYTE, total=total, entries=1_000_000, ratio=1_000)
    left_out = unpacked(path, target, bounds)
    if left_out and refused is None:
        raise IntakeError(left_out[0])
    if refused is not None:
        refused += left_out
    return target


def children(folder: Path) -> list[Path]:
    """Return what lies in a folder, sorted by name, without what operating systems leave behind."""
    return sorted(child for child in folder.iterdir() if not is_junk(child.name) and not child.name.startswith("~$"))


def inner(folder: Path) -> Path:
    """Return the folder, or the only folder in it where there is nothing else."""
    found = children(folder)
    while len(found) == 1 and found[0].is_dir() and not found[0].is_symlink():
        folder = found[0]
        found = children(folder)
    return folder

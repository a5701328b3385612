"""Archives into folders, trusting nothing that an archive says. What is handed in is unpacked in a confined child.

Covered: absolute paths, `..`, drive letters, backslashes, symbolic and hard links, devices, control characters,
encrypted entries, wrong sizes, bombs (flat, overlapping, nested), a file where another entry wants a folder.
Time and memory are bounded by the child's limits (`grader.intake.confined`), not here: decompressors and the headers of
an archive may take any of both. Names in GBK are read as such. Not covered: viruses; nothing that is unpacked is run.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO, Self, cast

from grader.errors import IntakeError
from grader.files import is_junk, unique
from grader.intake.bounds import Bounds
from grader.nouns.text import Message, say

ZIP_SUFFIXES = (".zip",)
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
FOREIGN_SUFFIXES = (".rar", ".7z", ".zipx", ".gz", ".xz", ".bz2")
_CHUNK = 2**16
_MOST_REFUSED = 1_000
_LONGEST_HEADER = 2**20
_EXTENDED = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
             tarfile.GNUTYPE_LONGLINK}  # fmt: skip
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


def is_archive(name: str) -> bool:
    """Whether a file name says that it is an archive that can be unpacked."""
    return name.lower().endswith(ZIP_SUFFIXES + TAR_SUFFIXES)


def is_foreign_archive(name: str) -> bool:
    """Whether it is an archive of a kind that cannot be unpacked here."""
    return name.lower().endswith(FOREIGN_SUFFIXES) and not is_archive(name)


def stem(name: str) -> str:
    """Return the file name without the archive's suffix; never empty or dots only."""
    for suffix in (*TAR_SUFFIXES, *ZIP_SUFFIXES):
        if name.lower().endswith(suffix):
            bare = name[: -len(suffix)]
            return bare if bare.strip(".") else "archive"
    return name


def unpack(
    archive: Path,
    target: Path,
    bounds: Bounds | None = None,
    *,
    nested: bool = True,
    refused: list[Message] | None = None,
) -> datetime | None:
    """Unpack an archive into a new folder; archives in it become folders of their name unless `nested` is false.

    Args:
        archive: a zip or tar file.
        target: the folder to unpack to.
        bounds: how much it may be.
        nested: unpack the archives in it as well.
        refused: collects what is wrong with single entries, which are then left out, up to a thousand; without it, the
            first one refuses the whole archive.

    Returns:
        The newest time that an entry carries, None where none does. That of a zip is without a zone, as zips are.

    Raises:
        IntakeError: the archive is unsafe, damaged or of another kind; the message names the entry.
    """
    bounds = bounds or Bounds()
    target.mkdir(parents=True, exist_ok=True)
    read = _unzip if archive.name.lower().endswith(ZIP_SUFFIXES) else _untar
    try:
        newest = read(archive, target, bounds, refused)
    except IntakeError:
        raise
    except MemoryError as error:
        raise IntakeError(say("{name}: unpacking it takes more memory than it may", name=archive.name)) from error
    except OSError as error:
        problem = say("{name}: cannot be unpacked ({error})", name=archive.name, error=str(error))
        raise IntakeError(problem) from error
    except Exception as error:  # parsers of archives raise whatever their input brings about
        problem = say(
            "{name}: damaged, or not the archive its name says ({error})", name=archive.name, error=str(error)
        )
        raise IntakeError(problem) from error
    if nested:
        _unpack_inner(target, bounds, bounds.depth - 1)
    return newest


def _unpack_inner(folder: Path, bounds: Bounds, depth: int) -> None:
    for inner in sorted(file for file in folder.rglob("*") if file.is_file() and is_archive(file.name)):
        if depth <= 0:
            raise IntakeError(say("{name}: archives inside archives, too deep", name=str(inner.relative_to(folder))))
        taken = {file.name.casefold() for file in inner.parent.iterdir()}
        place = inner.with_name(unique(stem(inner.name), taken))
        try:
            unpack(inner, place, bounds, nested=False)
        except IntakeError as error:
            name = inner.relative_to(folder).as_posix()
            raise IntakeError(say("{name} → {problem}", name=name, problem=error.problem)) from error
        inner.unlink()
        _unpack_inner(place, bounds, depth - 1)


def _unzip(archive: Path, target: Path, bounds: Bounds, refused: list[Message] | None) -> datetime | None:
    newest: datetime | None = None
    with zipfile.ZipFile(archive) as opened:
        if len(opened.infolist()) > bounds.entries:
            raise IntakeError(say("{name}: more than {count} entries", name=archive.name, count=bounds.entries))
        _refuse_overlap(opened.infolist())
        for info, name in named_entries(opened):
            try:
                _unzip_entry(opened, info, name, target, bounds)
            except IntakeError as error:
                if refused is None or len(refused) >= _MOST_REFUSED:
                    raise
                refused.append(error.problem)
            newest = max(filter(None, (newest, _time(info))), default=None)
    return newest


def _refuse_overlap(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that share their bytes: no program writes such a zip but to make a bomb or to hide a file."""
    for one, other in pairwise(sorted(entries, key=lambda info: info.header_offset)):
        if one.header_offset + one.compress_size > other.header_offset:
            raise IntakeError(say("{name}: overlaps another entry, as in a bomb", name=other.filename))


def _unzip_entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, target: Path, bounds: Bounds) -> None:
    _refuse_special(name, info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise IntakeError(say("{name}: encrypted; hand it in without a password", name=name))
    bounds.entry(name, info.file_size, info.compress_size)
    path = bounds.path(name)
    if any(is_junk(part) for part in path.parts):
        return
    if info.is_dir() or name.endswith("\\"):
        _folder(target, target / path, name)
        return
    try:
        with opened.open(info) as source:
            write_entry(source, target, path, name, bounds)
    except IntakeError:
        raise
    except MemoryError as error:  # its compression announces a window of gigabytes
        raise IntakeError(say("{name}: unpacking it takes more memory than it may", name=name)) from error
    except Exception as error:  # as in `unpack`
        raise IntakeError(say("{name}: damaged ({error})", name=name, error=str(error))) from error


def named_entries(opened: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Yield entries with their real names: UTF-8 where flagged or where all are valid UTF-8, else GBK (GB 18030)."""
    entries = opened.infolist()
    raw = [None if info.flag_bits & _UTF8_FLAG else info.orig_filename.encode("cp437") for info in entries]
    encoding = _encoding([name for name in raw if name is not None])
    for info, name in zip(entries, raw, strict=True):
        yield info, info.orig_filename if name is None else name.decode(encoding)


def _encoding(names: list[bytes]) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            for name in names:
                name.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "cp437"


def _untar(archive: Path, target: Path, bounds: Bounds, refused: list[Message] | None) -> datetime | None:
    newest: datetime | None = None
    with tarfile.open(archive, "r:*", tarinfo=_Header, errors="surrogateescape") as opened:
        for member in opened:
            try:
                _untar_entry(opened, member, target, bounds)
            except IntakeError as error:
                if refused is None or len(refused) >= _MOST_REFUSED:
                    raise
                refused.append(error.problem)
            newest = max(filter(None, (newest, _instant(member.mtime))), default=None)
        _drain(cast("IO[bytes]", opened.fileobj), archive.name, bounds)
    return newest


class _Header(tarfile.TarInfo):
    """A header of a tar; one that stands for a long name or for more fields is not longer than those can be."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Parse a header before anything of what it announces is read."""
        header = super().frombuf(buf, encoding, errors)
        if header.type in _EXTENDED and header.size > _LONGEST_HEADER:
            raise IntakeError(say("{name}: a header of {size} bytes", name=header.name, size=header.size))
        return header


def _drain(source: IO[bytes], name: str, bounds: Bounds) -> None:
    """Read what follows the last entry, which is nothing.

    `tarfile` takes a damaged header for the end. A compressed file shows only at its own end whether it is whole.
    """
    while chunk := source.read(_CHUNK):
        bounds.spend(name, len(chunk), 0)
        if chunk.strip(b"\0"):
            raise IntakeError(say("{name}: damaged: more follows after the last entry", name=name))


def _instant(seconds: float) -> datetime | None:
    """A time that a tar tells, which may be any number; None where it is none or 0."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _untar_entry(opened: tarfile.TarFile, member: tarfile.TarInfo, target: Path, bounds: Bounds) -> None:
    name = readable(member.name.encode("utf-8", "surrogateescape"))
    if not (member.isfile() or member.isdir()):
        is_link = member.issym() or member.islnk()
        raise IntakeError(say("{name}: a link", name=name) if is_link else say("{name}: a device or pipe", name=name))
    bounds.entry(name, member.size)
    path = bounds.path(name)
    if any(is_junk(part) for part in path.parts):
        return
    if member.isdir():
        _folder(target, target / path, name)
    elif (source := opened.extractfile(member)) is not None:
        write_entry(source, target, path, name, bounds)


def readable(name: bytes) -> str:
    """Return a file's name as text: UTF-8, else GBK (GB 18030), else the code page of old zips, which has all bytes."""
    return name.decode(_encoding([name]))


def _refuse_special(name: str, mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise IntakeError(say("{name}: a symbolic link", name=name))
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise IntakeError(say("{name}: a device or pipe", name=name))


def _folder(target: Path, place: Path, name: str) -> None:
    for parent in [place, *place.parents]:
        if parent == target:
            break
        if parent.is_file():
            raise IntakeError(say("{name}: a folder where another entry is a file", name=name))
    place.mkdir(parents=True, exist_ok=True)


def write_entry(source: IO[bytes], target: Path, path: PurePosixPath, name: str, bounds: Bounds) -> None:
    """Write a file below `target`, chunk by chunk.

    Args:
        source: its content.
        target: the folder that everything goes to.
        path: where in it, as `Bounds.path` gives it.
        name: what messages call it.
        bounds: what is spent.

    Raises:
        IntakeError: it is too much, or a folder where it should be.
    """
    place = target / path
    _folder(target, place.parent, name)
    if place.is_dir():
        raise IntakeError(say("{name}: a file where another entry is a folder", name=name))
    written = 0
    with place.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            bounds.spend(name, len(chunk), written)
            sink.write(chunk)


def _time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        when = datetime(*info.date_time)  # noqa: DTZ001 - a zip knows no time zone
    except ValueError:
        return None
    return when if when.year > 1980 else None  # noqa: PLR2004 - 1980 is how a zip says "no time"

"""Archives into folders, trusting nothing that an archive says.

Covered: absolute paths, `..`, drive letters, backslashes, symbolic and hard links, devices, control characters,
encrypted entries, wrong sizes, bombs (flat, overlapping, nested), a file where another entry wants a folder.
Names in GBK are read as such. Not covered: viruses; nothing that is unpacked is run here.
"""

from __future__ import annotations

import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from grader.errors import IntakeError
from grader.files import is_junk, unique
from grader.intake.bounds import Bounds
from grader.nouns.text import Message, say

ZIP_SUFFIXES = (".zip",)
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
FOREIGN_SUFFIXES = (".rar", ".7z", ".zipx", ".gz", ".xz", ".bz2")
_CHUNK = 2**16
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


def is_archive(name: str) -> bool:
    """Whether a file name says that it is an archive that can be unpacked."""
    return name.lower().endswith(ZIP_SUFFIXES + TAR_SUFFIXES)


def is_foreign_archive(name: str) -> bool:
    """Whether it is an archive of a kind that cannot be unpacked here."""
    return name.lower().endswith(FOREIGN_SUFFIXES) and not is_archive(name)


def stem(name: str) -> str:
    """The file name without the archive's suffix."""
    for suffix in (*TAR_SUFFIXES, *ZIP_SUFFIXES):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
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
        refused: collects what is wrong with single entries, which are then left out; without it, the first one refuses
            the whole archive.

    Returns:
        The newest time that an entry carries (archives know no time zone), None where none does.

    Raises:
        IntakeError: the archive is unsafe, damaged or of another kind; the message names the entry.
    """
    bounds = bounds or Bounds()
    target.mkdir(parents=True, exist_ok=True)
    try:
        if archive.name.lower().endswith(ZIP_SUFFIXES):
            newest = _unzip(archive, target, bounds, refused)
        else:
            newest = _untar(archive, target, bounds, refused)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        problem = say(
            "{name}: damaged, or not the archive its name says ({error})", name=archive.name, error=str(error)
        )
        raise IntakeError(problem) from error
    except (OSError, ValueError, RuntimeError) as error:
        problem = say("{name}: cannot be unpacked ({error})", name=archive.name, error=str(error))
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
        for info, name in named_entries(opened):
            try:
                _unzip_entry(opened, info, name, target, bounds)
            except IntakeError as error:
                if refused is None:
                    raise
                refused.append(error.problem)
            newest = max(filter(None, (newest, _time(info))), default=None)
    return newest


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
            _write(source, target, target / path, name, bounds)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise IntakeError(say("{name}: damaged ({error})", name=name, error=str(error))) from error


def named_entries(opened: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Entries with their real names: UTF-8 where flagged or where all names are valid UTF-8, else GBK (GB 18030)."""
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
    with tarfile.open(archive, "r:*", errors="surrogateescape") as opened:
        return extract_tar(opened, target, bounds, refused)


def extract_tar(
    opened: tarfile.TarFile, target: Path, bounds: Bounds, refused: list[Message] | None = None
) -> datetime | None:
    """The members of an open tar, checked as entries of a zip are."""
    newest = 0.0
    for member in opened:
        try:
            _untar_entry(opened, member, target, bounds)
        except IntakeError as error:
            if refused is None:
                raise
            refused.append(error.problem)
        newest = max(newest, float(member.mtime))
    return datetime.fromtimestamp(newest).replace(microsecond=0) if newest else None  # noqa: DTZ006 - as in a zip


def _untar_entry(opened: tarfile.TarFile, member: tarfile.TarInfo, target: Path, bounds: Bounds) -> None:
    name = _readable(member.name)
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
        _write(source, target, target / path, name, bounds)


def _readable(name: str) -> str:
    """A tar's name; bytes that are not UTF-8 are read as GBK."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape").decode("gb18030", "replace")
    return name


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


def _write(source: IO[bytes], target: Path, place: Path, name: str, bounds: Bounds) -> None:
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

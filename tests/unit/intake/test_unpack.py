"""Unpacking refuses every attack by the entry's name, and reads what honest people send."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from archives import zipped

from grader.errors import IntakeError
from grader.intake.bounds import Bounds
from grader.intake.unpack import unpack


def _unpack(tmp_path: Path, body: bytes, name: str = "a.zip", bounds: Bounds | None = None) -> Path:
    file = tmp_path / name
    file.write_bytes(body)
    unpack(file, tmp_path / "out", bounds)
    return tmp_path / "out"


@pytest.mark.parametrize(
    "entry", ["../evil.py", "a/../../evil.py", "/etc/evil", "C:\\evil.py", "..\\evil.py", "a\\..\\..\\evil.py"]
)
def test_a_path_that_leaves_its_folder_is_refused_by_name(tmp_path: Path, entry: str) -> None:
    """Neither slash nor backslash, absolute nor relative, gets out."""
    with pytest.raises(IntakeError) as error:
        _unpack(tmp_path, zipped({"ok.py": b"", entry: b"x"}))
    assert entry.rsplit("\\", maxsplit=1)[-1].rsplit("/", maxsplit=1)[-1] in str(error.value)
    assert {p.name for p in tmp_path.iterdir()} == {"a.zip", "out"}


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, mode: int) -> None:
    """What is not a plain file or folder is never made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("special")
        info.external_attr = (mode | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(IntakeError, match=r"special: a (symbolic link|device or pipe)"):
        _unpack(tmp_path, buffer.getvalue())


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    """The same for tar, hard links included."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("special")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(IntakeError, match="special: a"):
        _unpack(tmp_path, buffer.getvalue(), "a.tar.gz")


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    """100 MiB of zeros in 100 KB look like a bomb from their header."""
    with pytest.raises(IntakeError, match=r"zeros\.bin: .*bomb"):
        _unpack(tmp_path, zipped({"zeros.bin": bytes(100 * 2**20)}))
    assert not list((tmp_path / "out").iterdir())


def test_a_lying_header_does_not_help_a_bomb(tmp_path: Path) -> None:
    """What counts is what comes out, not the size that the archive claims."""
    body = bytearray(zipped({"liar.bin": bytes(3 * 2**20)}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = body.find(signature)
        body[at + offset : at + offset + 4] = struct.pack("<I", 10)
    with pytest.raises(IntakeError, match=r"liar\.bin"):
        _unpack(tmp_path, bytes(body), bounds=Bounds(file=2**20))
    assert sum(f.stat().st_size for f in (tmp_path / "out").rglob("*")) <= 2**20


def test_nested_bombs_share_one_budget(tmp_path: Path) -> None:
    """Ten inner archives of 1 MiB do not fit a budget of 5 MiB; the message names the inner one."""
    inner = zipped({"x.bin": bytes(2**20)})
    with pytest.raises(IntakeError, match=r"\d\.zip → x\.bin"):
        _unpack(tmp_path, zipped({f"{n}.zip": inner for n in range(10)}), bounds=Bounds(total=5 * 2**20))


def test_archives_too_deep_are_refused(tmp_path: Path) -> None:
    """A zip in a zip in a zip in a zip is no homework."""
    body = zipped({"x.py": b""})
    for _ in range(4):
        body = zipped({"inner.zip": body})
    with pytest.raises(IntakeError, match="too deep"):
        _unpack(tmp_path, body)


@pytest.mark.parametrize(
    "body", [b"", b"not an archive", zipped({"a.py": b"x" * 100})[:60]], ids=["empty", "foreign", "cut"]
)
def test_damaged_archives_are_refused(tmp_path: Path, body: bytes) -> None:
    """An empty, foreign or cut file is an IntakeError that names the archive, never another exception."""
    for name in ("a.zip", "a.tar.gz"):
        with pytest.raises(IntakeError, match=name):
            _unpack(tmp_path, body, name)


def test_every_flipped_byte_is_survived(tmp_path: Path) -> None:
    """A damaged archive either unpacks inside its folder or is an IntakeError."""
    body = zipped({"ch01.py": b"print(1)\n" * 9, "dir/b.py": b"x"})
    for at in range(0, len(body), 3):
        damaged = bytearray(body)
        damaged[at] ^= 0xFF
        file = tmp_path / f"{at}.zip"
        file.write_bytes(bytes(damaged))
        with contextlib.suppress(IntakeError):
            unpack(file, tmp_path / "out" / f"{at}")
    assert {p.name for p in tmp_path.iterdir() if p.suffix != ".zip"} == {"out"}


def test_encrypted_entries_are_refused(tmp_path: Path) -> None:
    """A password is asked of nobody."""
    body = bytearray(zipped({"secret.py": b"x"}))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        body[body.find(signature) + offset] |= 1
    with pytest.raises(IntakeError, match=r"secret\.py: encrypted"):
        _unpack(tmp_path, bytes(body))


def test_gbk_names_are_read(tmp_path: Path) -> None:
    """A zip made on Chinese Windows keeps its names."""
    out = _unpack(tmp_path, zipped({"张三/作业一.py": b"x"}, encoding="gbk"))
    assert (out / "张三" / "作业一.py").is_file()


def test_what_systems_leave_behind_is_left_out(tmp_path: Path) -> None:
    """`__MACOSX`, `.DS_Store`, `._x` are no work."""
    files = {"__MACOSX/._a.py": b"", ".DS_Store": b"", "a.py": b"", "d/._b": b"", "Thumbs.db": b""}
    out = _unpack(tmp_path, zipped(files))
    assert [p.name for p in out.rglob("*") if p.is_file()] == ["a.py"]


def test_a_file_where_a_folder_is_needed_is_refused(tmp_path: Path) -> None:
    """Entries that contradict each other end in a name, not in a traceback."""
    with pytest.raises(IntakeError, match="a/b"):
        _unpack(tmp_path, zipped({"a": b"file", "a/b": b"x"}))

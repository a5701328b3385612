"""A red team's hand-ins, each beside an honest classmate's: what is taken in of the class, and what it costs.

The classmate's work comes through unchanged. The attacker's is refused in words that name it, or taken in without harm.
The process that takes in stays small whatever it is given, and nothing is written outside its folder.
"""

from __future__ import annotations

import io
import lzma
import os
import resource
import socket
import stat
import struct
import subprocess
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import IntakeError
from grader.intake.filling import fill
from grader.intake.gather import gather
from grader.nouns.course import Package, Required
from grader.nouns.intake import Intake, Roster
from grader.nouns.submission import Submission
from grader.nouns.text import Text

MODULE = "ch01_overview.py"
CHAPTERS = {"ch01_overview": MODULE}
WORK = b"ANSWERS = {'honest': 1}\n"
EVIL = b"ANSWERS = {'evil': 1}\n"
MIB = 2**20
SECONDS = 30
"""Of CPU that the process which takes in may use; the children have limits of their own."""
GROWTH = 256 * MIB


def _zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, body in entries.items():
            archive.writestr(zipfile.ZipInfo(name) if "\0" not in name else name, body, method)
    return buffer.getvalue()


def _patched(body: bytes, *changes: tuple[bytes, int, bytes]) -> bytes:
    """A zip with fields overwritten: `(signature of the record, offset in it, bytes)`, in every such record."""
    patched = bytearray(body)
    for signature, offset, value in changes:
        at = patched.find(signature)
        while at >= 0:
            patched[at + offset : at + offset + len(value)] = value
            at = patched.find(signature, at + 4)
    return bytes(patched)


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def _special(mode: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(MODULE)
        info.external_attr = (mode | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def _overlapping() -> bytes:
    """Two hundred names for one compressed megabyte."""
    body = _zip({MODULE: bytes(MIB)})
    start, end = body.index(CENTRAL), body.index(END)
    record = body[start:end]
    count = 200
    tail = struct.pack("<4s4H2LH", END, 0, 0, count, count, len(record) * count, start, 0)
    return body[:start] + record * count + tail


def _quoted_overlap() -> bytes:
    """Fifield's kernel: each file's data begins with the header of the next one, quoted in a stored block."""
    names = [b"%03d.bin" % n for n in range(100)]
    deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = deflated.compress(bytes(4 * MIB)) + deflated.flush()
    body, parts, size, packed = b"", [], 4 * MIB, kernel
    crc = zlib.crc32(bytes(4 * MIB))
    for name in reversed(names):
        header = struct.pack("<4s5H3L2H", LOCAL, 20, 0, 8, 0, 33, crc, len(packed), size, len(name), 0) + name
        parts.append((name, len(packed), size, crc))
        body = header + packed
        packed = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + body
        size += len(header)
    central, offset = b"", 0
    for number, (name, length, full, check) in enumerate(reversed(parts)):
        central += struct.pack("<4s6H3L5H2L", CENTRAL, 20, 20, 0, 8, 0, 33, check, length, full, len(name), 0, 0, 0, 0,
                               0, offset) + name  # fmt: skip
        offset += 30 + len(name) + 5 if number < len(parts) else 0
    tail = struct.pack("<4s4H2LH", END, 0, 0, len(names), len(names), len(central), len(body), 0)
    return body + central + tail


def _many(count: int) -> bytes:
    return _zip({f"{n}": b"" for n in range(count)}, zipfile.ZIP_STORED)


def _nested_bomb() -> bytes:
    body = _zip({"zeros": bytes(16 * MIB)})
    for _ in range(3):
        body = _zip({f"{n}.zip": body for n in range(16)})
    return body


def _zip64_lie() -> bytes:
    """Sizes in the extra field of petabytes, and an offset behind the end."""
    extra = struct.pack("<HHQQQ", 1, 24, 2**60, 2**60, 2**62)
    name = MODULE.encode()
    sizes = (0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    record = struct.pack("<4s6H3L5H2L", CENTRAL, 45, 45, 0, 8, 0, 33, 0, *sizes, 0, 0, 0, 0, 0xFFFFFFFF)
    central = record + name + extra
    return _zip({MODULE: WORK})[:60] + central + struct.pack("<4s4H2LH", END, 0, 0, 1, 1, len(central), 60, 0)


ZIPS: dict[str, Callable[[], bytes]] = {
    "traversal": lambda: _zip({"../../escaped.py": EVIL}),
    "absolute": lambda: _zip({"/tmp/escaped.py": EVIL}),
    "drive": lambda: _zip({"C:\\escaped.py": EVIL}),
    "share": lambda: _zip({"\\\\server\\share\\escaped.py": EVIL}),
    "backslash": lambda: _zip({"..\\..\\escaped.py": EVIL}),
    "link": lambda: _special(stat.S_IFLNK),
    "pipe": lambda: _special(stat.S_IFIFO),
    "device": lambda: _special(stat.S_IFBLK),
    "encrypted": lambda: _patched(_zip({MODULE: WORK}), (LOCAL, 6, b"\1"), (CENTRAL, 8, b"\1")),
    "encrypted directory": lambda: _patched(_zip({MODULE: WORK}), (CENTRAL, 8, b"\0\x20")),
    "bomb": lambda: _zip({MODULE: bytes(120 * MIB)}),
    "bombs": lambda: _zip({f"{n}": bytes(19 * MIB) for n in range(20)}),
    "lying bomb": lambda: _patched(
        _zip({MODULE: bytes(200 * MIB)}), (LOCAL, 22, b"\1\0\0\0"), (CENTRAL, 24, b"\1\0\0\0")
    ),
    "overlapping": _overlapping,
    "quoted overlap": _quoted_overlap,
    "nested": _nested_bomb,
    "nested deeply": lambda: _zip({"a.zip": _zip({"a.zip": _zip({"a.zip": _zip({MODULE: WORK})})})}),
    "a hundred thousand": lambda: _many(100_000),
    "deep": lambda: _zip({"d/" * 4_000 + MODULE: WORK}),
    "long": lambda: _zip({"x" * 60_000 + ".py": WORK}),
    "control": lambda: _zip({"a\nb\x1b[2J.py": WORK}),
    "file and folder": lambda: _zip({MODULE: WORK, MODULE + "/x.py": EVIL}),
    "the folder above": lambda: _zip({"...zip": _zip({MODULE: EVIL})}),
    "nameless": lambda: _zip({".zip": _zip({"a.txt": EVIL})}),
    "zip64": _zip64_lie,
    "count": lambda: _patched(_zip({MODULE: WORK}), (END, 8, b"\xff\xff\xff\xff")),
    "offset": lambda: _patched(_zip({MODULE: WORK}), (CENTRAL, 42, b"\xff\xff\xff\x7f")),
    "method": lambda: _patched(_zip({MODULE: WORK}), (LOCAL, 8, b"\x63"), (CENTRAL, 10, b"\x63")),
    "lzma, damaged": lambda: _patched(_zip({MODULE: os.urandom(9_000)}, zipfile.ZIP_LZMA), (LOCAL, 60, bytes(50))),
    "bzip2, damaged": lambda: _patched(_zip({MODULE: os.urandom(9_000)}, zipfile.ZIP_BZIP2), (LOCAL, 60, bytes(50))),
    "deflate, damaged": lambda: _patched(_zip({MODULE: os.urandom(9_000)}), (LOCAL, 60, bytes(50))),
    "half": lambda: _zip({MODULE: os.urandom(9_000)})[:4_000],
    "empty": lambda: b"",
    "text": lambda: b"this is no archive\n" * 100,
    "two names": lambda: _patched(_zip({MODULE: WORK}), (LOCAL, 30, b"zzz")),
}


HARMLESS = {"the folder above", "nameless", "encrypted directory", "count"}
"""Nothing but a strange name, or a flag that means nothing."""


def _tar(*members: tuple[tarfile.TarInfo, bytes], how: Any = "w", pax: bool = False) -> bytes:
    buffer = io.BytesIO()
    kind = tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT
    with tarfile.open(fileobj=buffer, mode=how, format=kind) as archive:
        for info, body in members:
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", **pax: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.pax_headers = kind, link, pax
    return info


def _sparse(size: int) -> bytes:
    """An old GNU sparse file: one kilobyte that is `size` bytes."""
    info = _member(MODULE, tarfile.GNUTYPE_SPARSE)
    info.size = 512
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (0, 512)
    header[483:495] = b"%011o\0" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(512) + bytes(1024)


def _number(field: slice, value: bytes) -> bytes:
    """A tar whose first header has a field of its own choice."""
    body = bytearray(_tar((_member(MODULE), WORK)))
    body[field] = value
    body[148:156] = b"        "
    body[148:156] = b"%06o\0 " % sum(body[:512])
    return bytes(body)


def _long_pax() -> bytes:
    """A header of 400 MiB for a file of a few bytes, packed to some hundred kilobytes."""
    info = _member("pax", tarfile.XHDTYPE)
    size = 400 * MIB
    info.size = size
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    out = compressor.compress(info.tobuf(tarfile.USTAR_FORMAT))
    record = b"%d comment=" % size
    out += compressor.compress(record)
    for _ in range(size // MIB):
        out += compressor.compress(b"x" * MIB)
    out += compressor.compress(_tar((_member(MODULE), WORK)))
    return out + compressor.flush()


def _long_names(count: int) -> bytes:
    """Names for the name of a name, without end."""
    info = _member("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    info.size = 8
    one = info.tobuf(tarfile.GNU_FORMAT) + b"longname".ljust(512, b"\0")
    return one * count + _tar((_member(MODULE), WORK))


def _damaged(body: bytes, at: int) -> bytes:
    return body[:at] + bytes(b ^ 0xFF for b in body[at : at + 40]) + body[at + 40 :]


TARS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "traversal": ("tar", lambda: _tar((_member("../../escaped.py"), EVIL))),
    "absolute": ("tar.gz", lambda: _tar((_member("/tmp/escaped.py"), EVIL), how="w:gz")),
    "link": ("tar", lambda: _tar((_member(MODULE, tarfile.SYMTYPE, "../honest/" + MODULE), b""))),
    "hard link": ("tar", lambda: _tar((_member(MODULE, tarfile.LNKTYPE, "/etc/passwd"), b""))),
    "pipe": ("tar", lambda: _tar((_member(MODULE, tarfile.FIFOTYPE), b""))),
    "character device": ("tar", lambda: _tar((_member(MODULE, tarfile.CHRTYPE), b""))),
    "block device": ("tar.bz2", lambda: _tar((_member(MODULE, tarfile.BLKTYPE), b""), how="w:bz2")),
    "sparse, 20 GB": ("tar", lambda: _sparse(20 * 10**9)),
    "sparse, a petabyte": ("tar", lambda: _sparse(2**50)),
    "long header": ("tar.gz", _long_pax),
    "long names": ("tar", lambda: _long_names(20_000)),
    "negative size": ("tar", lambda: _number(slice(124, 136), b"\xff" * 12)),
    "size beyond the end": ("tar", lambda: _number(slice(124, 136), b"77777777777\0")),
    "bomb": ("tar.xz", lambda: _tar((_member(MODULE), bytes(200 * MIB)), how="w:xz")),
    "bombs": ("tar.bz2", lambda: _tar(*((_member(f"{n}"), bytes(30 * MIB)) for n in range(12)), how="w:bz2")),
    "xz, damaged": ("tar.xz", lambda: _damaged(_tar((_member(MODULE), os.urandom(20_000)), how="w:xz"), 5_000)),
    "xz, half": ("tar.xz", lambda: _tar((_member(MODULE), os.urandom(20_000)), how="w:xz")[:9_000]),
    "lzma alone": ("tar.xz", lambda: lzma.compress(b"no tar", format=lzma.FORMAT_ALONE)),
    "bzip2, damaged": ("tar.bz2", lambda: _damaged(_tar((_member(MODULE), os.urandom(20_000)), how="w:bz2"), 5_000)),
    "gzip, damaged": ("tgz", lambda: _damaged(_tar((_member(MODULE), os.urandom(20_000)), how="w:gz"), 5_000)),
    "gzip, half": ("tar.gz", lambda: _tar((_member(MODULE), os.urandom(20_000)), how="w:gz")[:9_000]),
    "damaged in the middle": (
        "tar",
        lambda: _damaged(
            _tar(*((_member(f"{n}.py"), WORK) for n in range(9)), (_member(MODULE), WORK)), 4 * 1024 + 100
        ),
    ),
    "many": ("tar", lambda: _tar(*((_member(f"{n}"), b"") for n in range(100_000)))),
    "deep": ("tar", lambda: _tar((_member("d/" * 4_000 + MODULE), WORK), pax=True)),
    "pax size": ("tar", lambda: _tar((_member(MODULE, size="99999999999999999999"), WORK), pax=True)),
    "seven zip": ("7z", lambda: b"7z\xbc\xaf\x27\x1c" + os.urandom(100)),
    "rar": ("rar", lambda: b"Rar!\x1a\x07\x01\0" + os.urandom(100)),
}

TIMES = {
    "infinite": "inf",
    "not a number": "nan",
    "too large": "1e400",
    "negative": "-99999999999999",
    "far": "99999999999999",
    "words": "yesterday",
}


class Class:
    """A class's folder with an honest hand-in, and what taking it in costs."""

    def __init__(self, top: Path) -> None:
        self.top, self.root, self.work = top, top / "class", top / "work"
        self.root.mkdir()
        (self.root / "honest.zip").write_bytes(_zip({MODULE: WORK, "data/a.txt": b"a"}))
        (self.root / "quiet").mkdir()
        (self.root / "quiet" / MODULE).write_bytes(WORK)

    def taken(self, come_from: str | None = None, roster: Roster | None = None, **knobs: Any) -> Intake:
        """Take the class in; the honest are unchanged, in time, and without growth."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        intake = gather([self.root], CHAPTERS, roster, work=self.work, come_from=come_from or "zips", **knobs)
        assert time.process_time() - start < SECONDS
        assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < GROWTH
        for name in ("honest", "quiet"):
            (one,) = (s for s in intake.submissions if s.student == name)
            assert {f.name for f in one.folder.rglob("*") if f.is_file()} <= {MODULE, "a.txt"}
            assert (one.folder / one.modules["ch01_overview"]).read_bytes() == WORK
        found = subprocess.run(
            ["find", str(self.top), "-name", "escaped.py"], capture_output=True, text=True, check=True
        )
        assert not [name for name in found.stdout.splitlines() if self.work not in Path(name).parents]
        assert sum(file.stat().st_blocks * 512 for file in self.work.rglob("*") if file.is_file()) < 300 * MIB
        return intake

    def attacker(self, intake: Intake) -> Submission | str:
        """What became of the attacker's hand-in; the reason names it where it was refused."""
        for submission in intake.submissions:
            if "mallory" in submission.student:
                return submission
        (problem,) = (p for p in intake.problems if "mallory" in p.where and p.kind == "refused")
        reason = str(problem.message)
        assert reason.startswith(f"{problem.where} could not be taken in, because ")
        return reason


@pytest.fixture
def klass(tmp_path: Path) -> Class:
    return Class(tmp_path)


@pytest.mark.parametrize("attack", ZIPS)
def test_a_zip_is_refused(klass: Class, attack: str) -> None:
    """What is unsafe or damaged in a zip is refused, naming the hand-in."""
    (klass.root / "mallory.zip").write_bytes(ZIPS[attack]())
    found = klass.attacker(klass.taken())
    if attack in HARMLESS:
        assert isinstance(found, Submission)
        assert all(klass.work in file.parents for file in klass.top.rglob(MODULE) if file.read_bytes() == EVIL)
    else:
        assert isinstance(found, str)


@pytest.mark.parametrize("attack", TARS)
def test_a_tar_is_refused(klass: Class, attack: str) -> None:
    """The same for tars of every compression, and for archives that cannot be opened here."""
    suffix, body = TARS[attack]
    (klass.root / f"mallory.{suffix}").write_bytes(body())
    assert isinstance(klass.attacker(klass.taken()), str)


@pytest.mark.parametrize("when", TIMES)
def test_a_time_that_cannot_be_is_no_time(klass: Class, when: str) -> None:
    """A tar may tell any number; it is taken in, or refused in words."""
    (klass.root / "mallory.tar").write_bytes(_tar((_member(MODULE, mtime=TIMES[when]), WORK), pax=True))
    found = klass.attacker(klass.taken())
    if isinstance(found, Submission):
        assert (found.folder / MODULE).read_bytes() == WORK


@pytest.mark.parametrize("name", ["CON.py", "aux", "ab:c.txt", "dots...", " blank .txt", "ü" * 100, "emoji\U0001f600"])
def test_strange_names_are_only_names(klass: Class, name: str) -> None:
    """What one system forbids is honest work on another."""
    (klass.root / "mallory.zip").write_bytes(_zip({MODULE: WORK, name: b"x"}))
    found = klass.attacker(klass.taken())
    assert isinstance(found, Submission)
    assert (found.folder / name).read_bytes() == b"x"


def _gbk_folder(place: Path) -> None:
    inner = place / os.fsdecode("作业".encode("gbk"))
    inner.mkdir(parents=True)
    (inner / MODULE).write_bytes(WORK)


def _gbk_module(place: Path) -> None:
    (place / os.fsdecode("王五_".encode("gbk") + MODULE.encode())).write_bytes(WORK)


def _no_text_beside(place: Path) -> None:
    (place / MODULE).write_bytes(WORK)
    (place / os.fsdecode(b"\xff\xfe\x80.bin")).write_bytes(b"x")


@pytest.mark.parametrize("fill", [_gbk_folder, _gbk_module, _no_text_beside])
@pytest.mark.parametrize("packed", [False, True])
def test_names_that_are_no_text_cost_nobody_a_mark(klass: Class, fill: Callable[[Path], None], *, packed: bool) -> None:
    """A module below or beside names in other alphabets is found, in a folder as in a tar."""
    place = (klass.top if packed else klass.root) / "mallory"
    place.mkdir()
    fill(place)
    if packed:
        with tarfile.open(klass.root / "mallory.tar.gz", "w:gz") as archive:
            archive.add(place, "mallory")
    found = klass.attacker(klass.taken())
    assert isinstance(found, Submission)
    assert (found.folder / found.modules["ch01_overview"]).read_bytes() == WORK
    assert found.model_dump_json()


def _pipe(place: Path) -> None:
    os.mkfifo(place / MODULE)


def _pipe_beside(place: Path) -> None:
    (place / MODULE).write_bytes(WORK)
    os.mkfifo(place / "ch01_overview (1).py")


def _pipe_as_archive(place: Path) -> None:
    (place / MODULE).write_bytes(WORK)
    os.mkfifo(place / "more.zip")


def _socket(place: Path) -> None:
    here = Path.cwd()
    os.chdir(place)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(MODULE)
    os.chdir(here)


def _link(place: Path) -> None:
    (place / MODULE).symlink_to("../quiet/" + MODULE)


def _linked_folder(place: Path) -> None:
    (place / "code").symlink_to("../quiet")


def _device_link(place: Path) -> None:
    (place / MODULE).symlink_to("/dev/zero")


def _sparse_module(place: Path) -> None:
    with (place / MODULE).open("wb") as stream:
        stream.truncate(20 * 10**9)


def _sparse_beside(place: Path) -> None:
    (place / MODULE).write_bytes(WORK)
    with (place / "weights.bin").open("wb") as stream:
        stream.truncate(20 * 10**9)


def _deep_folders(place: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    os.chdir(place)
    for _ in range(3_000):
        Path("d").mkdir()
        os.chdir("d")
    Path(MODULE).write_bytes(WORK)
    os.fchdir(here)
    os.close(here)


def _many_files(place: Path) -> None:
    for number in range(20_000):
        (place / f"{number}").touch()


def _changing(place: Path) -> None:
    (place / MODULE).write_bytes(WORK)
    (place / "hw.zip").write_bytes(b"PK no")


FOLDERS = (_pipe, _pipe_beside, _pipe_as_archive, _socket, _link, _linked_folder, _device_link, _sparse_module,
           _sparse_beside, _deep_folders, _many_files, _changing)  # fmt: skip


@pytest.mark.parametrize("fill", FOLDERS)
@pytest.mark.parametrize("come_from", ["zips", "folder"])
def test_a_folder_is_refused(klass: Class, fill: Callable[[Path], None], come_from: str) -> None:
    """Pipes are not waited for, links not followed, what is too large or too deep not read."""
    place = klass.root / "mallory"
    place.mkdir()
    fill(place)
    try:
        assert isinstance(klass.attacker(klass.taken(come_from)), str)
    finally:
        subprocess.run(["rm", "-rf", str(place)], check=True)


def test_a_sparse_file_in_an_environment_is_not_read(klass: Class) -> None:
    """Libraries beside the work are left where they are, however large they say they are."""
    place = klass.root / "mallory"
    (place / ".venv").mkdir(parents=True)
    (place / MODULE).write_bytes(WORK)
    with (place / ".venv" / "library.so").open("wb") as stream:
        stream.truncate(20 * 10**9)
    found = klass.attacker(klass.taken())
    assert isinstance(found, Submission)
    assert {file.name for file in found.folder.rglob("*")} == {MODULE}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody else")
def test_an_unreadable_file_is_named() -> None:
    """A module that this user may not read is refused, and is not a module that was not handed in."""
    with tempfile.TemporaryDirectory() as top:
        Path(top).chmod(0o711)
        (Path(top) / MODULE).write_bytes(WORK)
        (Path(top) / MODULE).chmod(0)
        (Path(top) / "work").mkdir()
        os.seteuid(65534)
        try:
            with pytest.raises(IntakeError, match=rf"{MODULE}: cannot be read"):
                fill([(MODULE, f"{top}/{MODULE}")], f"{top}/work", "UTC")
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("error", [MemoryError, RecursionError, ValueError, KeyError])
def test_any_exception_is_one_hand_in_s(klass: Class, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the grader's own in one hand-in names it, and the others are taken in."""
    from grader.intake import modules

    (klass.root / "mallory.zip").write_bytes(_zip({MODULE: EVIL}))
    find = modules.find

    def failing(root: Path, chapters: dict[str, str]) -> modules.Found:
        found = find(root, chapters)
        if any(file.is_file() and file.read_bytes() == EVIL for file in root.rglob(MODULE)):
            raise error("deliberate")
        return found

    monkeypatch.setattr(modules, "find", failing)
    assert "deliberate" in str(klass.attacker(klass.taken()))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_machine_s_time_zone_decides_nothing(klass: Class, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip's local time and a tar's instant are compared in the course's zone, whatever the machine's is."""
    older, newer = zipfile.ZipInfo(MODULE, (2024, 3, 28, 12, 0, 0)), _member(MODULE)
    newer.mtime = 1711605600  # 14:00 in Shanghai, which is 06:00 UTC
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(older, EVIL)
    (klass.root / "2023001.zip").write_bytes(buffer.getvalue())
    (klass.root / "2023001.tar").write_bytes(_tar((newer, WORK)))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        intake = klass.taken(zone="Asia/Shanghai")
    finally:
        monkeypatch.undo()
        time.tzset()
    (one,) = (s for s in intake.submissions if s.student == "2023001")
    assert (one.folder / MODULE).read_bytes() == WORK


def test_a_pattern_without_end_costs_a_note(klass: Class) -> None:
    """A course's pattern that a student's text keeps busy ends at a limit; the work is taken in, and a note says so."""
    rule = Required(path="github.txt", about=Text(zh="地址", en="the address"), contains="(a+)+$")
    (klass.root / "mallory.zip").write_bytes(_zip({MODULE: WORK, "github.txt": b"a" * 60 + b"!"}))
    intake = klass.taken(packages={"ch01_overview": Package(requires=(rule,))})
    found = klass.attacker(intake)
    assert isinstance(found, Submission)
    assert any("could not be seen" in str(note) for note in found.notes)
    (honest,) = (s for s in intake.submissions if s.student == "honest")
    assert any("lacks github.txt" in str(note) for note in honest.notes)


METADATA = {
    "number": "mallory: 5\n",
    "text": "mallory: no map\n",
    "itself": "mallory: &a [*a]\n",
    "map in itself": "mallory: &a {':submitters': [*a], ':created_at': *a}\n",
    "no people": "mallory:\n  :submitters: 7\n",
    "people of people": "mallory:\n  :submitters: [[[[1]]], 5, ~]\n",
    "impossible date": "mallory:\n  :submitters: [{':name': mallory}]\n  :created_at: 2001-99-99\n",
    "far date": "mallory:\n  :submitters: [{':name': mallory}]\n  :created_at: 999999-01-01 00:00:00 Z\n",
    "object": "mallory: !!python/object/apply:os.system ['touch escaped.py']\n",
    "class": "mallory: !ruby/object:Kernel {':submitters': [{':name': mallory}]}\n",
    "laughter": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefghijklmnop", "bcdefghijklmnopq", strict=True)
    )
    + "mallory: {':submitters': *q}\n",
    "long number": "mallory:\n  :submitters: [{':name': mallory, ':sid': " + "9" * 200_000 + "}]\n",
    "sixties": "mallory:\n  :submitters: [{':name': mallory, ':sid': 1" + ":59" * 50_000 + "}]\n",
}


def _export(klass: Class, more: str) -> None:
    (klass.root / "honest.zip").unlink()
    for name in ("honest", "mallory"):
        (klass.root / name).mkdir()
        (klass.root / name / MODULE).write_bytes(WORK)
    people = "".join(f"{name}:\n  :submitters:\n  - :sid: {name}\n" for name in ("honest", "quiet"))
    (klass.root / "submission_metadata.yml").write_text(people + more)


@pytest.mark.parametrize("entry", METADATA)
def test_a_wrong_entry_of_metadata_is_one_hand_in_s(klass: Class, entry: str) -> None:
    """Whatever stands in one entry, the others say whose they are."""
    _export(klass, METADATA[entry])
    klass.taken("gradescope")


@pytest.mark.parametrize(
    "text", ["\x01", "[" * 100_000, "a: b: c", "- 1\n- 2\n", "", "a: *nothing\n", "%YAML 9.9\n---\n"]
)
def test_metadata_that_are_none_are_the_staff_s_error(klass: Class, text: str) -> None:
    """A file that cannot be read as a whole is named, in seconds."""
    _export(klass, "")
    (klass.root / "submission_metadata.yml").write_text(text)
    start = time.process_time()
    with pytest.raises(IntakeError, match="submission_metadata"):
        klass.taken("gradescope")
    assert time.process_time() - start < SECONDS


def test_a_damaged_download_beside_a_good_one_is_told(klass: Class) -> None:
    """Of several paths, one that is unreadable stops none of the others."""
    bad = klass.top / "bad.zip"
    bad.write_bytes(b"PK no")
    intake = gather([bad, klass.root], CHAPTERS, work=klass.work)
    assert {s.student for s in intake.submissions} == {"honest", "quiet"}
    assert [(p.kind, p.where) for p in intake.problems] == [("refused", "bad.zip")]

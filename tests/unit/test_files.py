"""Names that differ, what is no work, text as offices save it, files written whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grader import files


def test_names_differ_even_where_file_names_ignore_case() -> None:
    """Each name is taken once; a name that was made is not made again."""
    taken: set[str] = set()
    assert [files.unique(name, taken) for name in ("Li", "li", "li-2", "LI", "王")] == [
        "Li",
        "li-2",
        "li-2-2",
        "LI-3",
        "王",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_tables_are_read_as_offices_save_them(encoding: str) -> None:
    """The text comes back without a byte order mark."""
    assert files.decoded("学号,姓名\n1,李四".encode(encoding)) == "学号,姓名\n1,李四"


def test_bytes_of_no_encoding_are_refused() -> None:
    """A broken byte is never replaced: it could be part of a number."""
    with pytest.raises(UnicodeDecodeError):
        files.decoded(b"id\xff\xff,1")


def test_only_folders_below_decide_what_is_left_out(tmp_path: Path) -> None:
    """Work that lies in somebody's `venv` or `.git` is work; what lies in such a folder of the work is not."""
    work = tmp_path / "venv" / ".git" / "work"
    for name in ("a.py", "data/b.txt", "__pycache__/a.pyc", "venv/lib.py", "data/.git/HEAD"):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(name)
    found = [file.relative_to(work).as_posix() for file in files.files_in(work, but=files.CACHES | files.INSTALLED)]
    assert found == ["a.py", "data/b.txt"]
    assert work / "venv" / "lib.py" in files.files_in(work)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Others may read it as any new file; a body that cannot be written leaves the old file and nothing beside it."""
    file = tmp_path / "results" / "scores.csv"
    files.write_whole(file, b"old")
    before = os.umask(0o022)
    os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~before
    with pytest.raises(TypeError):
        files.write_whole(file, "a text, not bytes")
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]

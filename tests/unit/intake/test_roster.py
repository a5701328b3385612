"""A class list that cannot be read as one is an error that says where; nobody is lost or doubled in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import IntakeError
from grader.intake.roster import read_roster


def _written(folder: Path, body: bytes) -> Path:
    file = folder / "roster.csv"
    file.write_bytes(body)
    return file


GOOD = {
    "byte order mark": "\ufeff学号,姓名\n1,甲\n2,乙\n".encode(),
    "two marks": "\ufeff学号,姓名\r\n1,甲\r\n2,乙\r\n".encode(),
    "old Mac": "学号,姓名\r1,甲\r2,乙\r".encode(),
    "UTF-16": "学号,姓名\n1,甲\n2,乙\n".encode("utf-16"),
    "GBK": "学号,姓名\n1,甲\n2,乙\n".encode("gbk"),
    "blank lines and short rows": "学号,姓名,邮箱\n\n1,甲\n,,\n2,乙,b@x.cn,,,\n".encode(),
    "quoted": '学号,姓名\n1,"甲"\n2,"乙"\n'.encode(),
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD)
def test_tables_as_offices_save_them(tmp_path, body) -> None:
    """Encodings, line ends, blank lines and short rows are read."""
    roster = read_roster(_written(tmp_path, body))
    assert [(s.id, s.name) for s in roster.students] == [("1", "甲"), ("2", "乙")]


BAD = {
    "bare CR": ("学号,姓名\n1,甲\r2,乙\n3,丙\n".encode(), ":2"),
    "NUL": ("学号,姓名\n1,甲\n2,\0乙\n".encode(), ":3"),
    "two heads": ("学号,姓名,学号\n1,甲,2\n".encode(), "学号"),
    "two heads in another case": (b"id,Name,NAME\n1,a,b\n", "name"),
    "number twice": ("学号\n1\n2\n1\n".encode(), ":4"),
    "number twice in another width": ("学号\n12\n１２\n".encode(), ":3"),
    "account twice": (b"id,canvas id\n1,501\n2,501\n", "501"),
    "quote that never ends": ('学号,姓名\n1,"甲\n2,乙\n'.encode(), "CSV"),
    "huge field": (b"id,name\n1," + b"x" * 200_000 + b"\n", "CSV"),
    "no rows": ("学号,姓名\n".encode(), "no student"),
    "nothing": (b"", "empty"),
    "no text": (b"\xff\x80\x81\xfe" * 10, "neither"),
    "no number": (b"foo,bar\n1,2\n", "student number"),
}


@pytest.mark.parametrize(("body", "told"), BAD.values(), ids=BAD)
def test_what_is_no_class_list(tmp_path, body, told) -> None:
    """The error names the file, the line where there is one, and what is wrong."""
    with pytest.raises(IntakeError, match=told) as caught:
        read_roster(_written(tmp_path, body))
    assert "roster.csv" in str(caught.value)


def test_a_table_of_100_mb_is_refused_at_once(tmp_path) -> None:
    """It is not read; a folder, a pipe and an unreadable file are told as well."""
    file = tmp_path / "roster.csv"
    with file.open("wb") as stream:
        stream.truncate(100 * 2**20)
    with pytest.raises(IntakeError, match="16 MiB"):
        read_roster(file)
    with pytest.raises(IntakeError, match="cannot be read"):
        read_roster(tmp_path)


def test_numbers_of_platforms_and_logins_are_told_apart(tmp_path) -> None:
    """A Canvas number is nobody's login; `编号` is a participant only where it says so, and else counts rows."""
    body = "编号,学号,canvas id,login\n参与者901,1,501,ann\n2,2,502,bob\n"
    roster = read_roster(_written(tmp_path, body.encode()))
    assert roster.on("moodle", "901") is roster.on("canvas", "501") is roster.find("ann") is roster.students[0]
    assert roster.on("moodle", "2") is roster.on("moodle", "501") is roster.find("501") is None


TIMES = {
    "2024-03-29 20:00:00": "2024-03-29T20:00:00",
    "2024-03-29 20:00:07": "2024-03-29T20:00:07",
    "2024-03-29 20:00": "2024-03-29T20:00:00",
    "2024/3/29 20:00": "2024-03-29T20:00:00",
    "2024/03/09 8:05:30": "2024-03-09T08:05:30",
    "2024.3.29 20:00": "2024-03-29T20:00:00",
    "２０２４／３／２９　２０：００": "2024-03-29T20:00:00",
    "2024-03-29T20:00": "2024-03-29T20:00:00",
    "2024-03-29T20:00:00.123": "2024-03-29T20:00:00",
    "2024-03-29T20:00:00+08:00": "2024-03-29T20:00:00+08:00",
    "2024-03-29 20:00 +0800": "2024-03-29T20:00:00+08:00",
    "2024-03-29T12:00:00Z": "2024-03-29T12:00:00+00:00",
    "2024-03-29 12:00:00 UTC": "2024-03-29T12:00:00+00:00",
    "2024年3月29日 星期五 20:00": "2024-03-29T20:00:00",
    "Friday, 29 March 2024, 8:00 PM": "2024-03-29T20:00:00",
    "-": None,
    "": None,
}
"""As written, and in ISO 8601: the zone that is written, and none that is not."""


@pytest.mark.parametrize(("written", "when"), TIMES.items(), ids=list(TIMES))
def test_the_time_of_handing_in_is_read(tmp_path, written, when) -> None:
    """As offices, databases and Moodle write it; a zone that is written stays, none is made up."""
    (student,) = read_roster(_written(tmp_path, f'学号,提交时间\n1,"{written}"\n'.encode())).students
    assert (student.submitted.isoformat() if student.submitted else None) == when


UNREADABLE = (
    "yesterday", "2024-02-30 20:00", "2024-03-29 25:00", "2024-03-29", "29/03/2024 20:00", "45380.83",
    "2024-03/29 20:00", "2024-03-29 20:00 late",
)  # fmt: skip


@pytest.mark.parametrize("written", UNREADABLE)
def test_a_time_that_cannot_be_read_is_refused(tmp_path, written) -> None:
    """Unread, it would make a late student punctual in silence: the error names row, column and text."""
    body = f"学号,姓名,提交时间\n1,甲,2024-03-29 20:00\n2,乙,{written}\n"
    with pytest.raises(IntakeError, match=r"roster\.csv:3") as caught:
        read_roster(_written(tmp_path, body.encode()))
    assert written in str(caught.value)
    assert "提交时间" in str(caught.value)

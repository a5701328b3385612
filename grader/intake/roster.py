"""The class list: a CSV as offices and learning platforms write it."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from pathlib import Path

from grader.errors import IntakeError
from grader.files import decoded, read_regular
from grader.intake.people import worksheet_time
from grader.nouns.intake import Roster, Student, fold
from grader.nouns.text import say

_HEADS: dict[str, tuple[str, ...]] = {
    "id": ("学号", "student id", "student_id", "sid", "student number", "sis user id", "id number", "学生学号", "id"),
    "name": ("姓名", "name", "full name", "student", "student name", "学生姓名", "全名"),
    "email": ("邮箱", "email", "email address", "e-mail", "电子邮件", "电子邮箱", "邮件地址"),
    "team": ("小组", "组别", "队伍", "团队", "team", "group", "组"),
}
_LOGINS = (
    "login", "sis login id", "username", "user name", "github", "gitee", "账号", "用户名", "gradescope",
    "integration id",
)  # fmt: skip
_PLATFORMS: dict[str, tuple[str, ...]] = {
    "canvas": ("canvas", "canvas id", "canvas user id", "canvas user"),
    "moodle": ("moodle", "moodle id", "participant", "identifier", "编号"),
}
_PARTICIPANT = re.compile(r"(?:participant|参与者|參與者)\s*(\d+)$", re.IGNORECASE)

_SUBMITTED = (
    "last modified (submission)", "最后修改（提交）", "最后修改(提交)", "最后修改时间（提交）",
    "最后修改时间(提交)", "提交时间",
)  # fmt: skip
_MOST = 2**24
"""Bytes of a roster; a class of 10,000 with twenty columns has about a tenth of it."""


def read_roster(path: Path) -> Roster:
    """Read a roster from a CSV in UTF-8, GBK or UTF-16 with English or Chinese headers; columns in any order.

    Known: the student number (required), name, email, team, logins (`login`, `github` …), and accounts on platforms
    (`canvas id`, `participant`). A gradebook or worksheet exported from an LMS works where it has a student number;
    Moodle's worksheet also says when everybody handed in, which its downloads do not.

    Raises:
        IntakeError: it is not a table or in no known encoding, no column holds the student number, two columns share a
            header, a number or an account occurs twice, or a hand-in time is not a time.
    """
    table = _rows(path, _text(path))
    if not table:
        raise IntakeError(say("{path}: the roster is empty", path=str(path)))
    (_, first), *rows = table
    heads = _heads(path, first)
    columns = {field: next((heads[name] for name in names if name in heads), None) for field, names in _HEADS.items()}
    if columns["id"] is None:
        known = ", ".join(_HEADS["id"])
        raise IntakeError(
            say("{path}: no column for the student number; name one of them: {known}", path=str(path), known=known)
        )
    about = _About(heads, columns)
    students: list[Student] = []
    seen = _Seen()
    for line, row in rows:
        student = about.student(row, f"{path}:{line}")
        if student is not None:
            seen.add(student, f"{path}:{line}")
            students.append(student)
    if not students:
        raise IntakeError(say("{path}: no student is listed", path=str(path)))
    return Roster(students=tuple(students))


def _text(path: Path) -> str:
    try:
        text = decoded(read_regular(path.resolve(), _MOST))
    except UnicodeDecodeError as error:
        raise IntakeError(say("{path}: neither UTF-8 nor GBK nor UTF-16", path=str(path))) from error
    except ValueError as error:
        raise IntakeError(
            say("{path}: more than {most} MiB; a class list is smaller", path=str(path), most=_MOST >> 20)
        ) from error
    except OSError as error:
        raise IntakeError(say("{path}: cannot be read: {error}", path=str(path), error=str(error))) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise IntakeError(say("{where}: a NUL character; save the table as CSV again", where=f"{path}:{line}"))
    return text


def _rows(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of its last line. Lines end as on any system, but all alike."""
    plain = text.replace("\r\n", "\n")
    if "\r" in plain and "\n" in plain:
        line = plain[: plain.index("\r")].count("\n") + 1
        raise IntakeError(
            say("{where}: a carriage return inside a line; save the table as CSV again", where=f"{path}:{line}")
        )
    rows = csv.reader(io.StringIO(plain.replace("\r", "\n"), newline=""), strict=True)
    try:
        return [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        where = f"{path}:{rows.line_num}"
        raise IntakeError(say("{where}: not a row of a CSV: {error}", where=where, error=str(error))) from error


def _heads(path: Path, row: list[str]) -> dict[str, int]:
    """Head to place of its column."""
    heads: dict[str, int] = {}
    for place, head in enumerate(row):
        name = head.strip().lower()
        if name in heads:
            raise IntakeError(say("{path}: two columns are called {head!r}; leave one", path=str(path), head=name))
        if name:
            heads[name] = place
    return heads


class _About:
    """What the columns of a roster say of a student."""

    def __init__(self, heads: dict[str, int], columns: dict[str, int | None]) -> None:
        self._columns = columns
        number = columns["id"]
        self._logins = [heads[name] for name in _LOGINS if name in heads and heads[name] != number]
        self._platforms = {
            platform: [heads[name] for name in names if name in heads and heads[name] != number]
            for platform, names in _PLATFORMS.items()
        }
        if "id" in heads and heads["id"] != number:  # a Canvas gradebook, whose own number has this head
            self._platforms["canvas"].append(heads["id"])
        self._numbered = {heads[name] for name in ("identifier", "编号") if name in heads}
        self._head = next((name for name in _SUBMITTED if name in heads), "")
        self._submitted = heads.get(self._head)

    def student(self, row: list[str], where: str) -> Student | None:
        """Return the student of a row; None where it has no number.

        Raises:
            IntakeError: the time of handing in is none.
        """

        def cell(place: int | None) -> str:
            return row[place].strip() if place is not None and place < len(row) else ""

        values = {field: cell(place) for field, place in self._columns.items()}
        if not values["id"]:
            return None
        accounts = {
            platform: next((name for place in places if (name := self._account(place, cell(place)))), "")
            for platform, places in self._platforms.items()
        }
        return Student(
            **values,
            accounts=tuple(name for place in self._logins if (name := cell(place))),
            platforms=tuple((platform, name) for platform, name in accounts.items() if name),
            submitted=self._time(cell(self._submitted), where),
        )

    def _time(self, text: str, where: str) -> datetime | None:
        """When somebody handed in; None where the cell is empty or `-`. A time left unread would make nobody late."""
        if text in {"", "-"}:
            return None
        when = worksheet_time(text)
        if when is None:
            problem = say(
                "{where}: {text!r} under {head!r} is no time; write for example 2024-03-29 20:00, or - for none",
                where=where, text=text, head=self._head,
            )  # fmt: skip
            raise IntakeError(problem)
        return when

    def _account(self, place: int, text: str) -> str:
        """The account in a cell: of `Participant 901` the number. A bare number under `编号` only counts rows."""
        match = _PARTICIPANT.match(text)
        return match[1] if match else "" if place in self._numbered else text


class _Seen:
    """Whom the roster named so far."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._accounts: dict[tuple[str, str], str] = {}

    def add(self, student: Student, where: str) -> None:
        """Note a student.

        Raises:
            IntakeError: the number, or the account on a platform, is somebody's already.
        """
        key = fold(student.id) or student.id
        if key in self._ids:
            raise IntakeError(say("{where}: student {id} is listed twice", where=where, id=student.id))
        self._ids.add(key)
        for platform, account in student.platforms:
            other = self._accounts.setdefault((platform, fold(account)), student.id)
            if other != student.id:
                problem = say(
                    "{where}: {account} on {platform} is the account of {id} and of {other}; correct the roster",
                    where=where, account=account, platform=platform, id=student.id, other=other,
                )  # fmt: skip
                raise IntakeError(problem)

"""Whose work it is: what file names and rosters say about students, teams and times."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grader.errors import IntakeError
from grader.nouns.intake import Roster, Student, fold
from grader.nouns.text import say

_HEADS: dict[str, tuple[str, ...]] = {
    "id": ("学号", "student id", "student_id", "sid", "student number", "sis user id", "id number", "学生学号", "id"),
    "name": ("姓名", "name", "full name", "student", "student name", "学生姓名", "全名"),
    "email": ("邮箱", "email", "email address", "e-mail", "电子邮件", "电子邮箱", "邮件地址"),
    "team": ("小组", "组别", "队伍", "团队", "team", "group", "组"),
}
_ACCOUNTS = (
    "canvas", "canvas id", "moodle", "participant", "identifier", "login", "sis login id", "username", "user name",
    "github", "gitee", "账号", "用户名", "gradescope", "integration id", "编号",
)  # fmt: skip
_SUBMITTED = (
    "last modified (submission)", "最后修改（提交）", "最后修改(提交)", "最后修改时间（提交）",
    "最后修改时间(提交)", "提交时间",
)  # fmt: skip
_CHINESE_TIME = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日[^\d下]*(下?)[^\d]*(\d{1,2}):(\d\d)")
_ENGLISH_TIME = re.compile(
    r"(?:(?P<day>\d{1,2}) )?(?P<month>[A-Z][a-z]{2})[a-z]* (?:(?P<us_day>\d{1,2}), )?(?P<year>20\d\d), "
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)\s?(?P<half>[AP]M)?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = re.compile(r"[A-Za-z]{0,3}\d{5,}[A-Za-z]?")
_CHINESE = re.compile(r"[\u3400-\u9fff·]{2,}")
_STAMP = re.compile(r"(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_.T ]{0,2}(\d\d)[-_.:]?(\d\d)(?:[-_.:]?(\d\d))?(?!\d)")
_NOT_NAMES = ("作业", "实验", "提交", "代码", "副本", "课程", "报告", "第", "章")


def read_roster(path: Path) -> Roster:
    """A roster from a CSV in UTF-8, GBK or UTF-16 with headers in English or Chinese; columns in any order.

    Known: the student number (required), name, email, team, and accounts (`canvas id`, `login`, `participant`,
    `github` …). A gradebook or worksheet exported from an LMS works where it has a student number; Moodle's worksheet
    also says when everybody handed in, which its downloads do not.

    Raises:
        IntakeError: no column holds the student number, or a number occurs twice.
    """
    rows = csv.DictReader(io.StringIO(decoded(path.read_bytes(), path)))
    heads = {(head or "").strip().lower(): head for head in rows.fieldnames or ()}
    columns = {field: next((heads[n] for n in names if n in heads), None) for field, names in _HEADS.items()}
    if columns["id"] is None:
        known = ", ".join(_HEADS["id"])
        raise IntakeError(
            say("{path}: no column for the student number; name one of them: {known}", path=str(path), known=known)
        )
    submitted = next((heads[name] for name in _SUBMITTED if name in heads), None)
    accounts = [heads[name] for name in (*_ACCOUNTS, "id") if name in heads and heads[name] != columns["id"]]
    students: dict[str, Student] = {}
    for line, row in enumerate(rows, start=2):
        values = {field: (row.get(head) or "").strip() if head else "" for field, head in columns.items()}
        if not values["id"]:
            continue
        if values["id"] in students:
            where = f"{path}:{line}"
            raise IntakeError(say("{where}: student {id} is listed twice", where=where, id=values["id"]))
        own = tuple(value for head in accounts if (value := (row.get(head) or "").strip()))
        when = worksheet_time(row.get(submitted) or "") if submitted else None
        students[values["id"]] = Student(**values, accounts=own, submitted=when)
    return Roster(students=tuple(students.values()))


def decoded(body: bytes, path: Path) -> str:
    """The text of a CSV as offices write it: UTF-8 with or without a mark, UTF-16 with one, else GBK.

    Raises:
        IntakeError: it is none of these.
    """
    for encoding in ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise IntakeError(say("{path}: neither UTF-8 nor GBK nor UTF-16", path=str(path)))


def whose(label: str, roster: Roster, *hints: str) -> Student | None:
    """The student that a file's or folder's name stands for: as a whole, else by one of its parts."""
    whole = roster.find(*hints, label)
    if whole is not None:
        return whole
    parts = [part for part in re.split(r"[_\-\s+.,，()（）]+", label) if part]
    numbers = [part for part in parts if any(c.isdigit() for c in part)]
    return roster.find(*numbers, *_NUMBER.findall(label), *parts, *_CHINESE.findall(label))


def guess(label: str) -> Student:
    """Who a name seems to mean without a roster: a long number is the id, Chinese characters are the name."""
    number = _NUMBER.search(_STAMP.sub("", label))
    chinese = [word for word in _CHINESE.findall(label) if not any(word.startswith(w) for w in _NOT_NAMES)]
    name = chinese[0] if chinese else ""
    return Student(id=number[0] if number else (name or label.strip()), name=name)


def is_personal(label: str) -> bool:
    """Whether a name holds a student number or a Chinese name."""
    return guess(label).id != label.strip() or bool(guess(label).name)


def time_in(label: str, zone: ZoneInfo | None = None) -> datetime | None:
    """A time written in a file name, such as `attempt_2024-03-28-23-59-00`."""
    match = _STAMP.search(label)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def worksheet_time(text: str) -> datetime | None:
    """A time as Moodle's worksheets write it, in English or Chinese, without a zone; None for `-` and anything else.

    Formats: `strftimedaydatetime` of Moodle's language packs en, en_us and zh_cn.
    """
    if match := _CHINESE_TIME.search(text):
        year, month, day, afternoon, hour, minute = match.groups()
        half = "PM" if afternoon else None
    elif (match := _ENGLISH_TIME.search(text)) and match["month"] in _MONTHS:
        year, month, day = match["year"], str(_MONTHS.index(match["month"]) + 1), match["day"] or match["us_day"]
        hour, minute, half = match["hour"], match["minute"], match["half"]
    else:
        return None
    try:
        on_clock = int(hour) if half is None else int(hour) % 12 + 12 * (half == "PM")
        return datetime(int(year), int(month), int(day), on_clock, int(minute))  # noqa: DTZ001 - none is written there
    except (TypeError, ValueError):
        return None


def slug(text: str) -> str:
    """A text as a file name on every system: letters of any script, digits, `-`, `_` and `.`."""
    kept = re.sub(r"[^\w.\-]+", "-", text, flags=re.UNICODE).strip("-.")
    return kept[:80] or "submission"


def same(a: str, b: str) -> bool:
    """Whether two names are the same but for case, width, spaces and punctuation."""
    return bool(fold(a)) and fold(a) == fold(b)

"""The class list: a CSV as offices and learning platforms write it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from grader.errors import IntakeError
from grader.files import decoded
from grader.intake.people import worksheet_time
from grader.nouns.intake import Roster, Student
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


def read_roster(path: Path) -> Roster:
    """A roster from a CSV in UTF-8, GBK or UTF-16 with headers in English or Chinese; columns in any order.

    Known: the student number (required), name, email, team, and accounts (`canvas id`, `login`, `participant`,
    `github` …). A gradebook or worksheet exported from an LMS works where it has a student number; Moodle's worksheet
    also says when everybody handed in, which its downloads do not.

    Raises:
        IntakeError: no column holds the student number, a number occurs twice, or it is in no known encoding.
    """
    try:
        text = decoded(path.read_bytes())
    except UnicodeDecodeError as error:
        raise IntakeError(say("{path}: neither UTF-8 nor GBK nor UTF-16", path=str(path))) from error
    rows = csv.DictReader(io.StringIO(text))
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
        names = tuple(value for head in accounts if (value := (row.get(head) or "").strip()))
        when = worksheet_time(row.get(submitted) or "") if submitted else None
        students[values["id"]] = Student(**values, accounts=names, submitted=when)
    return Roster(students=tuple(students.values()))

"""Whose work it is: what file names and rosters say about students, teams and times."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from grader.nouns.intake import Roster, Student

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

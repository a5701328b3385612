"""Whose work it is: what file names and rosters say about students, teams and times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.nouns.claim import Rank
from grader.nouns.intake import Roster, Student, fold

_CHINESE_TIME = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日[^\d下]*(下?)[^\d]*(\d{1,2}):(\d\d)")
_NUMBERS_TIME = re.compile(
    r"(20\d\d)([-/.])(\d{1,2})\2(\d{1,2})(?:T|\s+)(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?"
    r"\s*(Z|UTC|[+-]\d\d:?\d\d)?"
)
_ENGLISH_TIME = re.compile(
    r"(?:(?P<day>\d{1,2}) )?(?P<month>[A-Z][a-z]{2})[a-z]* (?:(?P<us_day>\d{1,2}), )?(?P<year>20\d\d), "
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)\s?(?P<half>[AP]M)?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = re.compile(r"[A-Za-z]{0,3}\d{5,}[A-Za-z]?")
_CHINESE = re.compile(r"[\u3400-\u9fff·]{2,}")
_STAMP = re.compile(r"(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_.T ]{0,2}(\d\d)[-_.:]?(\d\d)(?:[-_.:]?(\d\d))?(?!\d)")
_SHORT_STAMP = 12
_DATE = 8
_LONGEST_RUN = 4
_DIGITS = re.compile(r"\d{5,}")
_BETWEEN = re.compile(r"[_\-\s+.,，、()（）\[\]【】]+")
_WORDS_OF_WORK = re.compile(
    r"作业|实验|提交|代码|副本|课程|报告|练习|最终版?|修改版?|重新|第[0-9一二三四五六七八九十]+[章次周课题]"
)
_OF_WORK = re.compile(
    r"(?:hw|homework|assignment|assign|assignsubmission|attempt|submission|submit|submitted|lab|exercise|ex|chapter|ch"
    r"|week|wk|w|part|task|problem|question|project|proj|report|code|src|solution|answer|answers|notebook|file|final"
    r"|finished|done|new|newest|old|draft|backup|bak|fixed|fix|update|updated|revised|resubmission|resubmit|redo|version"
    r"|ver|v|rev|copy|my|the|of|late|all|class|course|download|downloads|submissions|students|homeworks|assignments|labs"
    r"|files|uploads|handin|handins|export|works?)(?:\d{1,4}[a-z]?)?|\d{1,4}[a-z]?"
)
_NOT_NAMES = ("作业", "实验", "提交", "代码", "副本", "课程", "报告", "第", "章")


@dataclass(frozen=True)
class Meaning:
    """Whom the name of a file or folder stands for.

    Attributes:
        students: everybody it names; more than one is for a person to settle. Without a roster, a guess.
        rank: whether the name as a whole says so, or a part of it.
        text: the name as it is compared with other claims: without copy marks, times, chapters and words that are no
            names. Letters are compared as they are written, so that another script or width is another text.
        strangers: student numbers in it that are in no roster, though they look like those there.
    """

    students: tuple[Student, ...]
    rank: Rank
    text: str
    strangers: tuple[str, ...] = ()


def meaning(label: str, roster: Roster, chapters: Collection[str] = ()) -> Meaning:
    """Return whom a name stands for: as a whole, else by its parts.

    A number, a login or a name of the roster counts wherever it stands; a word of another student's name beside it is
    a contradiction. Without a roster a long number is the student's, else Chinese characters, else the whole name.

    Args:
        label: the name of a file or folder, without its suffix.
        roster: the class; empty where none is known.
        chapters: names of modules, which say nothing about people.
    """
    parts = _parts(label, roster, chapters)
    text = " ".join(sorted(parts)) or unicodedata.normalize("NFC", label).casefold().strip()
    if not roster.students:
        return _guessed(label, parts, text)
    whole = roster.find(label, " ".join(parts))
    if whole is not None:
        return Meaning((whole,), Rank.WHOLE, text)
    found, left = _in_parts(parts, roster)
    if not found:
        return Meaning((), Rank.WHOLE, text)
    hints = [hint for part in left if (hint := roster.hinted(part))]
    others = {student for hint in hints if not hint & found.keys() for student in hint}
    named = tuple(s for s in roster.students if s.id in found or s.id in others)
    confirmed = len(hints) == len(left) and len(named) == 1
    strangers = _strangers(left, next(iter(found.values())))
    return Meaning(named, Rank.WHOLE if confirmed else Rank.PART, text, strangers)


def bare(label: str, chapters: Collection[str]) -> str:
    """Return a file's name without the chapter that it answers; empty where that is all it says."""
    for chapter in sorted(chapters, key=len, reverse=True):
        whole, short = re.escape(Path(chapter).stem), re.escape(Path(chapter).stem.split("_")[0])
        label = re.sub(rf"{whole}|(?<![^\W_]){short}(?![^\W_])", " ", label, flags=re.IGNORECASE)
    label = label.strip(" _-.")
    return "" if says_nothing(label, ()) else label


def says_nothing(label: str, chapters: Collection[str]) -> bool:
    """Whether a name holds only words and numbers of exercises, such as `ch01_overview (1)` or `hw2`."""
    return not _parts(label, Roster(), chapters) and not label.strip().isdigit()


def guess(label: str) -> Student:
    """Guess whom a name means without a roster: a long number is the id, Chinese characters are the name."""
    number = _NUMBER.search(_without_times(label))
    chinese = [word for word in _CHINESE.findall(label) if not any(word.startswith(w) for w in _NOT_NAMES)]
    name = chinese[0] if chinese else ""
    return Student(id=number[0] if number else (name or label.strip()), name=name)


def is_personal(label: str) -> bool:
    """Whether a name holds a student number or a Chinese name."""
    return guess(label).id != label.strip() or bool(guess(label).name)


def time_in(label: str) -> datetime | None:
    """A time written in a file name, such as `attempt_2024-03-28-23-59-00`; twelve digits in a row are a number."""
    return next((when for match in _STAMP.finditer(label) if (when := _stamped(match)) is not None), None)


def _stamped(match: re.Match[str]) -> datetime | None:
    if len(match[0]) == _SHORT_STAMP and match[0].isdigit():
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - no zone is written there
    except ValueError:
        return None


def _without_times(label: str) -> str:
    return _STAMP.sub(lambda match: match[0] if _stamped(match) is None else " ", label)


def _parts(label: str, roster: Roster, chapters: Collection[str]) -> list[str]:
    """The words and numbers of a name that may mean people, in order."""
    plain = _without_times(unicodedata.normalize("NFC", label).casefold())
    for chapter in sorted(chapters, key=len, reverse=True):
        plain = plain.replace(Path(chapter).stem.casefold(), " ")
    parts = (part for part in _BETWEEN.split(_WORDS_OF_WORK.sub(" ", plain)) if part)
    return [part for part in parts if roster.known(part) or not _OF_WORK.fullmatch(part)]


def _in_parts(parts: list[str], roster: Roster) -> tuple[dict[str, Student], list[str]]:
    """The students that words or runs of words stand for, by id; and the words that stand for nobody.

    Longer runs go first: in `zhang_san_hw` the name counts, and not the login `san` of somebody else.
    """
    found: dict[str, Student] = {}
    left = dict(enumerate(parts))
    for length in range(min(_LONGEST_RUN, len(parts)), 0, -1):
        for start in range(len(parts) - length + 1):
            run = range(start, start + length)
            if not all(place in left for place in run):
                continue
            students = _of_run([parts[place] for place in run], roster)
            if students:
                found |= {student.id: student for student in students}
                for place in run:
                    del left[place]
    return found, list(left.values())


def _of_run(run: list[str], roster: Roster) -> list[Student]:
    if len(run) > 1:
        joined = " ".join(run)
        whole = None if all(part.isdigit() for part in run) else roster.find(joined)
        return [whole] if whole else []
    (part,) = run
    plain = unicodedata.normalize("NFKC", part)
    whole = roster.find(part)
    if whole is not None:
        return [whole]
    pieces = [*_NUMBER.findall(plain), *_DIGITS.findall(plain), *_CHINESE.findall(plain)]
    return [student for piece in pieces if (student := roster.find(piece)) is not None]


def _strangers(parts: Iterable[str], student: Student) -> tuple[str, ...]:
    """Numbers as long as a student's own that are no dates: somebody's number, who is not in the roster."""
    numbers = {number for part in parts for number in _DIGITS.findall(unicodedata.normalize("NFKC", part))}
    return tuple(sorted(n for n in numbers if len(n) == len(student.id) and not _is_date(n)))


def _guessed(label: str, parts: list[str], text: str) -> Meaning:
    numbers = {fold(number): number for part in parts for number in _NUMBER.findall(part)}
    sure = {key: number for key, number in numbers.items() if not _is_date(key)} or numbers
    if len(sure) > 1:
        return Meaning(tuple(Student(id=number) for number in sure.values()), Rank.PART, text)
    student = guess(label)
    return Meaning((student,), Rank.WHOLE if len(parts) <= 1 else Rank.PART, text)


def _is_date(number: str) -> bool:
    if len(number) != _DATE or not number.startswith(("19", "20")):
        return False
    try:
        datetime(int(number[:4]), int(number[4:6]), int(number[6:]))  # noqa: DTZ001 - only whether there is such a day
    except ValueError:
        return False
    return True


def worksheet_time(text: str) -> datetime | None:
    """A time as a class list writes it; None for anything else. It has a zone where one is written, as in ISO 8601.

    Formats: `strftimedaydatetime` of Moodle's language packs en, en_us and zh_cn; and year, month, day, hour, minute
    and perhaps second in figures, as `2024-03-29 20:00:00`, `2024/3/29 20:00` or `2024-03-29T20:00+08:00`.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if match := _NUMBERS_TIME.fullmatch(text):
        return _in_figures(match)
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


def _in_figures(match: re.Match[str]) -> datetime | None:
    year, _, month, day, hour, minute, second, offset = match.groups()
    name = {None: "", "Z": "+00:00", "UTC": "+00:00"}.get(offset, offset)
    try:
        return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second or '00'}{name}")
    except ValueError:
        return None

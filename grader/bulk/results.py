"""The files of a results folder: reports, the table of marks, and what could not be taken in."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import grader
from grader.files import folder_digest, write_whole
from grader.language.catalogue import default_language
from grader.language.speak import speak
from grader.nouns.course import Chapter, Course
from grader.nouns.intake import Intake
from grader.nouns.report import Report
from grader.nouns.text import Language, Message
from grader.render.formats import render
from grader.render.sheet import text
from grader.scoring.points import only_chapters
from grader.store.damage import damage_of
from grader.store.digest import digest
from grader.store.ledger import existing

WRITTEN = ".written.json"
"""Says which report each file holds, so that a run that was killed before its files is made good by the next."""
_BROKEN_OFF = re.compile(r"\.[0-9a-f]{16}\.new")
"""Names of files that `write_whole` of a killed process leaves behind."""


class Recorded(NamedTuple):
    """The reports of a run, and what is damaged in the ledger and was left out."""

    reports: tuple[Report, ...]
    damage: tuple[Message, ...] = ()


def reports(out: Path, course: Course, chapters: Sequence[Chapter], *, run: int | None = None) -> Recorded:
    """Read the reports of a run, cut down to some chapters; of the newest run when None.

    Raises:
        LedgerError: nothing was graded there.
    """
    selected = {chapter.id for chapter in chapters}
    whole = recorded(out, run)
    return whole._replace(reports=tuple(only_chapters(report, selected, course) for report in whole.reports))


def recorded(out: Path, run: int | None = None) -> Recorded:
    """Read the whole reports of a run from a results folder, which need not be writable; of the newest run when None.

    Raises:
        LedgerError: nothing was graded there.
    """
    with existing(out) as ledger:
        return Recorded(ledger.reports(run), damage_of(ledger))


def write_problems(out: Path, taken: Intake, language: Language) -> None:
    """Write `problems.csv`: a line for everything that could not be taken in as it was."""
    lines = [["kind", "where", "message"]]
    lines += [[p.kind, p.where, speak(p.message, language)] for p in taken.problems]
    write_whole(out / "problems.csv", text(lines, mark=True).encode())


def write_results(out: Path, reports: Sequence[Report], *, course: Course, language: Language | None = None) -> None:
    """Write `reports/<submission>.json` and `scores.csv` into a folder, each file whole or not at all.

    A file that already holds its report is left as it is, whoever wrote it and however that run ended. A file goes
    only when the same person's report has another name now.

    Args:
        out: the results folder.
        reports: the newest report of everybody.
        course: the course.
        language: the language to write in; None for the one the files are in, or the locale's.
    """
    folder = out / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    before = _written(out)
    spoken = language or before.get("language") or default_language()
    wanted = {f"{report.submission}.json": report for report in reports}
    files: dict[str, list[str]] = {}
    shared = digest(course.model_dump(mode="json"), spoken, _grader())
    for name, report in wanted.items():
        key = digest(shared, report.model_dump_json())
        if not _holds(folder / name, before["files"].get(name), key):
            body = f"{render('json', [report], course=course, language=spoken)}\n".encode()
            write_whole(folder / name, body)
            files[name] = [key, hashlib.sha256(body).hexdigest()]
        else:
            files[name] = before["files"][name]
    for file in _superseded(folder, wanted):
        file.unlink()
    write_whole(out / "scores.csv", render("csv", reports, course=course, language=spoken).encode())
    write_whole(out / WRITTEN, json.dumps({"language": spoken, "files": files}).encode())


def _written(out: Path) -> dict[str, Any]:
    """What the run before says about the files; nothing where it does not, and then all are written."""
    with suppress(OSError, ValueError, AttributeError):
        found = json.loads((out / WRITTEN).read_text(encoding="utf-8"))
        if isinstance(found.get("files"), dict) and found.get("language") in {"zh", "en"}:
            return dict(found)
    return {"files": {}}


def _holds(file: Path, written: object, key: str) -> bool:
    """Whether a file is the one that was written for a report."""
    with suppress(OSError):
        return isinstance(written, list) and written == [key, hashlib.sha256(file.read_bytes()).hexdigest()]
    return False


def _superseded(folder: Path, wanted: Mapping[str, Report]) -> Iterable[Path]:
    """Files of people whose report has another name now, and what killed processes left half-written."""
    people = {report.student for report in wanted.values()}
    for file in sorted(folder.iterdir()):
        if file.name in wanted:
            continue
        if _BROKEN_OFF.fullmatch(file.name):
            yield file
        elif file.suffix == ".json":
            with suppress(OSError, ValueError, AttributeError):
                if json.loads(file.read_text(encoding="utf-8")).get("student") in people:
                    yield file


@cache
def _grader() -> str:
    """Hash the grader's own files; unlike `grader_digest` with catalogues, which decide a report's words."""
    return folder_digest(Path(grader.__file__).parent)

"""A course's files without what students must not see: hidden pools, rubrics, the reference."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from grader.errors import SpecError
from grader.files import CACHES
from grader.nouns.course import Chapter, Course
from grader.nouns.text import say

MODELS = "models"
WORK = "work"
_HEAD = "# Made by `grader release`; your teacher keeps the original.\n"
_READ_BY_A_TEACHER = {"zh": "由老师评阅", "en": "read by a teacher"}
_NOT_SHIPPED = shutil.ignore_patterns(*CACHES, "*.py", "*.md", ".*")


def write_course(course: Course, chapters: tuple[Chapter, ...], out: Path, *, hidden: bool = False) -> None:
    """Write `assignments/` and `models/` of a kit.

    A chapter keeps its spec with public cases, its handouts, and the files that public cases read. Comments in the
    specs go, hidden cases go, and a rubric becomes the one line that a teacher reads the answer.

    Args:
        course: whose files are written.
        chapters: the chapters to take over.
        out: an existing folder.
        hidden: keep hidden cases and rubrics (for a grader in the staff's own hands).

    Raises:
        SpecError: a question has no public case, so that a student could not check it.
    """
    document = _read(course.root / "course.yaml")
    document["chapters"] = [chapter.id for chapter in chapters]
    document.pop("reference", None)
    document["templates"] = f"../{WORK}"
    for name, source in (document.get("models") or {}).items():
        _take_model(course, name, source, out)
    _write(out / "assignments" / "course.yaml", document)
    for chapter in chapters:
        _take_chapter(chapter, out / "assignments" / chapter.id, hidden=hidden)


def _take_model(course: Course, name: str, source: dict[str, Any], out: Path) -> None:
    for field, folder in (("mini", f"{MODELS}/{name}"), ("config", f"{MODELS}/published/{name}")):
        if source.get(field):
            shutil.copytree(course.root / source[field], out / folder, ignore=_NOT_SHIPPED, dirs_exist_ok=True)
            source[field] = f"../{folder}"


def _take_chapter(chapter: Chapter, out: Path, *, hidden: bool) -> None:
    file = chapter.folder / "assignment.yaml"
    document = _read(file)
    files: set[str] = set()
    for entry in document["questions"]:
        cases = entry.get("cases") or {}
        if hidden:
            pool = (cases.get("hidden") or {}).get("pool")
            files |= {pool} if isinstance(pool, str) else set()
        else:
            _strip(entry, file)
        files |= _files_read(cases.get("public") or [])
    _write(out / "assignment.yaml", document)
    for name in sorted(files):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(chapter.folder / name, out / name)
    for handout in sorted(chapter.folder.glob("handout.*")):
        shutil.copyfile(handout, out / handout.name)


def _strip(entry: dict[str, Any], file: Path) -> None:
    """Take out of one question what is not for students."""
    cases = entry.get("cases") or {}
    if cases.pop("hidden", None) is not None and not cases.get("public"):
        problem = say("has only hidden cases; give it a public one, so that students can check themselves")
        raise SpecError(problem, file=file, field=f"questions.{entry.get('id')}.cases")
    if "cases" in entry and not cases:
        del entry["cases"]
    if rubric := entry.get("rubric"):
        entry["rubric"] = [{"points": sum(item["points"] for item in rubric), "about": _READ_BY_A_TEACHER}]


def _files_read(cases: list[dict[str, Any]]) -> set[str]:
    values = (value for case in cases for value in case.values())
    return {str(value["file"]) for value in values if isinstance(value, dict) and value.keys() == {"file"}}


def _read(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def _write(file: Path, document: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)
    file.write_text(_HEAD + text, encoding="utf-8", newline="\n")

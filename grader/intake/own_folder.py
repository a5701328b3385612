"""A student's own work, as it lies on their own machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from grader.errors import IntakeError
from grader.intake.modules import unwritten
from grader.nouns.course import Course
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say

_TOGETHER = 60.0  # seconds: files of a fresh kit are written together


def default_path(course: Course, modules: Mapping[str, str]) -> Path:
    """Return where a student's work is when no path is named: here, else in the course's folder for it."""
    here = Path()
    templates = course.template_folder
    if not any(_is_there(here, module) for module in modules.values()) and templates.is_dir():
        return templates
    return here


def _is_there(folder: Path, module: str) -> bool:
    return any((folder / module).with_suffix(suffix).is_file() for suffix in (".py", ".ipynb"))


def own_work(path: Path, modules: Mapping[str, str]) -> Submission:
    """Return the submission at a path: one chapter's file, or a folder with one or more of them.

    Where a chapter's module and its notebook lie side by side, the one with less left to write counts, then the one
    saved last.

    Args:
        path: an existing file or folder.
        modules: chapter id to the file name that answers it, for example `ch01_overview.py`; a notebook of the same
            name (`ch01_overview.ipynb`) will do.

    Raises:
        IntakeError: the path holds no chapter's file.
    """
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    files = {path.name} if path.is_file() else {file.name for file in folder.iterdir() if file.is_file()}
    notes: list[Message] = []
    found = {chapter: name for chapter, module in modules.items() if (name := _file(folder, module, files, notes))}
    if not found and path.is_file() and len(modules) == 1:
        found = dict.fromkeys(modules, path.name)
    if not found:
        raise IntakeError(
            say(
                "{path}: none of these files is here: {files}. Name your file or the folder it is in",
                path=str(path),
                files=", ".join(modules.values()),
            )
        )
    return Submission(id=folder.name, student=folder.name, folder=folder, modules=found, notes=tuple(notes))


def is_somebody_elses(submission: Submission) -> bool:
    """Whether a file that would run belongs to another account of this machine than the one that runs it.

    More cannot be told on a laptop: what was downloaded belongs to whoever downloaded it, as a student's own kit does.
    """
    if not hasattr(os, "geteuid"):
        return False
    return any((submission.folder / name).stat().st_uid != os.geteuid() for name in submission.modules.values())


def _file(folder: Path, module: str, files: set[str], notes: list[Message]) -> str | None:
    notebook = Path(module).with_suffix(".ipynb").name
    if notebook not in files:
        return module if module in files else None
    if module not in files:
        return notebook
    left = {name: unwritten(folder / name) for name in (module, notebook)}
    saved = {name: (folder / name).stat().st_mtime for name in left}
    together = abs(saved[module] - saved[notebook]) <= _TOGETHER
    chosen, other = sorted(left, key=lambda name: (left[name], not together and -saved[name]))
    if left[chosen] < left[other] and saved[other] >= saved[chosen]:
        note = say("both {one} and {other} are here: {one} counts, with less left to write", one=chosen, other=other)
        notes.append(note)
    elif left[chosen] == left[other] and not together:
        notes.append(say("both {one} and {other} are here: {one} counts, saved last", one=chosen, other=other))
    return chosen

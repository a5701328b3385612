"""The work in a checkout of a pull request."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.errors import IntakeError
from grader.files import read_regular
from grader.intake.modules import find
from grader.intake.own_folder import own_work
from grader.nouns.course import Chapter, Course
from grader.nouns.submission import Submission
from grader.nouns.text import say


def checked_out(root: Path, course: Course, chapters: Sequence[Chapter], student: str) -> Submission:
    """Return the submission in a checkout: where the course keeps templates, else wherever the chapters' files are.

    Chapters whose file is still the course's own template are left out, unless all of them are.

    Args:
        root: the checkout.
        course: the course, from a place that the pull request cannot change.
        chapters: its chapters.
        student: whose work it is; decides the hidden cases drawn.

    Raises:
        IntakeError: no chapter's file is there, or one leads out of the checkout.
    """
    modules = {chapter.id: chapter.module for chapter in chapters}
    templates = course.template_folder
    usual = root / os.path.relpath(templates, course.root.resolve().parent)
    submission = _at(usual, modules) or _at(root, modules) or _anywhere(root, modules)
    if submission is None:
        raise IntakeError(
            say("{path}: none of these files is here: {files}", path=str(root), files=", ".join(modules.values()))
        )
    for module in submission.modules.values():
        if not (submission.folder / module).resolve().is_relative_to(root.resolve()):
            raise IntakeError(
                say("{file}: a link out of the hand-in is not work; hand in the file itself", file=module)
            )
    touched = {
        c: m
        for c, m in submission.modules.items()
        if not _same_content(submission.folder / m, templates / Path(m).name)
    }
    return submission.model_copy(update={"id": student, "student": student, "modules": touched or submission.modules})


def _at(folder: Path, modules: dict[str, str]) -> Submission | None:
    try:
        return own_work(folder, modules) if folder.is_dir() else None
    except IntakeError:
        return None


def _anywhere(root: Path, modules: dict[str, str]) -> Submission | None:
    found = find(root, modules)
    if not found.modules:
        return None
    return Submission(id="-", student="-", folder=found.folder, modules=found.modules, notes=found.notes)


def _same_content(one: Path, other: Path) -> bool:
    """Whether a file is still the template. One that is no file, or larger, is not."""
    try:
        template = other.read_bytes()
        return read_regular(one, len(template)) == template
    except (OSError, ValueError):
        return False

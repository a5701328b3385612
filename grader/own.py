"""A student's own work, as it lies on their own machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.errors import IntakeError
from grader.nouns.submission import Submission


def own_work(path: Path, modules: Mapping[str, str]) -> Submission:
    """The submission at a path: one chapter's file, or a folder with one or more of them.

    Args:
        path: an existing file or folder.
        modules: chapter id to the file name that answers it, for example `ch01_overview.py`.

    Raises:
        IntakeError: the path holds no chapter's file.
    """
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    files = {path.name} if path.is_file() else {file.name for file in folder.iterdir() if file.is_file()}
    found = {chapter: module for chapter, module in modules.items() if module in files}
    if not found and path.is_file() and len(modules) == 1:
        found = dict.fromkeys(modules, path.name)
    if not found:
        wanted = ", ".join(modules.values())
        raise IntakeError(f"{path}: none of these files is here: {wanted}. Name your file or its folder")
    return Submission(id=folder.name, student=folder.name, folder=folder, modules=found)

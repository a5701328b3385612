"""Whether a hand-in holds what the course asks for besides the module. `read_lacking` runs in a confined child."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.files import open_regular
from grader.intake.filling import from_wire
from grader.nouns.course import Package, Required
from grader.nouns.text import Message, say

_READ = 2**20
_PDF = b"%PDF-"


def read_lacking(root: str, package: dict[str, Any]) -> list[dict[str, Any]]:
    """Say what is missing, as messages; see `lacking`.

    A course's patterns over a student's text may take any time: the child's limits end them.

    Args:
        root: the root of the hand-in, as a wire value.
        package: the rules of the chapter, in JSON.
    """
    found = lacking(from_wire(root), Package.model_validate(package))
    return [message.model_dump(mode="json") for message in found]


def lacking(root: Path, package: Package) -> tuple[Message, ...]:
    """Return a message for each thing that is missing or not as asked for; none where all is there.

    Args:
        root: the root of the hand-in.
        package: the rules of the chapter.
    """
    if not package.requires:
        return ()
    entries = [entry for entry in root.rglob("*") if not entry.is_symlink()]
    return tuple(message for rule in package.requires for message in _checked(root, entries, rule))


def _checked(root: Path, entries: Iterable[Path], rule: Required) -> list[Message]:
    is_folder = rule.path.endswith("/")
    pattern = rule.path.rstrip("/").lower()
    matching = [
        entry
        for entry in entries
        if entry.is_dir() == is_folder and fnmatch.fnmatchcase(entry.relative_to(root).as_posix().lower(), pattern)
    ]
    if not matching:
        return [say("the hand-in lacks {path}: {about}", path=rule.path, about=rule.about)]
    if is_folder and not any(any(child.is_file() for child in folder.rglob("*")) for folder in matching):
        return [say("the folder {path} is empty: {about}", path=rule.path, about=rule.about)]
    if rule.kind == "pdf" and not any(_start(file) == _PDF for file in matching):
        return [say("{path} is not a PDF file: {about}", path=rule.path, about=rule.about)]
    if rule.contains and not any(re.search(rule.contains, _text(file)) for file in matching if file.is_file()):
        return [say("{path} does not hold what is asked for: {about}", path=rule.path, about=rule.about)]
    return []


def _start(file: Path) -> bytes:
    with open_regular(file) as stream:
        return stream.read(len(_PDF))


def _text(file: Path) -> str:
    with open_regular(file) as stream:
        return stream.read(_READ).decode("utf-8", "replace")

"""Gradescope: the folder or archive of "Export submissions"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.errors import IntakeError
from grader.intake.boundary import refusing
from grader.intake.collect import collect
from grader.intake.confined import DOWNLOAD, run
from grader.intake.filling import to_wire
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.intake.metadata import read_metadata
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import say

METADATA = "submission_metadata.yml"
_FOLDER = re.compile(r"submission_[0-9]+")


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether the export's metadata lie there, and most entries beside them are folders as the export names them."""
    del chapters
    if not path.is_dir() or not (inner(path) / METADATA).is_file():
        return False
    entries = [child for child in children(inner(path)) if child.name != METADATA]
    fitting = sum(child.is_dir() and _FOLDER.fullmatch(child.name) is not None for child in entries)
    return fitting * 2 > len(entries) or not entries


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """A folder a submission, whose it is and when from the metadata; groups are teams.

    Args:
        path: the export, packed or not.
        chapters: chapter id to the file name asked for.
        roster: the class, where known; matched by student id, then e-mail.
        work: a folder to unpack to.

    Raises:
        IntakeError: the metadata are absent or not readable.
    """
    folder = inner(opened(path, work))
    problems: list[Problem] = []
    handins = list(_each(folder, _metadata(folder / METADATA), problems))
    return collect(handins, chapters, roster, work=work, problems=problems)


def _metadata(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise IntakeError(
            say(
                "{file}: the export has no {metadata}; export the submissions again with metadata",
                file=str(file),
                metadata=METADATA,
            )
        )
    try:
        told = run(read_metadata, to_wire(file.absolute()), reads=[file], limits=DOWNLOAD)
    except IntakeError as error:
        raise IntakeError(say("{file}: not readable: {error}", file=str(file), error=error.problem)) from error
    return told if isinstance(told, dict) else {}


def _each(folder: Path, metadata: Mapping[str, dict[str, Any]], problems: list[Problem]) -> Iterator[HandIn]:
    for child in children(folder):
        if child.name == METADATA:
            continue
        if child.name not in metadata or not child.is_dir():
            message = say("not in the export's metadata")
            problems.append(Problem(kind="ignored", where=child.name, message=message))
            continue
        with refusing(child.name, problems):
            yield _handin(child, metadata[child.name])


def _handin(folder: Path, entry: Any) -> HandIn:
    if not isinstance(entry, dict):
        raise IntakeError(say("the export's metadata do not say whose it is"))
    people: list[dict[str, str]] = entry["submitters"]
    first = people[0] if people else dict.fromkeys(("sid", "name", "email"), "")
    sid, name, email = first["sid"], first["name"], first["email"]
    created = entry["created"]
    notes = () if created else (say("the export tells no time of submission that can be read"),)
    return HandIn(
        where=folder.name,
        label=sid or name or folder.name,
        parts=((folder.name, folder),),
        keys=(sid, email),
        id=sid or email,
        name=name,
        account=folder.name.removeprefix("submission_"),
        members=tuple((person["sid"], person["email"], person["name"]) for person in people),
        submitted=datetime.fromisoformat(created) if created else None,
        order=float(entry["attempts"]),
        notes=notes,
    )

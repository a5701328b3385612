"""One student's (or team's) handed-in work."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.nouns.base import Noun


class Submission(Noun):
    """A folder of work, and whose it is.

    Attributes:
        id: unique in a run; also the name of its report file.
        student: the student's id; hidden cases are drawn by it.
        folder: where the files are; student modules may import and read what lies in it, nothing else.
        modules: chapter id to the module that answers it, relative to `folder`; a chapter may be missing.
        members: students who share this work (teams); the submitting student when empty.
        submitted: when it was handed in, where the source says.
    """

    id: str
    student: str
    folder: Path
    modules: dict[str, str]
    name: str = ""
    members: tuple[str, ...] = ()
    submitted: datetime | None = None
    attempt: int = 1
    notes: tuple[str, ...] = ()

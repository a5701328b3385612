"""One student's (or team's) handed-in work."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.nouns.base import Noun
from grader.nouns.claim import Claim
from grader.nouns.text import Message


class Submission(Noun):
    """A folder of work, and whose it is.

    Attributes:
        id: unique in a run; also the name of its report file.
        student: the student's id; hidden cases are drawn by it.
        folder: where the files are; student modules may import and read what lies in it, nothing else.
        modules: chapter id to the module that answers it, relative to `folder`; a chapter may be missing.
        members: students who share this work (teams); the submitting student when empty.
        submitted: when it was handed in, where the platform says; deadlines are judged by nothing else.
        claimed: a time that the student could write (in a file's name, in a commit); it only orders the attempts.
        late: what the source itself says about lateness, where it says no time (Canvas marks `_LATE`).
        account: what the source calls the student (Canvas user id, Moodle participant), for exports back to it.
        package: the root of what was handed in, where package rules are checked; `folder` lies in it.
        claim: what says that it is this student's.
        files: content hash of `folder` when it was taken in; empty where nothing was copied.
        notes: what was unusual about the hand-in.
    """

    id: str
    student: str
    folder: Path
    modules: dict[str, str]
    name: str = ""
    members: tuple[str, ...] = ()
    submitted: datetime | None = None
    claimed: datetime | None = None
    late: bool | None = None
    attempt: int = 1
    account: str = ""
    team: str = ""
    package: Path | None = None
    claim: Claim = Claim()
    files: str = ""
    notes: tuple[Message, ...] = ()

    @property
    def owner(self) -> str:
        """Who the attempts are counted for: the team where several hand in together, else the student."""
        return self.team if self.team and self.members else self.student

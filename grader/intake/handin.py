"""One hand-in as a source finds it, before it is unpacked: whose it seems to be and which files belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.nouns.text import Message


@dataclass(frozen=True)
class HandIn:
    """What one student handed in at one time.

    Attributes:
        where: what it was called on arrival, for messages.
        label: the name that stands for the student or team.
        parts: `(name to give, file or folder)`; one folder may be used where it lies, anything else is copied.
        keys: ids, accounts and addresses of the student, surest first.
        id: the student number, where the source knows it.
        name: the student's name, where the source knows it.
        account: what the source calls the student.
        team, members: where the source knows them; members are keys like `keys`.
        submitted, late: as in `Submission`.
        order: breaks ties between hand-ins without a time (attempt number, newest entry).
        notes: what the source has to say about it.
    """

    where: str
    label: str
    parts: tuple[tuple[str, Path], ...]
    keys: tuple[str, ...] = ()
    id: str = ""
    name: str = ""
    account: str = ""
    team: str = ""
    members: tuple[tuple[str, ...], ...] = ()
    submitted: datetime | None = None
    late: bool | None = None
    order: float = 0.0
    notes: tuple[Message, ...] = ()

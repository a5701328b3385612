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
        label: the name that stands for the student or team, without a suffix.
        parts: `(name to give, file or folder)`; all are copied.
        keys: numbers and addresses of the student that the platform itself gives, surest first.
        id: the student number, where the platform knows it.
        name: the student's name, where the source knows it.
        account: what the platform calls the student.
        platform: the platform that `account` belongs to, as in `Student.platforms`.
        inside: whether the label is the name of something in the archive of all, and not of what was handed in.
        hints: addresses and names from inside, which the student could write; they count where nothing else does.
        team, members: where the source knows them; members are keys like `keys`.
        submitted, claimed, late: as in `Submission`.
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
    platform: str = ""
    inside: bool = False
    hints: tuple[str, ...] = ()
    team: str = ""
    members: tuple[tuple[str, ...], ...] = ()
    submitted: datetime | None = None
    claimed: datetime | None = None
    late: bool | None = None
    order: float = 0.0
    notes: tuple[Message, ...] = ()

"""The submission in a Gradescope container: files in `submission/`, whose they are in `submission_metadata.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.errors import IntakeError
from grader.files import read_regular
from grader.intake.modules import find
from grader.nouns.submission import Submission
from grader.nouns.text import say

METADATA = "submission_metadata.json"
_MOST = 2**24  # bytes: the parser is linear, and takes at most some hundred MiB for it


def container_submission(root: Path, chapters: Mapping[str, str]) -> Submission:
    """Return the submission in a folder laid out as Gradescope's `/autograder`.

    The student is the first user's e-mail address, which also decides the hidden cases drawn.

    Args:
        root: the folder with `submission/` and `submission_metadata.json`.
        chapters: chapter id to the file name asked for.

    Raises:
        IntakeError: the metadata or the folder is absent.
    """
    try:
        metadata: Any = json.loads(read_regular(root / METADATA, _MOST).decode())
        listed = metadata.get("users")
        users = [user for user in listed if isinstance(user, dict)] if isinstance(listed, list) else []
        found = find(root / "submission", chapters)
    except (OSError, ValueError, AttributeError, RecursionError, MemoryError) as error:
        raise IntakeError(
            say("{path}: this is not Gradescope's folder: {error}", path=str(root), error=str(error))
        ) from error
    addresses = tuple(_text(user.get("email") or user.get("id")) for user in users)
    number = _text(metadata.get("id"))
    return Submission(
        id=number or "submission",
        student=addresses[0] if addresses else number or "submission",
        name=", ".join(_text(user.get("name")) for user in users),
        members=addresses,
        folder=found.folder,
        package=found.package,
        modules=found.modules,
        submitted=_time(metadata.get("created_at")),
        account=number,
        notes=found.notes,
    )


def _text(value: object) -> str:
    """A value as text that can be written down: JSON may escape half a surrogate pair."""
    return str(value or "").encode("utf-8", "replace").decode()


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None

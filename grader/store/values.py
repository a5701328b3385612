"""Keeps values in files: answer keys, and the values of misconceptions.

Each file begins with a digest of the rest: a key with one wrong bit would be wrong for a whole class.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.files import write_whole
from grader.language.catalogue import default_language
from grader.language.speak import speak
from grader.nouns.text import say
from grader.sandbox import wire

_log = logging.getLogger(__name__)


def default_store() -> Path:
    """Return the folder for answer keys: below $GRADER_CACHE, else in the user's cache folder."""
    if folder := os.environ.get("GRADER_CACHE"):
        return Path(folder) / "keys"
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path(_home()) / ".cache"
    return Path(base) / "llm-homework-grader" / "keys"


def _home() -> str:
    """The user's folder; where a user has none, as in some containers, one that nothing can be kept in."""
    try:
        return str(Path.home())
    except RuntimeError:
        return os.devnull


def read_values(file: Path) -> dict[str, Any] | None:
    """Read values from a file; None where there is no file, or where it is damaged, which is said."""
    try:
        kept = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    head, body = kept[: hashlib.sha256().digest_size], kept[hashlib.sha256().digest_size :]
    value: object = None
    if head == hashlib.sha256(body).digest():
        try:
            value = wire.decode(body, bounds=wire.OWN)
        except wire.WireError:
            value = None
    if isinstance(value, dict):
        return dict(value)
    message = say("{file}: damaged, or written by another version of the grader; computed anew", file=str(file))
    _log.warning("%s", speak(message, default_language()))
    return None


def write_values(file: Path, values: Mapping[str, Any]) -> None:
    """Write values to a file with their digest, whole or not at all; where that cannot be, it is said."""
    body = wire.encode(dict(values))
    try:
        write_whole(file, hashlib.sha256(body).digest() + body)
    except OSError as error:
        message = say("{file}: cannot be written ({error}); computed anew each time", file=str(file),
                      error=str(error.strerror))  # fmt: skip
        _log.warning("%s", speak(message, default_language()))

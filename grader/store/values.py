"""Keeps values in files: answer keys, and the values of misconceptions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.files import write_whole
from grader.sandbox import wire


def default_store() -> Path:
    """Return the folder for answer keys: below $GRADER_CACHE, else in the user's cache folder."""
    if folder := os.environ.get("GRADER_CACHE"):
        return Path(folder) / "keys"
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "llm-homework-grader" / "keys"


def read_values(file: Path) -> dict[str, Any] | None:
    """Read values from a file; None where there is no file, or where it is damaged."""
    try:
        body = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        value = wire.decode(body, bounds=wire.OWN)
    except wire.WireError:
        return None
    return dict(value) if isinstance(value, dict) else None


def write_values(file: Path, values: Mapping[str, Any]) -> None:
    """Write values to a file, whole or not at all."""
    write_whole(file, wire.encode(dict(values)))

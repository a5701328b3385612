"""Values kept in files by content hash: answer keys and what misconceptions give."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.files import write_whole
from grader.sandbox import wire


def default_store() -> Path:
    """Where keys are kept: $GRADER_CACHE, else the user's cache folder."""
    if folder := os.environ.get("GRADER_CACHE"):
        return Path(folder) / "keys"
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "llm-homework-grader" / "keys"


def read_values(file: Path) -> dict[str, Any] | None:
    """Values kept in a file; None where there are none, or where a killed process left half a file."""
    try:
        body = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        value = wire.decode(body)
    except wire.WireError:
        return None
    return dict(value) if isinstance(value, dict) else None


def write_values(file: Path, values: Mapping[str, Any]) -> None:
    """Keep values in a file, whole or not at all."""
    write_whole(file, wire.encode(dict(values)))

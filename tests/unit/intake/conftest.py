"""Folders as students hand them in."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import CHAPTERS, zipped


@pytest.fixture
def chapters() -> dict[str, str]:
    return dict(CHAPTERS)


@pytest.fixture
def put(tmp_path: Path):
    """Write files below a folder `class`: bytes, or a dict for a zip."""

    def write(files: dict[str, bytes | dict[str, bytes]]) -> Path:
        root = tmp_path / "class"
        for name, body in files.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(zipped(body) if isinstance(body, dict) else body)
        return root

    return write

"""What all tests share: where the course is, and a key store that lives as long as the test session."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def assignments() -> Path:
    """The course that the repository carries."""
    return ROOT / "assignments"


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests never read or write the user's own key store."""
    import os

    os.environ["GRADER_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    os.environ.pop("GRADER_SECRET", None)
    os.environ.pop("GRADER_SECRET_FILE", None)

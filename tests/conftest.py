"""What all tests share: where the course is, and a key store that lives as long as the test session."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from support.command_line import CommandLine

# The same examples in every run, and no deadline: a busy machine must not fail a suite. Look for new examples with
# `pytest --hypothesis-profile default`.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

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
    """Tests never read or write the user's own key store; the processes of one test run share theirs."""
    import os

    base = tmp_path_factory.getbasetemp()
    shared = base.parent / "cache" if "PYTEST_XDIST_WORKER" in os.environ else base / "cache"
    shared.mkdir(exist_ok=True)
    os.environ["GRADER_CACHE"] = str(shared)
    os.environ["GRADER_KEEP_WARM"] = "0"  # nothing goes on after a test
    os.environ.pop("GRADER_SECRET", None)
    os.environ.pop("GRADER_SECRET_FILE", None)


@pytest.fixture(scope="session")
def grader() -> CommandLine:
    """The command line: call it, or make a process of it."""
    return CommandLine()


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A copy of the small sound course in `courses/toy`, to grade with or to spoil: what holds `assignments`."""
    shutil.copytree(ROOT / "tests/courses/toy", tmp_path, dirs_exist_ok=True)
    return tmp_path

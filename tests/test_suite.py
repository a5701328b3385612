"""The suite itself: what it leaves out is said, and how to have it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.left_out import SLOW

TESTS = """
import pytest
from support.left_out import NO_BROWSER, lacking

@pytest.mark.skipif(True, reason=NO_BROWSER)
@pytest.mark.parametrize("number", range(3))
def test_page(number): pass

def test_network(): pytest.skip(lacking("a network", "plug it in"))

@pytest.mark.real
def test_real(): pass

def test_that_runs(): pass
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "pytest-xdist"])
def test_what_is_left_out_is_said_with_how_to_have_it(root: Path, tmp_path: Path, workers: list[str]) -> None:
    """A line a reason with its number of tests and the command to run, the same from workers."""
    (tmp_path / "conftest.py").write_text((root / "tests/conftest.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_of_all_kinds.py").write_text(TESTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-c", root / "pyproject.toml", "--rootdir", tmp_path, *workers, tmp_path]
    env = {**os.environ, "PYTHONPATH": str(root / "tests")}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [" ".join(line.split()) for line in done.stdout.partition("left out")[2].splitlines()]
    assert "3 Chromium is not installed make browser" in said
    assert "1 a network plug it in" in said
    assert "1 tests on a real model make test-real" in said


def test_quick_imports_nothing_that_is_slow(root: Path) -> None:
    """Neither torch nor a slow folder is imported to collect them; each slow place exists."""
    assert [place for place in SLOW if not (root / "tests" / place).exists()] == []
    code = (
        "import sys, pytest\n"
        "class Seen:\n"
        "    def pytest_collection_finish(self, session):\n"
        "        heavy = sorted({'torch', 'transformers', 'attack'} & set(sys.modules))\n"
        "        print('collected', len(session.items), heavy)\n"
        "sys.exit(pytest.main(['--collect-only', '-qq', '-m', 'not slow and not real'], plugins=[Seen()]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("collected"))
    assert line.endswith(" []"), line
    assert "folders and files of slow tests" in done.stdout

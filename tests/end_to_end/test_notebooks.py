"""A notebook handed in instead of a module, from the command line to the report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4


def check(toy: Path, path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", "check", str(path), "--course", str(toy / "assignments"), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def handed_in(toy: Path, *cells: Any) -> Path:
    folder = toy / "mine"
    folder.mkdir(exist_ok=True)
    nodes = [v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(v4.new_notebook(cells=nodes), folder / "toy.ipynb")
    return folder


def test_a_notebook_is_graded_like_a_module(toy: Path) -> None:
    """Magics, a failing scratch cell and an answer in markdown: full marks, and a note for what was passed over."""
    folder = handed_in(
        toy,
        "%matplotlib inline\n!pip install torch\nimport math",
        "def log_sum(numbers):\n    return sum(map(math.log, numbers))\n\nlog_sum(undefined)",
        v4.new_markdown_cell("## 为什么 Why\n> Explain.\n\n稳定"),
    )
    done = check(toy, folder, "--json", "--lang", "en")
    report = json.loads(done.stdout)
    assert (done.returncode, report["score"]) == (0, 15), done.stdout
    notes = " ".join(report["notes"])
    assert "toy.ipynb, cell 2, line 4 failed and was passed over: NameError" in notes
    assert "left out (cells 1)" in notes


def test_an_error_is_said_with_its_cell(toy: Path) -> None:
    """Traceback, file and line are those of the cell; nothing of the grader's own module is shown."""
    folder = handed_in(toy, "import math", "def log_sum(numbers):\n    return numbers / 0")
    done = check(toy, folder, "--lang", "en")
    assert 'File "toy.ipynb:cell 2", line 2, in log_sum' in done.stdout
    assert "grader_notebook_cells" not in done.stdout


def test_a_broken_notebook_is_the_students_fault(toy: Path) -> None:
    """0 points with the reason and what to do, not an error of the grader."""
    folder = handed_in(toy)
    (folder / "toy.ipynb").write_text('{"nbformat": 4, "cells": [')
    done = check(toy, folder, "--lang", "en")
    assert done.returncode == 1
    assert "toy.ipynb cannot be read as a notebook: its JSON is broken at line 1" in " ".join(done.stdout.split())


def test_of_module_and_notebook_the_one_with_less_left_to_write_counts(toy: Path) -> None:
    """A template left untouched beside the real work is not what is graded, and the choice is said."""
    folder = handed_in(toy, "import math\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))")
    (folder / "toy.py").write_text((toy / "submissions_template/toy.py").read_text())
    report = json.loads(check(toy, folder, "--json", "--lang", "en").stdout)
    assert report["score"] == 10
    assert report["notes"][0] == "both toy.ipynb and toy.py are here: toy.ipynb counts, with less left to write"

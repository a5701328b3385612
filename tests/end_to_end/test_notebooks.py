"""A notebook handed in instead of a module, from the command line to the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4
from support.command_line import CommandLine, Done

pytestmark = pytest.mark.usefixtures("kept_warm")

Check = Callable[..., Done]


@pytest.fixture
def check(grader: CommandLine, toy: Path) -> Check:
    """Runs `grader check` on a folder, for the toy course."""
    return lambda path, *words: grader("check", path, "--course", toy / "assignments", *words)


def handed_in(toy: Path, *cells: Any) -> Path:
    folder = toy / "mine"
    folder.mkdir(exist_ok=True)
    nodes = [v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(v4.new_notebook(cells=nodes), folder / "toy.ipynb")
    return folder


def test_a_notebook_is_graded_like_a_module(check: Check, toy: Path) -> None:
    """Magics, a failing scratch cell and an answer in markdown: full marks, and a note for what was passed over."""
    folder = handed_in(
        toy,
        "%matplotlib inline\n!pip install torch\nimport math",
        "def log_sum(numbers):\n    return sum(map(math.log, numbers))\n\nlog_sum(undefined)",
        v4.new_markdown_cell("## 为什么 Why\n> Explain.\n\n稳定"),
    )
    done = check(folder, "--json", "--lang", "en")
    report = json.loads(done.stdout)
    assert (done.returncode, report["score"]) == (0, 10), done.stdout
    notes = " ".join(report["notes"])
    assert "toy.ipynb, cell 2, line 4 failed and was passed over: NameError" in notes
    assert "left out (cells 1)" in notes


def test_an_error_is_said_with_its_cell(check: Check, toy: Path) -> None:
    """Traceback, file and line are those of the cell; nothing of the grader's own module is shown."""
    folder = handed_in(toy, "import math", "def log_sum(numbers):\n    return numbers / 0")
    done = check(folder, "--lang", "en")
    assert 'File "toy.ipynb:cell 2", line 2, in log_sum' in done.stdout
    assert "grader_notebook_cells" not in done.stdout


def test_a_broken_notebook_is_the_students_fault(check: Check, toy: Path) -> None:
    """0 points with the reason and what to do, not an error of the grader."""
    folder = handed_in(toy)
    (folder / "toy.ipynb").write_text('{"nbformat": 4, "cells": [')
    done = check(folder, "--lang", "en")
    assert done.returncode == 1
    assert "toy.ipynb cannot be read as a notebook: its JSON is broken at line 1" in " ".join(done.stdout.split())


def test_of_module_and_notebook_the_one_with_less_left_to_write_counts(check: Check, toy: Path) -> None:
    """A template left untouched beside the real work is not what is graded, and the choice is said."""
    folder = handed_in(toy, "import math\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))")
    (folder / "toy.py").write_text((toy / "submissions_template/toy.py").read_text())
    report = json.loads(check(folder, "--json", "--lang", "en").stdout)
    assert report["score"] == 10
    assert report["notes"][0] == "both toy.ipynb and toy.py are here: toy.ipynb counts, with less left to write"

"""The Gradescope autograder, run by its own scripts in a folder laid out as Gradescope's `/autograder`."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine

METADATA = {
    "id": 4711,
    "created_at": "2026-03-01T10:00:00.000000-08:00",
    "assignment": {"due_date": "2026-03-02T10:00:00.000000-08:00", "group_size": 1, "total_points": "15.0"},
    "users": [{"email": "ann@example.org", "id": 1, "name": "Ann"}],
    "previous_submissions": [],
}
SECRET = "of-the-course"


@pytest.fixture(scope="module")
def zipped(grader: CommandLine, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of the toy course."""
    base = tmp_path_factory.mktemp("gradescope")
    shutil.copytree(root / "tests/courses/toy", base / "toy")
    zipped = base / "out" / "autograder.zip"
    words = ("release", "--course", base / "toy/assignments", "--allow-level", "1", "--gradescope", zipped)
    done = grader(*words, env={"GRADER_SECRET": SECRET})
    assert done.returncode == 0, done.stderr
    return zipped


@pytest.fixture
def container(zipped: Path, tmp_path: Path) -> Path:
    """`/autograder` as Gradescope makes it: the zip unpacked in `source/`, scripts executable, empty results."""
    root = tmp_path / "autograder"
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(root / "source")
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert all(modes[name] & stat.S_IXUSR for name in ("setup.sh", "run_autograder"))
    for name in ("submission", "results"):
        (root / name).mkdir()
    (root / "submission_metadata.json").write_text(json.dumps(METADATA))
    return root


def script(root: Path, name: str) -> subprocess.CompletedProcess[str]:
    """One of the zip's scripts, with a Python in which the zip's grader and its dependencies are installed."""
    if not (root / "venv").exists():
        venv.create(root / "venv", symlinks=True, with_pip=False)
        (packages,) = (root / "venv").glob("lib/python*/site-packages")
        shared = [path for path in sys.path if "site-packages" in path]
        (packages / "installed.pth").write_text("\n".join([str(root / "source"), *shared]))
    environment = {
        "PATH": os.environ["PATH"],
        "AUTOGRADER_ROOT": str(root),
        "GRADER_PYTHON": str(root / "venv/bin/python"),
        "LANG": "C.UTF-8",
    }
    command = ["bash", root / "source" / name]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)


def results(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "results/results.json").read_text(encoding="utf-8")))


def test_the_container_is_set_up_and_grades_a_submission(container: Path) -> None:
    """`setup.sh` ends well; `run_autograder` writes results.json with a test a question, hidden cases among them."""
    done = script(container, "setup.sh")
    assert done.returncode == 0, done.stderr
    work = 'import math\nANSWERS = {"why": "稳定"}\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'
    (container / "submission/toy.py").write_text(work, encoding="utf-8")
    done = script(container, "run_autograder")
    assert done.returncode == 0, done.stdout + done.stderr
    found = results(container)
    assert found["score"] == 10
    assert [(test["score"], test["max_score"]) for test in found["tests"]] == [(10, 10), (0, 5)]
    assert found["extra_data"]["submission"] == "4711"
    assert (container / "source/secret").read_text() == SECRET


def test_wrong_work_shows_its_diagnosis_and_no_hidden_input(container: Path) -> None:
    """Marks are lost with a reason; inputs of hidden cases are not in what students see."""
    work = "import math\ndef log_sum(numbers):\n    print(numbers)\n    return sum(map(math.log2, numbers))\n"
    (container / "submission/toy.py").write_text(work, encoding="utf-8")
    script(container, "run_autograder")
    text = json.dumps(results(container), ensure_ascii=False)
    assert "You used log base 2." in text
    assert "0.5" not in text
    assert "3.5, 3.0" not in text


def test_a_submission_without_the_file_earns_nothing(container: Path) -> None:
    """Something else was handed in: 0 points and the name of the file that is missing, not a failed container."""
    (container / "submission/notes.txt").write_text("hello")
    done = script(container, "run_autograder")
    assert done.returncode == 0, done.stderr
    assert results(container)["score"] == 0
    assert "toy.py" in json.dumps(results(container))


def test_a_grader_that_cannot_work_gives_no_mark(container: Path) -> None:
    """A broken course: results.json says so to the student, without a score, and the reason is for the staff."""
    (container / "source/assignments/course.yaml").write_text("id: 7\n")
    done = script(container, "run_autograder")
    assert done.returncode == 2
    assert "score" not in results(container)
    assert "course.yaml" in done.stderr

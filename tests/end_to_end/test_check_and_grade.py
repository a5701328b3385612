"""The command line on a small course: real sandboxes, real files, what a person reads."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import CommandLine, Done

RIGHT = 'import math\nANSWERS = {"why": "稳定"}\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'

pytestmark = pytest.mark.usefixtures("kept_warm")

Run = Callable[..., Done]


@pytest.fixture
def run(grader: CommandLine, toy: Path) -> Run:
    """Runs a command on the toy course."""
    return lambda *words: grader(*words, "--course", toy / "assignments")


def work(toy: Path, name: str, source: str) -> Path:
    folder = toy / "class" / name
    folder.mkdir(parents=True)
    (folder / "toy.py").write_text(source, encoding="utf-8")
    return folder


def test_right_work_is_full_and_exits_0(run: Run, toy: Path) -> None:
    """Full marks but for free text, which waits for a person: exit code 0."""
    done = run("check", str(work(toy, "right", RIGHT)), "--lang", "en")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 / 10" in done.stdout
    assert "(not marked yet: 1)" in done.stdout


def test_the_untouched_template_earns_nothing(run: Run, toy: Path) -> None:
    """0 points, every function "not implemented yet", exit code 1."""
    done = run("check", str(toy / "submissions_template" / "toy.py"), "--lang", "en")
    assert done.returncode == 1
    assert "total  0 / 15" in done.stdout
    assert "not implemented yet" in done.stdout


def test_a_wrong_answer_gets_its_diagnosis_and_keeps_the_truth_hidden(run: Run, toy: Path) -> None:
    """Log base 2 is named as such in both languages; the expected value is nowhere in the output."""
    folder = work(toy, "log2", RIGHT.replace("math.log,", "math.log2,"))
    for lang, words in (("en", "You used log base 2."), ("zh", "用了以 2 为底的对数。")):
        done = run("check", str(folder), "--lang", lang)
        assert done.returncode == 1
        assert words in done.stdout
        assert "2.197" not in done.stdout


def test_an_error_shows_the_students_own_frames_only(run: Run, toy: Path) -> None:
    """File, line and traceback are the student's; no frame of the grader is shown."""
    source = "def helper(x):\n    return 1 / 0\ndef log_sum(numbers):\n    return helper(numbers)\n"
    done = run("check", str(work(toy, "error", source)), "--lang", "en")
    assert "ZeroDivisionError" in done.stdout
    assert "toy.py" in done.stdout
    assert "line 2" in done.stdout
    assert "grader/" not in done.stdout


def test_one_question_alone(run: Run, toy: Path) -> None:
    """`--question` grades only that question; an unknown one is a usage error that lists the known."""
    folder = str(work(toy, "right", RIGHT))
    done = run("check", folder, "--question", "log_sum", "--json")
    (chapter,) = json.loads(done.stdout)["chapters"]
    assert [question["id"] for question in chapter["questions"]] == ["log_sum"]
    assert done.returncode == 0
    done = run("check", folder, "--question", "log_sums")
    assert done.returncode == 2
    assert "log_sum" in done.stderr


def test_a_class_is_graded_and_written_down(run: Run, toy: Path) -> None:
    """Reports and scores are files; a broken neighbour changes nothing for the others; exit code 0."""
    work(toy, "ann", RIGHT)
    work(toy, "bob", RIGHT.replace("math.log,", "math.log10,"))
    work(toy, "eve", "import os\nos._exit(0)\n")
    out = toy / "out"
    done = run(
        "grade", toy / "class", "--out", out, "--jobs", "2", "--lang", "en", "--allow-level", "1", "--public-secret"
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "reports" / "ann.json").read_text(encoding="utf-8"))
    assert (report["score"], report["max_score"]) == (10, 15)
    assert {case["id"] for case in report["chapters"][0]["questions"][0]["cases"] if case["hidden"]} <= {
        "hidden-1",
        "hidden-2",
        "hidden-3",
    }
    with (out / "scores.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["submission"]: float(row["score"]) for row in csv.DictReader(stream)}
    assert rows == {"ann": 10, "bob": 0, "eve": 0}


def test_hidden_inputs_are_in_no_report(run: Run, toy: Path) -> None:
    """A report names hidden cases by id only."""
    work(toy, "bob", RIGHT.replace("math.log,", "math.log10,"))
    out = toy / "out"
    run("grade", str(toy / "class"), "--out", str(out), "--lang", "en", "--allow-level", "1", "--public-secret")
    report = json.loads((out / "reports" / "bob.json").read_text(encoding="utf-8"))
    for case in report["chapters"][0]["questions"][0]["cases"]:
        assert bool(case["inputs"]) is not case["hidden"]


def test_a_broken_reference_is_the_staffs_error(run: Run, toy: Path) -> None:
    """The reference raising ends the run with exit code 2 and its traceback, before any submission is blamed."""
    (toy / "reference/toy/solution.py").write_text("def log_sum(numbers):\n    raise ValueError('oops')\n")
    done = run("check", str(work(toy, "right", RIGHT)))
    assert done.returncode == 2
    assert "toy/log_sum" in done.stderr
    assert "ValueError: oops" in done.stderr


def test_a_key_is_recomputed_when_its_inputs_change(run: Run, toy: Path) -> None:
    """A changed reference is never graded with the old key."""
    folder = str(work(toy, "right", RIGHT))
    assert run("check", folder).returncode == 0
    solution = toy / "reference/toy/solution.py"
    solution.write_text(solution.read_text(encoding="utf-8").replace("total = 0.0", "total = 1.0"), encoding="utf-8")
    assert run("check", folder).returncode == 1


def test_a_key_can_be_shown_and_verified(run: Run, toy: Path) -> None:
    """`grader key` prints inputs and truth; `--verify` finds a tampered store."""
    document = json.loads(run("key").stdout)
    assert document["toy"]["log_sum"]["public-1"]["expected"] == pytest.approx(2.1972245773)
    assert run("key", "--verify").returncode == 0


def test_nothing_to_check_says_what_is_wanted(run: Run, toy: Path) -> None:
    """A folder without work: exit code 2 and the file names that were looked for."""
    (toy / "empty").mkdir()
    done = run("check", str(toy / "empty"))
    assert done.returncode == 2
    assert "toy.py" in done.stderr


def test_an_export_says_what_nobody_has_marked_yet(grader: CommandLine, toy: Path, tmp_path: Path) -> None:
    """On standard error, so that the file stays as it is; nothing is said once a person has marked it."""
    work = toy / "class/ann"
    work.mkdir(parents=True)
    (work / "toy.py").write_text('ANSWERS = {"why": "稳定"}\ndef log_sum(numbers): return 0\n', encoding="utf-8")
    course, out = ("--course", toy / "assignments"), tmp_path / "out"
    grader("grade", toy / "class", "--out", out, "--public-secret", "--allow-level", 1, *course)
    done = grader("report", out, "--format", "canvas", "--lang", "en", *course)
    assert "not marked yet: 1 questions of 1 people" in done.stderr
    grader("override", out, "ann", "toy/why", "4", "--reason", "clear", *course)
    grader("rescore", out, *course)
    assert "not marked" not in grader("report", out, "--format", "canvas", "--lang", "en", *course).stderr

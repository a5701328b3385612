"""The student kit: what is in it, what is not, and that it works where nothing else is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from support.command_line import CommandLine

SECRET = "a-secret-of-the-course-team"
RIGHT = (
    'import math\nANSWERS = {"why": "x", "which": "A"}\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'
)
CHOICE = """\
- id: which
  title: {zh: 哪个, en: Which}
  points: 1
  answer: which
  choose: {A: {zh: 甲, en: a}, B: {zh: 乙, en: b}}
  compare: {choice: {}}
- id: measured
  title: {zh: 测量, en: Measured}
  points: 1
  call: measured()
  returns: {type: number}
  measure: figure
  compare: {bars: {figure: {at_least: 1.0}}}
"""


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(grader: CommandLine) -> Run:
    """A command in a folder, with an environment of its own: no home, no proxy, nothing of this session but the path.

    `options` are those of `CommandLine.process`; an `env` among them is added.
    """

    def start(*words: object, cwd: Path, env: Mapping[str, str] = MappingProxyType({}), **options: Any):
        clean = {"PATH": os.environ["PATH"], "HOME": str(cwd / "nobody"), "PYTHONUTF8": "1", "GRADER_KEEP_WARM": "0"}
        return grader.process(*words, cwd=cwd, env={**clean, **env}, **options)

    return start


@pytest.fixture(scope="module")
def released(run: Run) -> Callable[..., Path]:
    """Makes the kit of a course."""

    def release(course: Path, out: Path, *words: str) -> Path:
        env = {"GRADER_SECRET": SECRET, "GRADER_CACHE": os.environ["GRADER_CACHE"]}
        done = run("release", "--course", course / "assignments", "--out", out, *words, cwd=course, env=env)
        assert done.returncode == 0, done.stderr
        return out

    return release


@pytest.fixture(scope="module")
def kit_as_released(released: Callable[..., Path], root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit of a small course that has a choice and a measured question too."""
    toy = tmp_path_factory.mktemp("kit") / "toy"
    shutil.copytree(root / "tests/courses/toy", toy)
    spec = toy / "assignments/toy/assignment.yaml"
    spec.write_text(spec.read_text(encoding="utf-8") + CHOICE, encoding="utf-8")
    solution = toy / "reference/toy/solution.py"
    solution.write_text(
        solution.read_text("utf-8").replace('"it is stable"}', '"it is stable", "which": "B"}'), "utf-8"
    )
    (toy / "reference/toy/measures.py").write_text("def figure(value):\n    return {'figure': value}\n")
    return released(toy, toy / "kit")


@pytest.fixture
def kit(kit_as_released: Path, tmp_path: Path) -> Path:
    """A copy of it, to work in."""
    return shutil.copytree(kit_as_released, tmp_path / "toy/kit")


@pytest.fixture
def offline() -> list[str]:
    """The words in front of a command that take the network away; none where this machine cannot."""
    words = ["unshare", "--net"]
    able = (
        shutil.which("unshare") and subprocess.run([*words, "true"], check=False, capture_output=True).returncode == 0
    )
    return words if able else []


def test_the_kit_holds_what_students_need(kit: Path) -> None:
    """Work, handouts in both languages, specs, frozen keys, the grader, how to install it, a README."""
    files = {path.relative_to(kit).as_posix() for path in kit.rglob("*") if path.is_file()}
    assert {
        "README.md",
        "pyproject.toml",
        "work/toy.py",
        "assignments/course.yaml",
        "assignments/toy/assignment.yaml",
        "assignments/toy/public.key",
        "assignments/toy/handout.zh.md",
        "assignments/toy/handout.en.md",
        "grader/__main__.py",
        "grader/language/zh/LC_MESSAGES/grader.mo",
    } <= files


NEVER = {
    "reference": "total = total + math.log",
    "reference answer": "it is stable",
    "misconception source": "math.prod(numbers)",
    "misconception function": "log_sum__",
    "measure": "def figure",
    "hidden input": "3.5",
    "hidden pool in a spec": "hidden:",
    "hidden case in a key": "hidden-1",
    "rubric": "稳定",
    "patterns of a rubric": "mentions:",
    "secret": SECRET,
}


def test_the_kit_holds_nothing_that_is_not_for_students(kit: Path) -> None:
    """No file outside the grader's own code holds any of it, packed or not; the secret is nowhere at all."""
    for file in (path for path in kit.rglob("*") if path.is_file()):
        body = zlib.decompress(file.read_bytes()) if file.suffix == ".key" else file.read_bytes()
        never = {"secret": SECRET} if file.is_relative_to(kit / "grader") else NEVER
        found = [what for what, needle in never.items() if needle.encode() in body]
        assert found == [], file
    names = {path.name for path in kit.rglob("*") if not path.is_relative_to(kit / "grader")}
    assert not names & {"reference", "solution.py", "misconceptions.py", "measures.py", "inputs", "secret"}


def test_a_new_student_checks_offline_from_an_empty_folder(run: Run, kit: Path, offline: list[str]) -> None:
    """Untouched: 0 points and exit code 1. Filled in: full marks; what only the course can judge waits."""
    done = run("check", "--lang", "en", cwd=kit, before=offline)
    assert done.returncode == 1, done.stderr
    assert "not implemented yet" in done.stdout
    (kit / "work/toy.py").write_text(RIGHT + "def measured():\n    return 0.5\n", encoding="utf-8")
    done = run("check", "--lang", "en", cwd=kit, before=offline)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 / 10" in done.stdout
    assert done.stdout.count("your answer has the right form; it is judged after you hand it in") == 3


def test_a_wrong_answer_is_diagnosed_without_the_reference(run: Run, kit: Path) -> None:
    """The frozen misconceptions name the mistake in the student's language; the true value is not shown."""
    (kit / "work/toy.py").write_text(RIGHT.replace("math.log,", "math.log2,"), encoding="utf-8")
    for language, words in (("en", "You used log base 2."), ("zh", "用了以 2 为底的对数。")):
        done = run("check", "--lang", language, cwd=kit)
        assert done.returncode == 1
        assert words in done.stdout
        assert "2.197" not in done.stdout


def test_a_kit_that_was_changed_says_so(run: Run, kit: Path) -> None:
    """A key for another question, or a damaged one: exit code 2 and what to do."""
    spec = kit / "assignments/toy/assignment.yaml"
    document = yaml.safe_load(spec.read_text(encoding="utf-8"))
    document["questions"][0]["cases"]["public"] = [{"numbers": [1.0]}]
    spec.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    done = run("check", "--lang", "en", cwd=kit)
    assert done.returncode == 2
    assert "made for another version of this question" in done.stderr
    (kit / "assignments/toy/public.key").write_bytes(b"x")
    done = run("check", "--lang", "en", cwd=kit)
    assert done.returncode == 2
    assert "take it anew from the kit" in done.stderr


def test_a_question_that_students_cannot_check_is_refused(run: Run, toy: Path) -> None:
    """A question with hidden cases only: the author is told, exit code 2."""
    spec = toy / "assignments/toy/assignment.yaml"
    spec.write_text(spec.read_text("utf-8").replace("    public: [{numbers: [1.5, 2.0, 3.0]}]\n", ""), "utf-8")
    done = run("release", "--out", toy / "kit", cwd=toy)
    assert done.returncode == 2
    assert "questions.log_sum.cases: has only hidden cases" in done.stderr


FOREIGN = """\
import os, sys
import psutil, sysconfig, urllib.request
sysconfig.get_config_vars()
class Posix:
    def find_spec(self, name, path=None, target=None):
        if name in ("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty"):
            raise ImportError("not on this system: " + name)
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty"):
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Posix())
for name in ("fork", "forkpty", "setsid", "setrlimit", "getuid", "geteuid", "wait4"):
    if hasattr(os, name):
        delattr(os, name)
if os.environ.get("PRETEND"):
    sys.platform = os.environ["PRETEND"]
"""


@pytest.fixture
def foreign_python(tmp_path: Path) -> Path:
    """A Python that starts every process, the grader's children too, without what only POSIX has."""
    venv.create(tmp_path / "foreign", symlinks=True, with_pip=False)
    (packages,) = (tmp_path / "foreign").glob("lib/python*/site-packages")
    shared = [path for path in sys.path if "site-packages" in path]
    (packages / "a_shared.pth").write_text("\n".join([str(tmp_path / "kit"), *shared]))  # as if it were installed
    (packages / "foreign_start.py").write_text(FOREIGN)
    (packages / "b_foreign.pth").write_text("import foreign_start\n")
    return tmp_path / "foreign/bin/python"


def test_a_real_chapter_is_checked_without_anything_that_only_posix_has(
    run: Run, released: Callable[..., Path], root: Path, tmp_path: Path, foreign_python: Path, offline: list[str]
) -> None:
    """No fork, no fcntl, resource or pwd: the one-shot backend grades chapter 1 from its kit, with no network."""
    kit = released(root, tmp_path / "kit", "--chapter", "ch01")
    shutil.copyfile(root / "reference/ch01_overview/solution.py", kit / "work/ch01_overview.py")
    words = ("check", "--lang", "en", "--question", "greedy_search")
    done = run(*words, cwd=kit, before=offline, python=foreign_python, env={"PRETEND": "darwin"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "35 / 35" in done.stdout
    assert "isolation level 1" in done.stdout

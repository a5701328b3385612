"""What a person sees of isolation: the doctor's lines, the refusal below level 2, the same report twice."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine
from support.left_out import need_level

RIGHT = 'import math\nANSWERS = {"why": "稳定"}\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'

# Runs the command line as on a kernel that has no Landlock: its system call, 444 everywhere, is unknown.
WITHOUT_LANDLOCK = """
import ctypes, struct, sys
lines = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7FFF0000)]
packed = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
header = struct.pack("@HP", len(lines), ctypes.addressof(packed))
assert libc.prctl(22, 2, header, 0, 0) == 0
from grader.cli import main
main()
"""


@pytest.fixture
def level_two() -> None:
    """This machine reaches level 2 in the first place."""
    need_level(2)


needs_two = pytest.mark.usefixtures("level_two")


@pytest.fixture
def work(toy: Path) -> Path:
    """A class of one, with right work."""
    folder = toy / "class" / "ann"
    folder.mkdir(parents=True)
    (folder / "toy.py").write_text(RIGHT, encoding="utf-8")
    return folder.parent


@needs_two
def test_the_doctor_says_line_by_line_what_was_tried(grader: CommandLine) -> None:
    """Every level with its checks, marked; the exit code says whether a class can be graded here."""
    done = grader("doctor", "--lang", "en")
    assert done.returncode == 0, done.stdout
    two = done.stdout.partition("level 2: fork-server: reached")[2].partition("level 1")[0]
    for line in ("honest control", "memory limit", "files outside unreadable", "network unreachable"):
        assert f"✓ {line}" in two
    assert "✗ files outside unreadable  not stopped (returned)" in done.stdout.partition("level 1")[2]


@needs_two
def test_the_doctor_says_what_is_missing(grader: CommandLine) -> None:
    """On a kernel without Landlock: level 1, the exit code 1, and what to do."""
    done = grader.process("doctor", "--lang", "en", code=WITHOUT_LANDLOCK)
    assert done.returncode == 1, done.stdout
    assert "level 2: fork-server: not reached" in done.stdout
    assert "Landlock is missing: use Linux 5.13 or newer" in " ".join(done.stdout.split())


@needs_two
@pytest.mark.parametrize("command", ["grade", "ci"])
def test_other_peoples_code_is_refused_below_level_two(
    grader: CommandLine, toy: Path, work: Path, command: str
) -> None:
    """Nothing is graded, the message says how; when allowed in so many words it runs, and the report says the level."""
    out, course = toy / "out", ("--course", toy / "assignments")
    where = work / "ann" if command == "ci" else work
    secret = ("--public-secret",) if command == "grade" else ()
    words = (command, where, "--out", out, *course, "--lang", "en", *secret)
    refused = grader.process(*words, code=WITHOUT_LANDLOCK)
    assert refused.returncode == 2
    assert "this machine reaches isolation level 1" in refused.stderr
    assert "--allow-level 1" in refused.stderr
    allowed = grader.process(*words, "--allow-level", "1", code=WITHOUT_LANDLOCK)
    assert allowed.returncode == 0, allowed.stderr
    (report,) = [*out.glob("reports/*.json"), *out.glob("report.json")]
    assert json.loads(report.read_text(encoding="utf-8"))["isolation"]["level"] == 1


@needs_two
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_a_check_of_somebody_elses_file_is_refused_below_level_two(grader: CommandLine, toy: Path, work: Path) -> None:
    """Who checks their own work accepts its risk; a file of another account is as in `grade`."""
    words = ("check", work / "ann", "--course", toy / "assignments", "--lang", "en", "--keep-warm", "0")
    assert "isolation level 1" in grader.process(*words, code=WITHOUT_LANDLOCK).stdout
    os.chown(work / "ann" / "toy.py", 65534, 65534)
    refused = grader.process(*words, code=WITHOUT_LANDLOCK)
    assert refused.returncode == 2
    assert "--allow-level 1" in refused.stderr
    assert "isolation level 1" in grader.process(*words, "--allow-level", "1", code=WITHOUT_LANDLOCK).stdout
    assert "isolation level" in grader.process(*words).stdout


def without_measurements(value: Any) -> Any:
    """A report without what was measured: time, memory."""
    if isinstance(value, dict):
        return {name: without_measurements(part) for name, part in value.items() if name != "usage"}
    return [without_measurements(part) for part in value] if isinstance(value, list) else value


def test_the_same_work_gives_the_same_report(grader: CommandLine, toy: Path, work: Path) -> None:
    """Random numbers, sets and all: two runs differ in nothing but times and memory."""
    (work / "ann" / "toy.py").write_text(
        f"{RIGHT}\nimport random\nprint(random.random(), set('abcdef'))\n"
        "def log_sum(numbers):\n    print(random.random())\n    return random.random()\n",
        encoding="utf-8",
    )
    words = ("check", work / "ann", "--course", toy / "assignments", "--json")
    one, other = (json.loads(grader(*words).stdout) for _ in range(2))
    assert without_measurements(one) == without_measurements(other)
    assert one["chapters"][0]["questions"][0]["cases"][0]["output"]

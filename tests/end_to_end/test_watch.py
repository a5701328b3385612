"""`grader check --watch`: a chapter is checked again whenever its file is saved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine

from grader.cli.watch import changes
from grader.nouns.submission import Submission

WRONG = "import math\ndef log_sum(numbers):\n    return sum(map(math.log2, numbers))\n"
PATIENCE = 120.0


@pytest.fixture
def watching(grader: CommandLine, toy: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A student at work: `grader check --watch` on a wrong answer, in a process of its own."""
    work = toy / "work"
    work.mkdir()
    (work / "toy.py").write_text(WRONG, encoding="utf-8")
    words = ("check", work, "--course", toy / "assignments", "--lang", "en", "--watch")
    with grader.start(*words, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        yield process, work / "toy.py"


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What is printed up to a line with some words; a test that waits in vain fails by the timer."""
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    text = ""
    try:
        for line in process.stdout or ():
            text += line
            if words in line:
                return text
    finally:
        timer.cancel()
    raise AssertionError(f"{words!r} did not come:\n{text}")


def test_saving_a_file_checks_it_again(watching: tuple[subprocess.Popen[str], Path]) -> None:
    """The first result, then one for each save, by the same warm process and within seconds; Ctrl-C ends it."""
    process, file = watching
    assert "You used log base 2" in read_until(process, "isolation level")
    time.sleep(0.5)
    started = time.monotonic()
    file.write_text(WRONG.replace("log2", "log"), encoding="utf-8")
    assert "10 / 10  correct" in read_until(process, "isolation level")
    assert time.monotonic() - started < 3 * slowness()
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 1  # the free text is still missing


def slowness() -> float:
    """How much slower than usual this machine is just now: starting a bare Python takes 0.05 seconds at rest."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-S", "-c", "pass"], check=True)
    return max(1.0, (time.monotonic() - started) / 0.05)


def test_only_the_saved_chapter_is_checked_but_a_shared_helper_concerns_all(tmp_path: Path) -> None:
    """A chapter's module or notebook is its own affair; another module may be imported by any."""
    for name in ("a.py", "b.py", "helper.py", "notes.txt"):
        (tmp_path / name).write_text("")
    seen = changes(Submission(id="s", student="s", folder=tmp_path, modules={"ch_a": "a.py", "ch_b": "b.py"}))
    for name, concerned in (
        ("a.py", {"ch_a"}),
        ("b.ipynb", {"ch_b"}),
        ("helper.py", {"ch_a", "ch_b"}),
    ):
        timers = [
            threading.Timer(0.5, (tmp_path / "notes.txt").write_text, [name]),
            threading.Timer(0.6, (tmp_path / name).write_text, [f"# {name}"]),
        ]
        for timer in timers:
            timer.start()
        assert next(seen) == concerned

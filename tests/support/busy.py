"""A machine that has other things to do, processes that are stopped and go on, and a class to grade meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

_SPIN = "while True: pass"
CHAPTER = """\
id: busy
title: {zh: 忙, en: Busy}
questions:
- id: work
  title: {zh: 计算, en: Work}
  points: 10
  call: work(n)
  cases: {public: [{n: 3}]}
  returns: {type: integer}
  compare: {exact: {}}
  limits: {wall: 4}
"""
WORK = """\
import time
def work(n):
    end = time.process_time() + 1.0
    while time.process_time() < end: pass
    return n * n
"""
MISCONCEPTION = '''\
def work__n(n):
    """zh: 没有平方。
    en: Not squared.
    """
    return n
'''
FILES = {
    "assignments/course.yaml": "id: busy\ntitle: {zh: 忙, en: Busy}\nchapters: [busy]\n",
    "assignments/busy/assignment.yaml": CHAPTER,
    "assignments/busy/handout.zh.md": "## 计算 {#work}\n",
    "assignments/busy/handout.en.md": "## Work {#work}\n",
    "reference/busy/solution.py": "def work(n):\n    return n * n\n",
    "reference/busy/misconceptions.py": MISCONCEPTION,
    "submissions_template/busy.py": "def work(n):\n    raise NotImplementedError\n",
}


@contextlib.contextmanager
def load(processes: int) -> Iterator[None]:
    """So many processes that do nothing but compute, each in a session, which some kernels share processors among."""
    command = [sys.executable, "-S", "-c", _SPIN]
    spinning = [subprocess.Popen(command, start_new_session=True) for _ in range(processes)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


@contextlib.contextmanager
def again_and_again(act: Callable[[], object], every: float) -> Iterator[None]:
    """Do something every so many seconds, in a thread."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(every):
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def freeze(process: psutil.Process, seconds: float) -> None:
    """Stop a process and all that it started, and let them go on again, as a suspended container does."""
    tree = [process, *process.children(recursive=True)]
    for number, pause in ((signal.SIGSTOP, seconds), (signal.SIGCONT, 0.0)):
        for each in tree:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each.pid, number)
        time.sleep(pause)


def write_class(top: Path, students: int) -> None:
    """The course, and a class of which one hand-in loops and one sleeps."""
    for name, text in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text, encoding="utf-8")
    wrong = {0: "def work(n):\n    while True: pass\n", 1: "import time\ndef work(n):\n    time.sleep(99)\n"}
    for number in range(students):
        folder = top / "class" / f"2023{number:03}"
        folder.mkdir(parents=True)
        (folder / "busy.py").write_text(f"# {number}\n{wrong.get(number, WORK)}", encoding="utf-8")


@contextlib.contextmanager
def graded(top: Path, out: Path, jobs: int) -> Iterator[subprocess.Popen[str]]:
    """A run of the command line over the class."""
    words = ["grade", top / "class", "--course", top / "assignments", "--out", out, "--jobs", jobs, "--lang", "en",
             "--public-secret"]  # fmt: skip
    command = [sys.executable, "-m", "grader", *map(str, words), "--allow-level", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        yield process


def scores(out: Path) -> bytes:
    """What is compared: everybody's marks, and every status."""
    return (out / "scores.csv").read_bytes()

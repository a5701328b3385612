"""A thousand submissions in one run, one in ten of them hanging, crashing or flooding.

Prints the time, the scores (right work full, broken work as it deserves), the grader's own memory at the start and at
the end, and what was left running. Exits with 1 when anything is not as it should be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from workload import ANSWERS, build_course

from grader.course.load import load_chapters, load_course
from grader.nouns.binding import ModelChoice
from grader.nouns.report import Report
from grader.nouns.submission import Submission
from grader.pipeline import Grading

BROKEN = (
    "while True: pass",
    "import time; time.sleep(1000)",
    "import os; os._exit(0)",
    "import ctypes; ctypes.string_at(8)",
    "kept = []\n    while True: kept.append(b'x' * (1 << 24))",
    "while True: print('spam' * 1000)",
    "import threading\n    while True: threading.Thread(target=print).start()",
    "return 'x' * 10**8",
    "import os\n    while True: open(f\"{os.environ['TMPDIR']}/{os.urandom(8).hex()}\", 'wb').write(b'x' * (1 << 20))",
    "raise KeyboardInterrupt",
)
"""What one submission in ten does in place of decoding."""


def write(folder: Path, number: int) -> str:
    """One submission; what its last question should become."""
    folder.mkdir()
    source = f"# student {number}\n{ANSWERS}"
    kind = "right"
    if number % 10 == 0:
        kind = BROKEN[number // 10 % len(BROKEN)]
        source += f"\ndef greedy(model, tokenizer, text):\n    {kind}\n"
    (folder / "ch01.py").write_text(source, encoding="utf-8")
    return kind


def main() -> None:
    """Grade them and check everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--level", type=int, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        course = load_course(build_course(top))
        spec = course.root / "ch01" / "assignment.yaml"
        spec.write_text(spec.read_text() + "  limits: {wall: 2, memory: 256MiB}\n")
        kinds = {f"s{number:04d}": write(top / f"s{number:04d}", number) for number in range(options.count)}
        sys.exit(grade(course, top, kinds, options.jobs, options.level))


def grade(course, top: Path, kinds: dict[str, str], jobs: int, level: int | None) -> int:
    """Grade, print, and say whether all is well (0) or not (1)."""
    this = psutil.Process()
    memory: list[int] = []
    wrong: list[str] = []
    statuses: Counter[str] = Counter()
    began = time.monotonic()
    with Grading(course, load_chapters(course), ModelChoice(), level=level, store=top / "store") as grading:

        def one(name: str) -> tuple[str, Report]:
            submission = Submission(id=name, student=name, folder=top / name, modules={"ch01": "ch01.py"})
            return name, grading.report(submission)

        with ThreadPoolExecutor(jobs) as pool:
            for done, (name, report) in enumerate(pool.map(one, kinds)):
                questions = report.chapters[0].questions
                statuses[questions[-1].status] += 1
                full = 40 if kinds[name] == "right" else 30
                if report.score != full:
                    wrong.append(f"{name} ({kinds[name][:30]!r}): {[(q.id, q.status) for q in questions]}")
                if done % 50 == 49:
                    memory.append(this.memory_info().rss >> 20)
        zombies = [p for p in this.children(recursive=True) if p.status() == psutil.STATUS_ZOMBIE]
        isolation = grading.runtime.executor.isolation
    took = time.monotonic() - began
    left = this.children(recursive=True)
    print(f"{len(kinds)} submissions at level {isolation.level}, {jobs} side by side: {took:.1f} s")
    print(f"  {took / len(kinds) * 1000:.0f} ms a submission; statuses of the last question: {dict(statuses)}")
    print(f"  memory of the grader, MiB, every 50 submissions: {memory}")
    print(f"  scores not as they should be: {len(wrong)}; zombies: {len(zombies)}; left running: {len(left)}")
    for line in wrong[:10]:
        print("   ", line)
    flat = len(memory) < 4 or memory[-1] - memory[1] < 32
    return int(bool(wrong or zombies or left or not flat))


if __name__ == "__main__":
    main()

"""How long a class takes: intake, grading, exports, re-scoring; memory; two workers against one.

    python tests/benchmarks/class.py [--counts 500,5000] [--chapter peers] [--jobs 2] [--in-process] [--speed-up]

Each submission is another file, so that nothing is recalled from another's work. Prints a table; times are seconds of
wall clock, memory is the peak of resident bytes of this process and, for children, of all of them at once.
"""

from __future__ import annotations

import argparse
import os
import runpy
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psutil

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
os.environ.setdefault("OMP_NUM_THREADS", "1")

from courses.generated import files, people  # noqa: E402

from grader.bulk import grade, results  # noqa: E402
from grader.course.load import load_chapters, load_course  # noqa: E402
from grader.execute.allowance import Allowance  # noqa: E402
from grader.nouns.binding import ModelChoice  # noqa: E402
from grader.nouns.course import Chapter, Course  # noqa: E402
from grader.nouns.outcome import Raised, Returned, Work  # noqa: E402
from grader.nouns.question import Asked, Question  # noqa: E402
from grader.nouns.report import Isolation  # noqa: E402
from grader.pipeline import Grading  # noqa: E402
from grader.render import formats  # noqa: E402
from grader.sandbox.lazy import Lazy  # noqa: E402

SMALL = ROOT / "tests" / "courses" / "small"
BUSY = "\nimport time\n_end = time.process_time() + 0.4\nwhile time.process_time() < _end:\n    pass\n"


class InProcess:
    """Runs the generated work right here: times the driver alone (intake, marking, ledger), starts no child."""

    slots = 1
    isolation = Isolation(level=3, backend="in process, for a benchmark of the driver")

    def run(self, folder: Path, module: str, asked: Asked, allowance: Allowance | None = None) -> Work:
        """What the generated functions give; only for chapters without models."""
        del allowance  # generated work ends
        names = runpy.run_path(str(folder / module))
        return {q.id: tuple(self._one(names, q, case.inputs) for case in cases) for q, cases in asked}

    def _one(self, names: dict[str, Any], question: Question, inputs: dict[str, Any]) -> Returned | Raised:
        try:
            value = names["ANSWERS"][question.answer] if question.answer else names[question.id](**inputs)
        except Exception as error:  # noqa: BLE001 - some of the generated work raises
            return Raised(during="call", type=type(error).__name__, message=str(error))
        return Returned(value=value)

    def close(self) -> None:
        """Nothing is held."""


class Memory:
    """Samples resident memory while something runs."""

    def __init__(self) -> None:
        self.own = self.children = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(0.2):
            self.own = max(self.own, me.memory_info().rss)
            total = 0
            for child in me.children(recursive=True):
                try:
                    total += child.memory_full_info().pss
                except psutil.Error:
                    continue
            self.children = max(self.children, total)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def write(folder: Path, count: int, chapter: str, extra: str = "") -> None:
    """A folder per student."""
    for person in people(count):
        place = folder / f"{person.id}_{person.name}"
        place.mkdir(parents=True)
        for name, body in files(person, (chapter,)).items():
            (place / name).write_bytes(body + extra.encode())


@contextmanager
def timed(what: str, table: dict[str, float]) -> Iterator[None]:
    """Seconds of a step into a table: wall clock, and this process's own computing."""
    start, cpu = time.perf_counter(), time.process_time()
    yield
    table[what] = time.perf_counter() - start
    table[f"{what} (cpu)"] = time.process_time() - cpu


def opened(chapter: str, course_folder: Path = SMALL) -> tuple[Course, tuple[Chapter, ...]]:
    """The small course and one of its chapters."""
    course = load_course(course_folder)
    return course, tuple(c for c in load_chapters(course) if c.id == chapter)


def one_class(count: int, chapter: str, jobs: int, work: Path, *, in_process: bool) -> None:
    """All steps for a class of a size, printed."""
    folder, out = work / "class", work / "out"
    write(folder, count, chapter)
    course_folder = work / "small" / "course"
    shutil.copytree(SMALL, course_folder)
    spec = course_folder / "course.yaml"
    models = (ROOT / "reference" / "models").resolve()
    # A copy of the course, so that its tolerance can be changed; the model stays where it is.
    (course_folder / "models").symlink_to(models, target_is_directory=True)
    spec.write_text(spec.read_text("utf-8").replace("../../../reference/models", "models"), "utf-8")
    course, chapters = opened(chapter, course_folder)
    steps: dict[str, float] = {}
    marks: list[float] = []
    with Memory() as memory, Grading(course, chapters, ModelChoice()) as grading:
        if in_process:
            grading.prepare()
            _ = grading.runtime.executor.isolation
            grading.runtime.executor = InProcess()
        with timed("intake", steps):
            taken = grade.take([folder], course, chapters, work=work / "unpacked")
        with timed("start and key", steps):
            grading.prepare()
            _ = grading.runtime.executor.isolation
        with timed("grade", steps):
            start = time.perf_counter()
            result = grade.grade_all(
                grading, taken.submissions, out, jobs=jobs, done=lambda _: marks.append(time.perf_counter() - start)
            )
    assert len(result.reports) == count, (len(result.reports), result.failed[:3])
    with timed("write results", steps):
        results.write_results(out, result.reports, course=course, language="zh")
    with timed("class page", steps):
        page = formats.render("classpage", result.reports, course=course, language="zh")
    rescored(course_folder, chapter, out, steps)
    quarter = len(marks) // 4
    costs = [(marks[quarter * (n + 1) - 1] - (marks[quarter * n - 1] if n else 0)) / quarter * 1000 for n in range(4)]
    print(
        f"\n{count} submissions, chapter {chapter}, {jobs} workers, "
        f"isolation level {grading.runtime.executor.isolation.level}"
    )
    for name, seconds in steps.items():
        print(f"  {name:<22}{seconds:9.2f} s {seconds / count * 1000:9.2f} ms a submission")
    print("  grading by quarters, ms a submission: " + ", ".join(f"{cost:.1f}" for cost in costs))
    print(f"  memory: driver {memory.own / 2**20:.0f} MiB, children {memory.children / 2**20:.0f} MiB (proportional)")
    print(f"  ledger {(out / 'ledger.sqlite').stat().st_size / 2**20:.1f} MiB, class page {len(page) / 2**20:.1f} MiB")


def rescored(course_folder: Path, chapter: str, out: Path, steps: dict[str, float]) -> None:
    """Re-score after a change of tolerance, from a course opened anew; asserts that no child is started."""
    spec = course_folder / chapter / "assignment.yaml"
    spec.write_text(spec.read_text("utf-8").replace("rtol: 1.0e-4", "rtol: 1.0e-3"), "utf-8")
    spec.write_text(spec.read_text("utf-8").replace("rtol: 1.0e-6", "rtol: 1.0e-5"), "utf-8")
    with timed("re-score", steps):
        course, chapters = opened(chapter, course_folder)
        with Grading(course, chapters, ModelChoice()) as grading:
            result = grade.rescore(grading, out)
            assert not result.failed, result.failed[:3]
            assert isinstance(grading.runtime.sandbox, Lazy)
            assert not grading.runtime.sandbox.is_open


def speed_up(work: Path, count: int = 40) -> None:
    """One worker against two on submissions that compute for 0.4 s each."""
    folder = work / "busy"
    write(folder, count, "warmup", BUSY)
    course, chapters = opened("warmup")
    seconds = {}
    for jobs in (1, 2):
        with Grading(course, chapters, ModelChoice()) as grading:
            grading.prepare()
            taken = grade.take([folder], course, chapters, work=work / "unpacked")
            grading.report(taken.submissions[0])  # everything is loaded before the clock starts
            start = time.perf_counter()
            grade.grade_all(grading, taken.submissions, work / f"out{jobs}", jobs=jobs)
            seconds[jobs] = time.perf_counter() - start
    print(f"\n{count} submissions of 0.4 s: 1 worker {seconds[1]:.1f} s, 2 workers {seconds[2]:.1f} s: "
          f"{seconds[1] / seconds[2]:.2f}x")  # fmt: skip


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="500,5000")
    parser.add_argument("--chapter", default="peers", choices=["peers", "warmup"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--in-process", action="store_true", help="time the driver alone (chapter warmup)")
    parser.add_argument("--speed-up", action="store_true")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        os.environ["GRADER_CACHE"] = cache
        for count in map(int, filter(None, words.counts.split(","))):
            with tempfile.TemporaryDirectory() as work:
                one_class(count, words.chapter, words.jobs, Path(work), in_process=words.in_process)
        if words.speed_up:
            with tempfile.TemporaryDirectory() as work:
                speed_up(Path(work))


if __name__ == "__main__":
    main()

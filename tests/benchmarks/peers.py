"""This grader beside otter-grader, nbgrader and one pytest process each, on the same work, in one go.

    python tests/benchmarks/peers.py [--submissions 16] [--environments DIR] [--level 2]

Peers are installed into virtual environments of their own (kept in `--environments`), which borrow torch and
transformers from this one. Prints seconds a submission, overhead over the student's own compute, peak memory, ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import venv
from dataclasses import dataclass
from pathlib import Path

import notebooks
import psutil
from workload import build_course, build_submissions, expected

PEERS = {"otter-grader": "otter-grader==7.0.0", "nbgrader": "nbgrader==0.9.6"}


@dataclass(frozen=True)
class Measured:
    """One grader: median wall and mean CPU seconds a submission, peak bytes of its processes, how many were full."""

    name: str
    seconds: float
    cpu: float
    memory: int
    full: int


def install(folder: Path, requirement: str) -> Path:
    """A virtual environment with a peer, made once; its `bin`."""
    binaries = folder / "bin"
    if not (folder / ".done").exists():
        venv.create(folder, with_pip=True)
        words = [requirement, "ipykernel", "setuptools<81"]
        command = [binaries / "pip", "install", "-q", "--disable-pip-version-check", *words]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
        (folder / ".done").touch()
    return binaries


def timed(
    command: list[str | Path], folder: Path, binaries: Path
) -> tuple[float, int, subprocess.CompletedProcess[str]]:
    """Run a command: wall seconds, most memory of the process tree (each shared page once), what it said."""
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.2):
            most = max(most, sum(_pss(p.pid) for p in psutil.Process().children(recursive=True)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.monotonic()
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    took = time.monotonic() - began
    done.set()
    watcher.join()
    return took, most, finished


def cpu_of_children() -> float:
    """CPU seconds of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def run_ours(top: Path, course: Path, level: int) -> dict[str, float]:
    """This grader, in a process of its own."""
    script = Path(__file__).with_name("ours.py")
    environment = {**os.environ, "GRADER_CACHE": str(top / "cache")}
    command = [sys.executable, script, course, top / "class", str(level)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_otter(top: Path, binaries: Path, truth: dict[str, object], count: int) -> Measured:
    """`otter run`, one notebook after the other."""
    zipped, handed_in = notebooks.otter(top / "otter", str(top / "model"), truth, count)
    walls, most, full, before = [], 0, 0, cpu_of_children()
    for notebook in handed_in:
        command = [binaries / "otter", "run", "-a", zipped, "--no-logo", notebook.name]
        took, memory, _ = timed(command, notebook.parent, binaries)
        walls.append(took)
        most = max(most, memory)
        results = notebook.parent / "results.json"
        tests = json.loads(results.read_text())["tests"] if results.exists() else []
        full += sum(test.get("score", 0) for test in tests) == 40
    return Measured("otter-grader", statistics.median(walls), (cpu_of_children() - before) / count, most, full)


def run_nbgrader(top: Path, binaries: Path, truth: dict[str, object], count: int) -> Measured:
    """`nbgrader autograde`, one student after the other."""
    folder = top / "nbgrader"
    students = notebooks.nbgrader(folder, str(top / "model"), truth, count)
    timed([binaries / "nbgrader", "generate_assignment", "ch01", "--force"], folder, binaries)
    walls, most, full, before = [], 0, 0, cpu_of_children()
    for student in students:
        took, memory, _ = timed([binaries / "nbgrader", "autograde", "ch01", "--student", student], folder, binaries)
        walls.append(took)
        most = max(most, memory)
        graded = folder / "autograded" / student / "ch01" / "ch01.ipynb"
        full += graded.exists() and '"output_type": "error"' not in graded.read_text()
    return Measured("nbgrader", statistics.median(walls), (cpu_of_children() - before) / count, most, full)


def run_pytest(top: Path, truth: dict[str, object], folders: list[Path]) -> Measured:
    """One pytest process each."""
    count = len(folders)
    test = notebooks.pytest_file(top / "pytest", str(top / "model"), truth)
    walls, most, full, before = [], 0, 0, cpu_of_children()
    for folder in folders:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, test]
        took, memory, done = timed(command, folder, Path(sys.executable).parent)
        walls.append(took)
        most = max(most, memory)
        full += done.returncode == 0
    return Measured("one pytest each", statistics.median(walls), (cpu_of_children() - before) / count, most, full)


def main() -> None:
    """Measure all of them and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=16)
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "grader-peers")
    parser.add_argument("--level", type=int, default=2)
    options = parser.parse_args()
    environments = {name: install(options.environments / name, word) for name, word in PEERS.items()}
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        course = build_course(top)
        folders = build_submissions(top / "class", options.submissions)
        truth = expected(top / "model")
        ours = run_ours(top, course, options.level)
        peers = [
            run_otter(top, environments["otter-grader"], truth, options.submissions),
            run_nbgrader(top, environments["nbgrader"], truth, options.submissions),
            run_pytest(top, truth, folders),
        ]
    show(ours, peers, options)


def show(ours: dict[str, float], peers: list[Measured], options: argparse.Namespace) -> None:
    """The table, and the bars."""
    count, compute = options.submissions, ours["compute"]
    print(f"{count} submissions; the student's own compute is {compute * 1000:.1f} ms each; median wall seconds")
    heads = (
        ("wall s", 9),
        ("overhead", 10),
        ("x compute", 11),
        ("x ours", 8),
        ("CPU s", 9),
        ("x ours", 8),
        ("peak MB", 9),
    )
    print(" " * 26 + "".join(f"{head:>{width}}" for head, width in (*heads, ("full", 8))))
    name = f"this grader, level {options.level}"
    mine = Measured(name, ours["seconds"], ours["cpu"], int(ours["peak_memory"]), count if ours["all_right"] else 0)
    for row in [mine, *peers]:
        print(
            f"{row.name:26}{row.seconds:9.3f}{row.seconds - compute:10.3f}{row.seconds / compute:11.1f}"
            f"{row.seconds / ours['seconds']:8.0f}{row.cpu:9.3f}{row.cpu / ours['cpu']:8.0f}"
            f"{row.memory / 1e6:9.0f}{row.full:5}/{count}"
        )
    print(f"overhead of a warm submission {ours['overhead'] * 1000:.1f} ms of wall time (bar 25), median of pairs")
    print(f"                              {ours['overhead_best'] * 1000:.1f} ms between the fastest of each")
    print(f"                              {(ours['cpu'] - ours['compute_cpu']) * 1000:.1f} ms of CPU time")
    print(f"private memory of a worker    {ours['worker_private'] / 1e6:.1f} MB (bar 40)")
    print(f"first result after            {ours['first_result']:.1f} s (bar 6)")
    print(f"load average while this grader ran {ours['load']:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

"""This grader on the workload: seconds a submission, overhead, memory, start-up. Prints one JSON object."""

from __future__ import annotations

import json
import os
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil

STARTED = time.monotonic()

from workload import PROMPT, SENTENCES  # noqa: E402 - after the clock

from grader.course.load import load_chapters, load_course  # noqa: E402
from grader.nouns.binding import ModelChoice  # noqa: E402
from grader.nouns.submission import Submission  # noqa: E402
from grader.pipeline import Grading  # noqa: E402

ROUNDS = 4
"""How often the class is graded: other tenants of a machine make single runs twice as slow."""


class Compute:
    """The same calls in one warm process without a grader, import of the module included."""

    def __init__(self, model_folder: Path, source: str) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        self.model = AutoModelForCausalLM.from_pretrained(model_folder, local_files_only=True).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(model_folder, local_files_only=True)
        self.source = source

    def run(self) -> tuple[float, float]:
        """Wall and CPU seconds of one run."""
        began, worked = time.perf_counter(), time.process_time()
        names: dict[str, Any] = {}
        exec(compile(self.source, "ch01.py", "exec"), names)
        for text in SENTENCES:
            names["log_probability"](self.model, self.tokenizer, text)
            names["token_ids"](self.tokenizer, text)
        names["parameter_count"](self.model)
        names["greedy"](self.model, self.tokenizer, PROMPT)
        return time.perf_counter() - began, time.process_time() - worked


def cpu_of_all() -> float:
    """CPU seconds of this process, its descendants, and those of them that have ended and been waited for."""
    this = psutil.Process()
    times = [process.cpu_times() for process in [this, *this.children(recursive=True)]]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


class Memory(threading.Thread):
    """Looks at all descendants: most memory in all (each page once), most private memory of one worker."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.total = self.worker = 0
        self.stop = threading.Event()

    def run(self) -> None:
        this = psutil.Process()
        while not self.stop.wait(0.02):
            shares = [_shares(p.pid) for p in [this, *this.children(recursive=True)]]
            self.total = max(self.total, sum(share.get("Pss", 0) for share in shares))
            for process in this.children(recursive=True):
                if process.ppid() != this.pid:
                    self.worker = max(self.worker, _private(_shares(process.pid)))


def _shares(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}


def _private(shares: dict[str, int]) -> int:
    return shares.get("Private_Dirty", 0) + shares.get("Private_Clean", 0)


def main() -> None:
    """Grade every submission of a folder, one after the other."""
    course = load_course(Path(sys.argv[1]))
    folders = sorted(Path(sys.argv[2]).iterdir())
    level = int(sys.argv[3])
    submissions = [Submission(id=f.name, student=f.name, folder=f, modules={"ch01": "ch01.py"}) for f in folders]
    with Grading(course, load_chapters(course), ModelChoice(), level=level) as grading:
        grading.report(submissions[0])
        first = time.monotonic() - STARTED
        compute = Compute(course.root.parent / "model", (folders[0] / "ch01.py").read_text())
        compute.run()
        walls, alone, alone_cpu, scores = [], [], [], []
        worked = cpu_of_all()
        for submission in submissions * ROUNDS:
            began = time.perf_counter()
            report = grading.report(submission)
            walls.append(time.perf_counter() - began)
            scores.append((report.score, report.max_score))
            time.sleep(0.03)  # the kernel takes the last child apart
            wall, cpu = compute.run()
            alone.append(wall)
            alone_cpu.append(cpu)
        cpu = (cpu_of_all() - worked - sum(alone_cpu)) / len(walls)
        memory = Memory()
        memory.start()
        for submission in submissions:
            grading.report(submission)
        memory.stop.set()
        memory.join()
    print(
        json.dumps(
            {
                "seconds": statistics.median(walls),
                "compute": statistics.median(alone),
                "overhead": statistics.median(w - a for w, a in zip(walls, alone, strict=True)),
                "overhead_best": min(walls) - min(alone),
                "cpu": cpu,
                "compute_cpu": statistics.mean(alone_cpu),
                "first_result": first,
                "peak_memory": memory.total,
                "worker_private": memory.worker,
                "all_right": all(score == most for score, most in scores),
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()

"""One class on an idle machine, under load, with 1 to 16 jobs, frozen and thawed: are the scores the same bytes?

    python tests/benchmarks/busy.py [STUDENTS]

Every student's function takes a second of computing under `limits: {wall: 4}`. Prints one JSON object; the exit code
is 1 where any run gave other scores than the first, or an honest student less than the full mark.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

import psutil

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))

from support.busy import freeze, graded, load, scores, write_class  # noqa: E402 - after the path

RUNS = (
    ("idle", 1, 0),
    ("idle", 2, 0),
    ("idle", 8, 0),
    ("idle", 16, 0),
    ("load", 1, 8),
    ("load", 8, 8),
    ("load", 16, 8),
    ("frozen", 2, 0),
    ("frozen under load", 8, 8),
)
"""Name, jobs, processes that spin beside them."""


def main() -> None:
    """Grade the class in every way."""
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        write_class(top, students)
        for name, jobs, spinning in RUNS:
            out = top / f"{name}-{jobs}"
            began = time.monotonic()
            with load(spinning), graded(top, out, jobs) as process:
                for _ in range(3 if "frozen" in name else 0):
                    time.sleep(6)
                    freeze(psutil.Process(process.pid), 6)
                _, said = process.communicate()
            mark = scores(out)
            found[f"{name}, {jobs} jobs"] = {
                "code": process.returncode,
                "scores": hashlib.sha256(mark).hexdigest()[:12],
                "all_right": mark.count(b",10.0,10.0,10.0,") == students - 2,
                "seconds": round(time.monotonic() - began, 1),
                "said": said[-300:],
            }
            print(name, jobs, found[f"{name}, {jobs} jobs"], file=sys.stderr, flush=True)
    print(json.dumps({"students": students, "runs": found}, ensure_ascii=False))
    sys.exit(len({run["scores"] for run in found.values()}) > 1 or not all(run["all_right"] for run in found.values()))


if __name__ == "__main__":
    main()

"""What hand-ins cost whoever reads them: a class of attacks on the grader's own process, beside honest classmates.

One run of `grader grade` in a process of its own: its peak memory, its time, and every report are looked at.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.language.speak import speak
from grader.nouns.report import Report
from grader.store.ledger import FILE, Ledger

if sys.platform == "win32":
    pytest.skip("peak memory is asked of POSIX", allow_module_level=True)

HONEST = 'import math\nANSWERS = {"why": "稳定"}\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'
BOMB = "import " + "a." * 200_000 + "a\n"
"""400 KB of source whose syntax tree takes gigabytes."""


def notebook(*cells: tuple[str, str], **extra: object) -> bytes:
    """A notebook of cells (kind, source)."""
    made = [{"cell_type": kind, "metadata": {}, "source": source, **extra} for kind, source in cells]
    for cell in made:
        if cell["cell_type"] == "code":
            cell |= {"outputs": cell.get("outputs", []), "execution_count": None}
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made}).encode()


def returns(expression: str) -> bytes:
    """A module whose function returns something."""
    return f"import math\nANSWERS = {{'why': 'x'}}\ndef log_sum(numbers):\n    return {expression}\n".encode()


PICTURE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 2**21}}

HONEST_CLASS = {
    "a module": {"toy.py": HONEST.encode()},
    "a notebook": {"toy.ipynb": notebook(("code", HONEST))},
    "a notebook of pictures": {"toy.ipynb": notebook(("code", HONEST), outputs=[PICTURE])},
    "a large helper": {"toy.py": b"import helper\n" + HONEST.encode(), "helper.py": b"X = 1  # " + b"x" * 900_000},
}
"""Name to files; each has full marks, whoever is beside."""


@dataclass(frozen=True)
class Attack:
    """What is handed in, and the statuses that `log_sum` may have."""

    files: dict[str, bytes]
    statuses: tuple[str, ...]


def module(source: str | bytes, *statuses: str, **others: bytes) -> Attack:
    body = source.encode() if isinstance(source, str) else source
    return Attack({"toy.py": body, **{f"{name}.py": other for name, other in others.items()}}, statuses)


def cells(*given: tuple[str, str], statuses: tuple[str, ...] = ("error",)) -> Attack:
    return Attack({"toy.ipynb": notebook(*given)}, statuses)


REVIEW = "needs_review"
ATTACKS = {
    "dotted import": module(f"{HONEST}def other():\n    {BOMB}", REVIEW, "error", "out_of_memory"),
    "dotted import in a helper": module(
        "def log_sum(n):\n    import helper\n    return 1\n", "out_of_memory", helper=BOMB.encode()
    ),
    "right, with a helper that nobody can read": module(
        "import helper\n" + HONEST.rstrip() + " + helper.ZERO\n", REVIEW, helper=b"ZERO = 0\n" + b"#" * 2**20
    ),
    "right, with a helper that is not Python": module(
        HONEST.replace(
            "    return", "    try:\n        import helper\n    except SyntaxError:\n        pass\n    return"
        ),
        REVIEW,
        helper=b"def f(:",
    ),
    "a source of two megabytes": module(HONEST + "#" * 2**21, REVIEW),
    "deep brackets": module(
        HONEST + "x = " + "(" * 190 + "1" + ")" * 190 + "\n" + "y = " + "-" * 50_000 + "1\n",
        REVIEW,
        "error",
        "out_of_memory",
    ),
    "deep attributes": module(HONEST + "def f(a):\n    return a" + ".a" * 90_000 + "\n", REVIEW, "error", "crashed"),
    "a sum of strings": module(
        HONEST + "def f():\n    return " + "+".join(["''"] * 30_000) + "\n", REVIEW, "error", "crashed"
    ),
    "heading": cells(("code", HONEST), ("markdown", "# " + " " * 20_000 + "x"), statuses=("correct",)),
    "headings": cells(("code", HONEST), ("markdown", ("# " + "# " * 50 + "\n") * 2_000), statuses=("correct",)),
    "assignment": cells(("code", HONEST + "a" + " " * 20_000 + "x"), statuses=("missing",)),
    "a cell of four megabytes": cells(("code", HONEST + "#" * 2**22), statuses=(REVIEW,)),
    "a cell of a bomb": cells(("code", HONEST), ("code", BOMB), statuses=("error", REVIEW)),
    "thousands of cells": cells(
        ("code", HONEST), *[("code", "1")] * 30_000, statuses=("correct", "error", "timeout", REVIEW)
    ),
    "half a surrogate pair": cells(
        ("code", HONEST), ("code", "%%\ud800\nx"), ("code", "s = '\udfff'"), statuses=("correct",)
    ),
    "too much text": cells(("code", HONEST), ("code", "'" + "一" * 2**21 + "'")),
    "deep JSON": Attack({"toy.ipynb": b'{"nbformat": 4, "cells": ' + b"[" * 10**6}, ("error",)),
    "wide JSON": Attack({"toy.ipynb": b'{"nbformat": 4, "cells": [' + b"{}," * 3_000_000 + b"{}]}"}, ("error",)),
    "deep lists": module(returns("(lambda v: [v := [v] for _ in range(57)][-1])(1)"), "wrong", "garbled"),
    **{
        f"{levels} levels": module(
            returns(f"__import__('functools').reduce(lambda v, _: [v], range({levels}), 1)"), "wrong", "garbled"
        )
        for levels in range(55, 64)
    },
    "empty dictionaries": module(returns("[{} for _ in range(980_000)]"), "garbled", "wrong"),
    "as many as may be": module(returns("[{} for _ in range(199_000)]"), "garbled", "wrong"),
    "an empty tensor": module(returns("__import__('torch').zeros((10**9, 0))"), "garbled", "wrong"),
    "tensors": module(
        returns("[__import__('torch').zeros(10**5, dtype=__import__('torch').bool) for _ in range(160)]"),
        "wrong",
        "garbled",
    ),
    "half a pair in a value": module(returns("{'\\ud800': ['\\udfff']}"), "wrong"),
    "a long integer": module(returns("2**4095"), "wrong"),
}


@dataclass(frozen=True)
class Run:
    """What became of the class."""

    reports: dict[str, Report]
    peak: int
    seconds: float
    code: int
    said: str


MEASURED = """
import atexit, resource, sys
atexit.register(lambda: print("PEAK", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from grader.cli import main
main()
"""


def graded(top: Path, toy: Path, hand_ins: dict[str, dict[str, bytes]]) -> Run:
    """Grade a class in a process of its own."""
    shutil.copytree(toy, top / "course")
    spec = top / "course/assignments/toy/assignment.yaml"
    spec.write_text(
        spec.read_text("utf-8").replace("  compare: {close:", "  forbid: [prod]\n  compare: {close:"), "utf-8"
    )
    assert "forbid" in spec.read_text("utf-8")
    for name, files in hand_ins.items():
        for file, content in files.items():
            place = top / "class" / name.replace(" ", "-") / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    words = ["grade", top / "class", "--course", top / "course/assignments", "--out", top / "out", "--jobs", "2"]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, words), "--public-secret", "--lang", "en"],
        capture_output=True,
        text=True,
        check=False,
        cwd=top,
    )
    seconds = time.monotonic() - began
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    peak = next((int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("PEAK")), 0)
    with Ledger(top / "out" / FILE) as ledger:
        reports = {report.student: report for report in ledger.reports()}
    return Run(reports, peak * 1024, seconds, done.returncode, done.stderr)


@pytest.fixture(scope="module")
def alone(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The honest ones, by themselves."""
    return graded(tmp_path_factory.mktemp("alone"), root / "tests/courses/toy", HONEST_CLASS)


@pytest.fixture(scope="module")
def battle(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The honest ones with all attackers."""
    everyone = HONEST_CLASS | {name: attack.files for name, attack in ATTACKS.items()}
    return graded(tmp_path_factory.mktemp("battle"), root / "tests/courses/toy", everyone)


def marks(run: Run, name: str) -> dict[str, tuple[float, str, str]]:
    report = run.reports[name.replace(" ", "-")]
    return {
        q.id: (q.score, q.status, speak(q.message, "en") if q.message else "")
        for c in report.chapters
        for q in c.questions
    }


@pytest.mark.parametrize("name", HONEST_CLASS)
def test_honest_work_is_not_touched(name: str, alone: Run, battle: Run) -> None:
    """Full marks, the same report beside attackers as without them."""
    assert marks(battle, name) == marks(alone, name)
    assert marks(battle, name)["log_sum"][:2] == (10, "correct")


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_its_author_only(name: str, battle: Run) -> None:
    """Each has a report of its own; what nobody could search waits for a person and says why."""
    score, status, message = marks(battle, name)["log_sum"]
    assert status in ATTACKS[name].statuses, (score, status, message)
    if status == "needs_review":
        assert "could not be searched" in message


def test_the_grader_stays_small_and_comes_to_an_end(alone: Run, battle: Run) -> None:
    """What the attacks cost the process that reads all hand-ins."""
    assert battle.peak < alone.peak + 400 * 2**20
    assert battle.seconds < alone.seconds + 10 * len(ATTACKS)

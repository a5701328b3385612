"""Running a chapter: what the machine lost, and what is run once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from support.in_memory import InMemory

from grader.course.load import load_chapters, load_course
from grader.errors import SandboxError
from grader.execute import local
from grader.execute.runtime import Runtime
from grader.files import folder_digest
from grader.nouns.binding import ModelChoice
from grader.nouns.job import Job
from grader.nouns.outcome import Outcome
from grader.nouns.submission import Submission
from grader.pipeline import Grading
from grader.sandbox.seam import Sandbox

RIGHT = 'import math\nANSWERS = {"why": "稳定"}\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'


Opened = Callable[[Sandbox], Grading]


@pytest.fixture
def opened(toy: Path) -> Opened:
    """Opens the toy course on a sandbox."""

    def on(sandbox: Sandbox) -> Grading:
        course = load_course(toy / "assignments")
        runtime = Runtime({}, sandbox, local.start(sandbox))
        return Grading(course, load_chapters(course), ModelChoice(), store=toy / "keys", runtime=runtime)

    return on


def handed_in(toy: Path, name: str, source: str = RIGHT) -> Submission:
    """A submission with one module."""
    folder = toy / "class" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.py").write_text(source, encoding="utf-8")
    return Submission(id=name, student=name, folder=folder, modules={"toy": "toy.py"})


def statuses(grading: Grading, submission: Submission) -> dict[str, str]:
    """Question id to its status."""
    return {name: verdict.status for name, verdict in grading.grade(submission).verdicts["toy"].items()}


@pytest.mark.parametrize("changed", ["toy.py", "data.txt", "fresh.py"])
def test_a_file_that_changed_after_intake_is_the_machines(toy: Path, opened: Opened, changed: str) -> None:
    """Nothing of it is graded under the hash of what was taken in; as it was, and beside it, all is graded."""
    ann, bob = handed_in(toy, "ann"), handed_in(toy, "bob")
    (ann.folder / "data.txt").write_text("1", encoding="utf-8")
    ann, bob = (one.model_copy(update={"files": folder_digest(one.folder)}) for one in (ann, bob))
    file = ann.folder / changed
    before = file.read_bytes() if file.exists() else None
    with opened(InMemory()) as grading:
        file.write_bytes(b"ANSWERS = {}\n")
        with pytest.raises(SandboxError, match="changed between intake and run"):
            grading.grade(ann)
        right = statuses(grading, bob)
        file.unlink() if before is None else file.write_bytes(before)
        assert statuses(grading, ann) == right
        assert "correct" in right.values()


@pytest.mark.parametrize("lost", ["the file", "the folder"])
def test_a_file_that_vanished_after_intake_is_the_machines(toy: Path, opened: Opened, lost: str) -> None:
    """It is an error of the sandbox, not `missing`; back again, it is graded. What was never handed in is missing."""
    ann = handed_in(toy, "ann")
    with opened(InMemory()) as grading:
        at, kept = (ann.folder / "toy.py" if lost == "the file" else ann.folder), toy / "kept"
        at.rename(kept)
        with pytest.raises(SandboxError, match="vanished"):
            grading.grade(ann)
        kept.rename(at)
        assert statuses(grading, ann)["log_sum"] == "correct"
        nothing = Submission(id="eve", student="eve", folder=toy / "keys", modules={})
        assert set(statuses(grading, nothing).values()) == {"missing"}


class Counting:
    """A sandbox that remembers how many calls of each question it was asked for, job by job."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self.isolation = sandbox, sandbox.isolation
        self.jobs: list[Counter[str]] = []

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run a job; see `Sandbox.run`."""
        self.jobs.append(Counter(call.question for call in job.calls))
        return self._sandbox.run(job)

    def close(self) -> None:
        """The sandbox stays open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.mark.parametrize(
    ("hangs_on", "budget", "runs_again"),
    [
        ("number == 2", "{cpu: 60}", True),
        ("True", "{cpu: 60}", False),
        ("number == 2", "{cpu: 0.5}", False),
    ],
)
def test_what_hung_twice_or_used_the_budget_up_is_not_run_again(
    toy: Path, opened: Opened, level_two: Sandbox, hangs_on: str, budget: str, *, runs_again: bool
) -> None:
    """A question that hung once may owe it to a neighbour and is run again, while there is budget for that."""
    spec = toy / "assignments/toy/assignment.yaml"
    text = spec.read_text("utf-8").replace("  cases:\n", "  limits: {wall: 0.3}\n  cases:\n", 1)
    spec.write_text(f"budget: {budget}\n{text}", encoding="utf-8")
    hang = f"""
number = 0
def log_sum(numbers):
    global number
    number += 1
    while {hangs_on}: pass
    return sum(map(math.log, numbers))
"""
    sandbox = Counting(level_two)
    with opened(sandbox) as grading:
        grading.prepare()
        sandbox.jobs.clear()
        ann = handed_in(toy, "ann", RIGHT.partition("def ")[0] + hang)
        assert statuses(grading, ann)["log_sum"] in {"partial", "timeout"}
    assert (Counter(log_sum=3) in sandbox.jobs) == runs_again


WORD = """
from pathlib import Path
ANSWERS = {{"why": "稳定"}}
LEFT = Path({left!r})
def log_sum(numbers):
    if numbers == [1.5, 2.0, 3.0]:
        raise ValueError("met: " + (LEFT.read_text() if LEFT.is_file() else "nothing"))
    LEFT.write_text(repr(numbers))
    return 0.0
"""


def test_a_second_run_shows_nothing_by_its_public_cases(toy: Path, opened: Opened, tmp_path: Path) -> None:
    """Code that met hidden inputs may leave word of them for its next run; what a public case shows is from before."""
    left = tmp_path / "left"
    evil = handed_in(toy, "evil", WORD.format(left=str(left)))
    with opened(InMemory()) as grading:
        case = grading.grade(evil).verdicts["toy"]["log_sum"].cases[0]
    assert left.is_file()
    assert not case.hidden
    assert "met: nothing" in str(case.message)


def test_a_second_run_mends_a_public_case(toy: Path, opened: Opened) -> None:
    """The control: what a neighbour in the same child spoilt is right in a child of its own, public cases too."""
    spoilt = "import math\nRUNS = []\n" + RIGHT.replace("    return", "    print('at work')\n    return")
    with opened(InMemory()) as grading:
        verdict = grading.grade(handed_in(toy, "ann", spoilt)).verdicts["toy"]["log_sum"]
    assert verdict.status == "correct"

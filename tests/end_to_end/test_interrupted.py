"""Runs that are stopped, killed, or started twice: nothing is lost, left behind or graded wrongly."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from end_to_end.test_full_disk import unshared
from support.command_line import CommandLine
from support.left_out import NO_NAMESPACE

WORK = "import math\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n"
HANG = "import time\ndef log_sum(numbers):\n    time.sleep(1000)\n"
PATIENCE = 5.0
"""Seconds that stopping may take on a machine that does other things too; a timer of the command ends it after 1.5."""


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The temporary folder of the commands."""
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


@pytest.fixture
def environment(scratch: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(scratch)}


@pytest.fixture
def words(toy: Path) -> Callable[..., list[object]]:
    """The words that grade the class into a folder."""

    def grading(out: Path, *more: object) -> list[object]:
        return ["grade", toy / "class", "--course", toy / "assignments", "--out", out, "--jobs", 2, "--lang", "en",
                "--allow-level", 1, "--public-secret", *more]  # fmt: skip

    return grading


def hand_in(toy: Path, sources: dict[str, str]) -> None:
    for name, source in sources.items():
        folder = toy / "class" / name
        folder.mkdir(parents=True)
        (folder / "toy.py").write_text(f"# {name}\n{source}", encoding="utf-8")


def marks(out: Path) -> dict[str, tuple[str, float, list[tuple[str, str]]]]:
    """What a student's file says, without times and memory."""
    found = {}
    for file in (out / "reports").iterdir():
        report = json.loads(file.read_text("utf-8"))
        cases = [
            (case["id"], case["status"]) for c in report["chapters"] for q in c["questions"] for case in q["cases"]
        ]
        found[file.name] = (report["student"], report["score"], cases)
    return found


def below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that a command has started, the fork-server's children too."""
    return psutil.Process(process.pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run after a moment to die in."""
    _, left = psutil.wait_procs(processes, timeout=10)
    return [p for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_hanging_work_at_once(
    grader: CommandLine, toy: Path, tmp_path: Path, scratch: Path, environment: dict[str, str],
    words: Callable[..., list[object]], number: signal.Signals,
) -> None:  # fmt: skip
    """Exit code 130, one sentence, no process and no folder left; what was done is recalled by the same command."""
    hand_in(toy, {"ann": WORK, "x1": HANG, "x2": HANG})
    spec = toy / "assignments/toy/assignment.yaml"
    spec.write_text(spec.read_text("utf-8").replace("  compare: {close", "  limits: {wall: 60}\n  compare: {close"))
    out = tmp_path / "out"
    with grader.start(*words(out, "--log-json"), env=environment) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("{") and json.loads(line)["done"] == 1:
                break
        time.sleep(1)
        started = below(process)
        assert started
        began = time.monotonic()
        process.send_signal(number)
        said = process.stderr.read()
        process.wait()
        took = time.monotonic() - began
    assert process.returncode == 130
    assert said.count("run the same command again to go on") == 1
    assert "Traceback" not in said
    assert took < PATIENCE
    assert alive(started) == []
    assert list(scratch.glob("grader-scratch-*")) == []
    for name in ("x1", "x2"):
        shutil.rmtree(toy / "class" / name)
    again = grader.process(*words(out), env=environment)
    assert again.returncode == 0, again.stderr
    assert [student for student, _, _ in marks(out).values()] == ["ann"]


def test_killed_at_any_moment_it_ends_as_if_nothing_had_been(
    grader: CommandLine, toy: Path, tmp_path: Path, scratch: Path, environment: dict[str, str],
    words: Callable[..., list[object]],
) -> None:  # fmt: skip
    """`kill -9` at random moments: every file is that of an undisturbed run; no process, no folder, no lock is left."""
    hand_in(toy, {f"s{n:02}": WORK if n % 3 else WORK.replace("math.log,", "math.log2,") for n in range(12)})
    undisturbed, out = tmp_path / "undisturbed", tmp_path / "out"
    began = time.monotonic()
    assert grader.process(*words(undisturbed), env=environment).returncode == 0
    length = time.monotonic() - began
    chance = random.Random(9)
    for _ in range(3):
        with grader.start(
            *words(out), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(chance.uniform(0.3, 1.1) * length)
            started = below(process) if process.poll() is None else []
            process.kill()
            process.wait()
        assert alive(started) == []
    last = grader.process(*words(out), env=environment)
    assert last.returncode == 0, last.stderr
    assert marks(out) == marks(undisturbed)
    assert sorted(file.name for file in (out / "reports").iterdir()) == [f"s{n:02}.json" for n in range(12)]
    assert list(scratch.glob("grader-scratch-*")) == [], "those of the killed are swept"


BEFORE_FILES = """
import os, signal, sys
from grader.bulk import results
from grader.cli import main
results.write_results = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
main()
"""


def test_a_run_killed_before_its_files_is_made_good_by_the_next(
    grader: CommandLine, toy: Path, tmp_path: Path, environment: dict[str, str], words: Callable[..., list[object]]
) -> None:
    """`rescore` after a changed tolerance dies between ledger and files; the next one writes what differs."""
    hand_in(toy, {"ann": WORK.replace("return ", "return 0.001 + "), "bob": WORK})
    out = tmp_path / "out"
    grader.process(*words(out), env=environment)
    before = marks(out)
    spec = toy / "assignments/toy/assignment.yaml"
    spec.write_text(spec.read_text("utf-8").replace("atol: 1.0e-9", "atol: 0.1"), "utf-8")
    rescoring = ("rescore", out, "--course", toy / "assignments")
    killed = grader.process(*rescoring, code=BEFORE_FILES, env=environment)
    assert killed.returncode == -signal.SIGKILL
    assert marks(out) == before
    assert grader.process(*rescoring, env=environment).returncode == 0
    after = {student: score for student, score, _ in marks(out).values()}
    assert after == {"ann": 10, "bob": 10}


def test_a_second_run_on_the_same_folder_is_refused(
    grader: CommandLine, toy: Path, tmp_path: Path, environment: dict[str, str], words: Callable[..., list[object]]
) -> None:
    """It names who holds the folder and changes nothing; the first ends with everybody's marks."""
    hand_in(toy, {f"s{n:02}": WORK for n in range(8)})
    out = tmp_path / "out"
    with grader.start(*words(out, "--log-json"), env=environment) as first:
        assert first.stderr is not None
        assert '"done"' in first.stderr.readline()
        first.send_signal(signal.SIGSTOP)  # it holds the folder for as long as this takes
        refused = [
            grader.process(*words(out), env=environment),
            grader.process("rescore", out, "--course", toy / "assignments", env=environment),
        ]
        first.send_signal(signal.SIGCONT)
        first.communicate()
    assert first.returncode == 0
    assert str(first.pid) in refused[0].stderr
    assert [one.returncode for one in refused] == [2, 2]
    assert {score for _, score, _ in marks(out).values()} == {10}
    assert len(marks(out)) == 8


KILLED_WRITER = """
import os, sys
from pathlib import Path
from grader.store.ledger import Ledger
Ledger(Path(sys.argv[1])).begin("grade", {})
os.kill(os.getpid(), 9)
"""
READ_ONLY = 'mount --bind "$OUT" "$OUT" && mount -o remount,ro,bind "$OUT" && "$@"'


@pytest.mark.skipif(unshared() is None, reason=NO_NAMESPACE)
@pytest.mark.parametrize("killed", [False, True])
def test_results_are_read_where_nothing_may_be_written(
    grader: CommandLine, toy: Path, tmp_path: Path, environment: dict[str, str], words: Callable[..., list[object]],
    *, killed: bool,
) -> None:  # fmt: skip
    """On a read-only mount, also after a killed writer: `report` and `diff` work, `rescore` is refused."""
    hand_in(toy, {"ann": WORK, "bob": WORK.replace("math.log,", "math.log2,")})
    out = tmp_path / "out"
    for _ in range(2):
        grader.process(*words(out), env=environment)
    if killed:
        grader.process(out / "ledger.sqlite", code=KILLED_WRITER)
        assert (out / "ledger.sqlite-wal").stat().st_size
        (out / "ledger.sqlite-shm").unlink()
    names = sorted(file.name for file in out.iterdir())
    course = ("--course", toy / "assignments")

    def run(*asked: object) -> subprocess.CompletedProcess[str]:
        before = [*(unshared() or []), "sh", "-c", READ_ONLY, "sh"]
        return grader.process(*asked, before=before, env={**environment, "OUT": str(out)})

    report = run("report", out, "--format", "csv", *course)
    assert report.returncode == 0, report.stderr
    assert "ann" in report.stdout
    assert run("diff", out).returncode == 0
    refused = run("rescore", out, *course, "--lang", "en")
    assert refused.returncode == 2
    assert "nothing can be written there" in refused.stderr
    assert sorted(file.name for file in out.iterdir()) == names
    assert grader.process("rescore", out, *course, env=environment).returncode == 0


def test_a_folder_named_by_mistake_is_left_as_it_is(grader: CommandLine, toy: Path, tmp_path: Path) -> None:
    """No command that needs results makes a ledger or a lock where there are none."""
    empty = tmp_path / "empty"
    empty.mkdir()
    course = ("--course", toy / "assignments")
    for asked in (
        ("report", empty, "--format", "csv", *course),
        ("diff", empty),
        ("rescore", empty, *course),
        ("override", empty, "ann", "toy", "3", "--reason", "r", *course),
    ):
        done = grader(*asked)
        assert done.returncode == 2, asked
    assert list(empty.iterdir()) == []


def test_a_damaged_key_costs_nobody_a_mark(
    grader: CommandLine, toy: Path, tmp_path: Path, environment: dict[str, str], words: Callable[..., list[object]]
) -> None:
    """One wrong bit anywhere in a kept key: it is computed anew, which is said, and the marks are the same."""
    hand_in(toy, {"ann": WORK, "bob": WORK})
    environment["GRADER_CACHE"] = str(tmp_path / "cache")
    assert grader.process(*words(tmp_path / "first"), env=environment).returncode == 0
    (key,) = [file for file in (tmp_path / "cache/keys/toy").iterdir() if "misconceptions" not in file.name]
    body = bytearray(key.read_bytes())
    body[-3] ^= 4  # in the last number, where the format itself notices nothing
    key.write_bytes(body)
    again = grader.process(*words(tmp_path / "second"), env=environment)
    assert again.returncode == 0, again.stderr
    assert str(key) in again.stderr
    assert marks(tmp_path / "second") == marks(tmp_path / "first")


def test_a_class_is_not_graded_with_the_public_secret_by_accident(
    grader: CommandLine, toy: Path, tmp_path: Path
) -> None:
    """Refused before anything is made, with what to do; a secret or the words and it goes; a dry run needs none."""
    hand_in(toy, {"ann": WORK})
    out = tmp_path / "out"
    asked = ("grade", toy / "class", "--course", toy / "assignments", "--allow-level", 1, "--lang", "en")
    refused = grader(*asked, "--out", out)
    assert refused.returncode == 2
    assert "GRADER_SECRET" in refused.stderr
    assert "--public-secret" in refused.stderr
    assert not out.exists()
    assert grader(*asked, "--dry-run").returncode == 0
    assert grader(*asked, "--out", out, env={"GRADER_SECRET": "of this course"}).returncode == 0
    other = grader(*asked, "--out", out, "--public-secret")
    assert other.returncode == 2
    assert "--new-secret" in other.stderr


def test_results_are_not_put_among_the_hand_ins(grader: CommandLine, toy: Path, tmp_path: Path) -> None:
    """They would be graded as somebody's work the next time."""
    hand_in(toy, {"ann": WORK})
    done = grader("grade", toy / "class", "--course", toy / "assignments", "--out", toy / "class/results",
                  "--public-secret", "--lang", "en")  # fmt: skip
    assert done.returncode == 2
    assert "lies in" in done.stderr
    assert sorted(file.name for file in (toy / "class").iterdir()) == ["ann"]

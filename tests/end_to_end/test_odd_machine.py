"""Commands on machines that lack what most have: a home, a user's name, open streams, files to open, inodes.

Each is a process of its own, beside one that lacks nothing: the marks are the same, or one line says what is wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from end_to_end.test_full_disk import unshared
from support.command_line import CommandLine
from support.left_out import NO_NAMESPACE

WORK = "import math\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n"


class Machine:
    """A class of two, graded as a shell would have it graded on an odd machine."""

    def __init__(self, toy: Path, folder: Path) -> None:
        for student in ("20230001", "20230002"):
            (toy / "class" / student).mkdir(parents=True)
            (toy / "class" / student / "toy.py").write_text(f"# {student}\n{WORK}", encoding="utf-8")
        self.toy, self.folder = toy, folder

    def grade(
        self, name: str, before: str = "", through: str = "", after: str = "", **environment: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Grade into a folder of that name.

        Args:
            name: of the folder.
            before: what the shell does first.
            through: the command that starts it.
            after: redirections.
            environment: what is set; None takes away.
        """
        words = [
            sys.executable, "-m", "grader", "grade", self.toy / "class", "--course", self.toy / "assignments", "--out",
            self.folder / name, "--lang", "en", "--allow-level", "1", "--public-secret",
        ]  # fmt: skip
        command = " ".join(f"'{word}'" for word in words)
        env = {key: value for key, value in (os.environ | environment).items() if value is not None}
        script = f"{before}\n{through} {command} {after}"
        return subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=240, check=False)

    def marks(self, name: str) -> dict[str, float]:
        """Student to mark, as the reports in a folder say."""
        reports = [json.loads(f.read_text("utf-8")) for f in (self.folder / name / "reports").glob("*.json")]
        return {report["student"]: report["score"] for report in reports}


@pytest.fixture
def machine(toy: Path, tmp_path: Path) -> Machine:
    return Machine(toy, tmp_path)


@pytest.fixture(scope="module")
def honest(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The marks where nothing is lacking."""
    folder = tmp_path_factory.mktemp("honest")
    shutil.copytree(root / "tests/courses/toy", folder, dirs_exist_ok=True)
    machine = Machine(folder, folder)
    done = machine.grade("honest")
    assert done.returncode == 0, done.stderr
    marks = machine.marks("honest")
    assert marks.keys() == {"20230001", "20230002"}
    assert all(mark > 0 for mark in marks.values())
    return marks


def same(machine: Machine, name: str, done: subprocess.CompletedProcess[str], honest: dict[str, float]) -> None:
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert machine.marks(name) == honest


def test_a_home_that_is_absent_or_cannot_be_written_costs_nothing(machine: Machine, honest: dict[str, float]) -> None:
    """Keys are computed each time, which a line says where a home is there; the marks are the same."""
    without: dict[str, str | None] = {"GRADER_CACHE": None, "XDG_CACHE_HOME": None}
    same(machine, "none", machine.grade("none", **without, HOME=None), honest)
    unwritable = machine.grade("proc", **without, HOME="/proc")
    same(machine, "proc", unwritable, honest)
    assert "/proc/.cache" in unwritable.stderr
    assert "computed anew each time" in unwritable.stderr


def test_a_user_without_a_name_or_home_is_nobody_special(machine: Machine, honest: dict[str, float]) -> None:
    """A user whom the list of users does not have, as in many containers, gets the same marks."""
    probe = subprocess.run(["unshare", "--user", "--map-user=12345", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(NO_NAMESPACE)
    nameless: dict[str, str | None] = dict.fromkeys(("HOME", "USER", "LOGNAME", "LNAME", "USERNAME", "GRADER_CACHE"))
    done = machine.grade("nameless", through="unshare --user --map-user=12345", **nameless)
    same(machine, "nameless", done, honest)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_cost_nothing(machine: Machine, honest: dict[str, float], closed: str) -> None:
    """Without standard output, error or input, as under some schedulers, the results are written all the same."""
    same(machine, "closed", machine.grade("closed", after=closed), honest)


def test_a_full_terminal_is_one_line(machine: Machine, honest: dict[str, float]) -> None:
    """Output that cannot be written ends the command with code 2 and one line; the results lie in their folder."""
    done = machine.grade("full", after=">/dev/full")
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert machine.marks("full") == honest


def test_a_link_to_nowhere_as_results_folder_is_said(machine: Machine) -> None:
    """A dangling `--out` is refused in one line that names both ends, and nothing is made at the other end."""
    (machine.folder / "link").symlink_to(machine.folder / "nowhere")
    done = machine.grade("link")
    assert done.returncode == 2
    assert str(machine.folder / "nowhere") in done.stderr
    assert "Traceback" not in done.stderr
    assert not (machine.folder / "nowhere").exists()


@pytest.mark.parametrize("most", [64, 200])
def test_few_open_files_are_raised_or_said(machine: Machine, honest: dict[str, float], most: int) -> None:
    """A soft limit of open files is raised; a hard one is said with the number that is needed, and nobody is marked."""
    same(machine, "soft", machine.grade("soft", before=f"ulimit -S -n {most}"), honest)
    done = machine.grade("hard", before=f"ulimit -n {most}")
    told = done.stdout + done.stderr
    assert done.returncode == 2, told
    assert f"only {most} files may be open" in told
    assert "ulimit -n 512" in told
    assert "Traceback" not in told
    assert machine.marks("hard") == {}


@pytest.mark.skipif(unshared() is None, reason=NO_NAMESPACE)
@pytest.mark.parametrize("inodes", [3, 4, 6, 12])
def test_a_disk_without_inodes_is_said(grader: CommandLine, toy: Path, tmp_path: Path, inodes: int) -> None:
    """However few files the scratch disk may hold: marks as always, or code 2 and the words of the system, no mark."""
    machine = Machine(toy, tmp_path)
    (tmp_path / "small").mkdir()
    script = (
        f"mount -t tmpfs -o size=50m,nr_inodes={inodes} tmpfs {tmp_path}/small && export TMPDIR={tmp_path}/small && "
    )
    words = ["grade", toy / "class", "--course", toy / "assignments", "--out", tmp_path / "out", "--allow-level", 1,
             "--public-secret", "--lang", "en"]  # fmt: skip
    done = grader.process(*words, before=[*(unshared() or []), "sh", "-c", script + 'exec "$@"', "sh"])
    told = done.stdout + done.stderr
    assert "Traceback" not in told
    if done.returncode == 0:
        assert machine.marks("out").keys() == {"20230001", "20230002"}
    else:
        assert done.returncode == 2
        assert "No space left" in told or "no inodes left" in told
        assert machine.marks("out") == {}

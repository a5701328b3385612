"""Scratch folders of killed processes go, and nothing else does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

MAKE = """
import sys
from grader.sandbox.kernel import scratch
folder = scratch.make()
open(folder + "/file", "w").close()
inner = scratch.make(folder)
print(folder, flush=True)
sys.stdin.read()
scratch.remove(folder)
"""
HAND_OVER = """
import os, subprocess, sys
from grader.sandbox.kernel import scratch
folder = scratch.make()
lock = scratch.descriptor_of(folder)
other = subprocess.Popen(["sleep", "60"], pass_fds=[lock], start_new_session=True)
print(folder, other.pid, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def start(place: Path, code: str = MAKE) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "TMPDIR": str(place)})  # fmt: skip


def folder_of(process: subprocess.Popen[str]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().split()[0])


@pytest.fixture
def living(place: Path) -> Iterator[Path]:
    """The folder of a process that still uses it."""
    with start(place) as process:
        yield folder_of(process)
        process.communicate("")


def sweep(place: Path) -> None:
    """What the next process does before it makes a folder of its own."""
    with start(place) as process:
        own = folder_of(process)
        assert own.is_dir()
        process.communicate("")
    assert not own.exists()


def test_what_a_killed_process_left_is_removed(place: Path, living: Path) -> None:
    """With all in it; a living neighbour's folder, and folders, files and links of other names and kinds, stay."""
    with start(place) as process:
        stale = folder_of(process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (stale / "file").exists()
    (place / "grader-mine").mkdir()
    (place / "grader-scratch-file").write_text("no folder")
    (place / "elsewhere").mkdir()
    (place / "grader-scratch-link").symlink_to(place / "elsewhere", target_is_directory=True)
    sweep(place)
    assert not stale.exists()
    assert (living / "file").exists()
    assert sorted(file.name for file in place.iterdir()) == sorted(
        ["elsewhere", "grader-mine", "grader-scratch-file", "grader-scratch-link", living.name]
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
def test_the_folder_of_another_user_stays(place: Path) -> None:
    """Though nobody holds it, it is not ours to judge."""
    other = place / "grader-scratch-other"
    other.mkdir()
    os.chown(other, 65534, 65534)
    sweep(place)
    assert other.is_dir()


def test_a_folder_that_was_handed_over_stays_while_its_heir_lives(place: Path) -> None:
    """A fork-server that stays warm keeps its folder when the command that started it is long gone."""
    with start(place, HAND_OVER) as process:
        assert process.stdout is not None
        name, heir = process.stdout.readline().split()
        process.wait()
    sweep(place)
    assert Path(name).is_dir()
    kept_by = psutil.Process(int(heir))
    kept_by.kill()
    with contextlib.suppress(psutil.TimeoutExpired):  # a zombie that nobody waits for holds nothing either
        kept_by.wait(5)
    sweep(place)
    assert not Path(name).exists()


IN_A_PLACE = """
import sys
from pathlib import Path
from grader.sandbox.kernel import scratch
with scratch.folder_in(Path(sys.argv[1]), "run-") as folder:
    (folder / "file").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_run_left_in_a_place_goes_with_the_next(place: Path) -> None:
    """That of a run which goes on stays, and so does whatever has another name."""

    def begin() -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", IN_A_PLACE, str(place)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)  # fmt: skip

    (place / "0123abcd").mkdir()
    with begin() as killed, begin() as living:
        left, used = folder_of(killed), folder_of(living)
        killed.kill()
        killed.wait()
        assert left.is_dir()
        with begin() as third:
            third_folder = folder_of(third)
            assert {folder.name for folder in place.iterdir()} == {"0123abcd", used.name, third_folder.name}
            third.communicate("")
        living.communicate("")
    assert [folder.name for folder in place.iterdir()] == ["0123abcd"]

"""A disk that fills up while a class is graded: a clear error, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.left_out import NO_NAMESPACE

# The commands run in a mount namespace of their own, so that a disk of any size needs no real disk.
SCRIPT = """
set -eu
mount -t tmpfs -o size=$SIZE tmpfs "$DISK"
"$@" && code=0 || code=$?
cp -a "$DISK/." "$KEPT"
exit $code
"""
MORE = """
set -eu
mount -t tmpfs -o size=200m tmpfs "$DISK"
cp -a "$KEPT/." "$DISK"
"$@"
"""
WORK = "import math\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n"


def unshared() -> list[str] | None:
    """The command that gives a mount namespace; None where it is not allowed."""
    command = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    probe = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        return None
    return command


@pytest.mark.skipif(unshared() is None, reason=NO_NAMESPACE)
def test_a_disk_that_fills_up_loses_nothing(grader: CommandLine, toy: Path, tmp_path: Path) -> None:
    """The run ends with exit code 2 and says what is full; with room again, it goes on where it was."""
    for number in range(30):
        folder = toy / "class" / f"2023{number:03}"
        folder.mkdir(parents=True)
        (folder / "toy.py").write_text(f"# {'x' * 200 * number}\nPADDING = '''{'p' * 20_000}'''\n{WORK}")
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    kept.mkdir()
    course, out = toy / "assignments", disk / "out"
    words = (
        "grade",
        toy / "class",
        "--course",
        course,
        "--out",
        out,
        "--allow-level",
        1,
        "--public-secret",
        "--lang",
        "en",
    )

    def run(script: str, size: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "SIZE": size, "DISK": str(disk), "KEPT": str(kept)}
        return grader.process(*words, before=[*(unshared() or []), "sh", "-c", script, "sh"], env=environment)

    full = run(SCRIPT, "300k")
    assert full.returncode == 2, full.stderr
    assert "Traceback" not in full.stderr
    assert "full" in full.stderr or "No space left" in full.stderr
    again = run(MORE, "200m")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("10") >= 30

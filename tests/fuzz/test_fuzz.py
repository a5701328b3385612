"""The fuzzer itself, for a few seconds, and every input that it ever found something with."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fuzz.run import FOUND, Trial
from fuzz.targets import TARGETS, Target

SMOKE = 5
"""Seconds, shared by all targets."""


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_stays_mended(tmp_path: Path, name: str) -> None:
    """Each sample and each input that once failed is read, or refused as declared, within the bounds of the fuzzer."""
    target = TARGETS[name]
    trial = Trial(target, tmp_path)
    kept = [file.read_bytes() for file in sorted((FOUND / name).glob("*"))]
    assert [problem for body in (*target.samples, *kept) if (problem := trial.once(body))] == []
    assert trial.tried == len(target.samples) + len(kept)


def test_a_few_seconds_find_nothing(root: Path) -> None:
    """The command runs each target, says how much it tried, and ends with 0."""
    words = [sys.executable, "-m", "fuzz.run", "--seconds", f"{SMOKE}", "--seed", "1"]
    done = subprocess.run(words, cwd=root / "tests", capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tried = {
        name: int(count) for name, count in re.findall(r"^(\w+) +(\d+) inputs, 0 findings", done.stdout, re.MULTILINE)
    }
    assert tried.keys() == TARGETS.keys()
    assert all(tried[name] >= len(target.samples) for name, target in TARGETS.items())


def _broken(body: bytes, _folder: Path) -> None:
    if b"\x01" in body:
        raise KeyError("planted")
    if body == b"slow":
        while True:
            time.process_time()
    if body == b"large":
        assert len(bytearray(b"x" * 2**29)) == 2**29
    if body == b"refused":
        raise ValueError("declared")


def test_a_planted_fault_is_found_and_its_input_made_small(tmp_path: Path) -> None:
    """Without a fault nothing is found; one that only some inputs show is found within seconds."""
    target = Target(_broken, (ValueError,), [b"harmless", b"refused"])
    trial = Trial(target, tmp_path)
    number, until = 1, time.monotonic() + 60
    while not trial.found and time.monotonic() < until:
        trial.explore(until, number)
        number += 1
    assert [problem.partition(" ")[0] for problem in trial.found] == ["KeyError"]
    assert len(next(iter(trial.found.values()))) <= len(b"harmless") + 1
    assert trial.once(b"refused") is None


@pytest.mark.parametrize(("body", "words"), [(b"slow", "s of CPU time"), (b"large", "grew by more")])
def test_an_input_that_takes_too_much_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, words: str
) -> None:
    """An endless loop is ended and told, and so is half a gigabyte; the honest input beside them is not."""
    if body == b"slow":
        monkeypatch.setattr("fuzz.run.CPU_SECONDS", 1)
    trial = Trial(Target(_broken, (), [body]), tmp_path)
    assert trial.once(b"harmless") is None
    assert words in str(trial.once(body))


def test_a_process_that_dies_is_a_finding(root: Path, tmp_path: Path) -> None:
    """A target that ends its process, as a fault in native code does, leaves the input behind and fails the command."""
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from fuzz import run, targets\n"
        f"run.FOUND = Path({str(tmp_path)!r})\n"
        "dies = targets.Target(lambda body, _: os.abort() if body == b'two' else None, (), [b'one', b'two'])\n"
        "targets.TARGETS['dies'] = dies\n"
        "if '--current' in sys.argv:\n    sys.exit(run.main())\n"
        "sys.exit(run.run(['dies'], 1, 1, command=[sys.executable, '-c', Path(sys.argv[1]).read_text()]))\n"
    )
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "script.py")],
        cwd=root / "tests", capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(root / "tests")},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the process ended with" in done.stdout
    assert [file.read_bytes() for file in (tmp_path / "dies").iterdir()] == [b"two"]

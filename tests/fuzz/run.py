"""`make fuzz`: tries inputs against each target until the time is over; a failing input is kept and printed.

Each target runs in a process of its own, so that one that hangs or dies is a finding as well. What is found lies in
`tests/fuzz/found/TARGET/`, and is tried again by `test_fuzz.py` ever after.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import hashlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from fuzz.targets import TARGETS, Target
from hypothesis import HealthCheck, Phase, given, seed, settings

FOUND = Path(__file__).parent / "found"
CPU_SECONDS = 10
"""Of this process, for one input."""
HANGS = 120
"""Seconds after which a target that does not come back is ended."""
GROWTH = 2**28
"""Bytes that the peak of this process may grow by for one input."""
_ROOM = 2**31  # bytes of addresses, beyond those at the start
_ROUND = 200  # examples that Hypothesis makes of a seed


class TooSlowError(BaseException):
    """An input took too much CPU time; no handler of the code under test may take it for its own."""


class Trial:
    """One target, tried with one input after another.

    Attributes:
        tried: how many inputs.
        found: what went wrong, to the smallest input for it.
        slowest: CPU seconds of the slowest input.
        growth: bytes by which the peak of this process grew at most while it read an input.
    """

    def __init__(self, target: Target, folder: Path) -> None:
        self.tried, self.slowest, self.growth = 0, 0.0, 0
        self.found: dict[str, bytes] = {}
        self._target, self._folder = target, folder
        self._known: set[str] = set()

    def once(self, body: bytes) -> str | None:
        """What goes wrong with an input; None where nothing does."""
        self.tried += 1
        place = Path(tempfile.mkdtemp(dir=self._folder))
        begun, size = time.process_time(), _peak()
        try:
            with _bounded():
                self._target.run(body, place)
        except self._target.declared:
            pass
        except (Exception, TooSlowError) as error:  # noqa: BLE001 - whatever else comes out is what is looked for
            return _signature(error)
        finally:
            self.slowest = max(self.slowest, time.process_time() - begun)
            shutil.rmtree(place, ignore_errors=True)
            grown = _peak() - size
            self.growth = max(self.growth, grown)
        return "the process grew by more than is allowed" if grown > GROWTH else None

    def explore(self, until: float, number: int, current: Path | None = None) -> None:
        """Try inputs of one seed; stops at a new finding once Hypothesis has made its input small.

        Args:
            until: when to stop, as `time.monotonic` counts.
            number: the seed.
            current: where the input that is being tried is kept, for whoever finds this process dead.
        """

        @seed(number)
        @settings(
            max_examples=_ROUND, database=None, deadline=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink], derandomize=False, print_blob=False,
        )  # fmt: skip
        @given(self._target.inputs())
        def attempt(body: bytes) -> None:
            if time.monotonic() > until:
                return
            if current is not None:
                current.write_bytes(body)
            problem = self.once(body)
            if problem is None or problem in self._known:
                return
            if len(body) <= len(self.found.get(problem, body)):
                self.found[problem] = body
            raise AssertionError(problem)

        with warnings.catch_warnings(), contextlib.suppress(Exception, BaseExceptionGroup):  # kept in `found`
            warnings.simplefilter("ignore")  # an input is too large to be shown by Hypothesis
            attempt()
        self._known |= self.found.keys()


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlowError(f"more than {CPU_SECONDS} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    faulthandler.dump_traceback_later(HANGS, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGPROF, before)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _signature(error: BaseException) -> str:
    """Type and innermost place in `grader/`: what makes two failures one."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/grader/" in frame.filename] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].name}:{ours[-1].lineno}" if ours else ""
    text = str(error) if isinstance(error, AssertionError | TooSlowError) else ""
    return f"{type(error).__name__} {text} in {place}".replace("  ", " ")


def explore(name: str, seconds: float, first: int, current: Path) -> int:
    """Try a target in this process; the exit code says whether anything was found."""
    target = TARGETS[name]
    if not target.children:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _ROOM, used + _ROOM))
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(target, Path(folder))
        for body in target.samples:
            current.write_bytes(body)
            if problem := trial.once(body):
                trial.found.setdefault(problem, body)
        until, number = time.monotonic() + seconds, first
        while time.monotonic() < until:
            trial.explore(until, number, current)
            number += 1
    print(f"{name:9} {trial.tried:7} inputs, {len(trial.found)} findings, slowest {trial.slowest:.2f} s of CPU, "
          f"grown by {trial.growth >> 20} MiB", flush=True)  # fmt: skip
    for problem, body in trial.found.items():
        keep(name, problem, body)
    return int(bool(trial.found))


def keep(name: str, problem: str, body: bytes) -> None:
    """Save and print a failing input."""
    file = FOUND / name / hashlib.sha256(body).hexdigest()[:12]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    print(f"    {problem}\n    {file}: {body[:200]!r}", flush=True)


_COMMAND = (sys.executable, "-m", "fuzz.run")


def run(names: Sequence[str], seconds: float, first: int, command: Sequence[str] = _COMMAND) -> int:
    """Try each target in a process of its own; 1 where anything was found."""
    failed = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            current = Path(folder) / "current"
            words = [*command, name, "--seconds", f"{seconds / len(names)}", "--seed", f"{first}"]
            child = subprocess.run([*words, "--current", str(current)], check=False)
            if child.returncode not in {0, 1} and current.exists():
                keep(name, f"the process ended with {child.returncode}", current.read_bytes())
            failed |= int(child.returncode != 0)
    return failed


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="TARGET", help="targets; all when none is named: " + ", ".join(TARGETS)
    )
    parser.add_argument("--seconds", type=float, default=60, help="in all, shared by the targets")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; another one each day when absent")
    parser.add_argument("--current", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    first = told.seed if told.seed is not None else int(time.time()) // 86_400 * 1_000_000
    if told.current is not None:
        return explore(told.names[0], told.seconds, first, told.current)
    return run(told.names or list(TARGETS), told.seconds, first)


if __name__ == "__main__":
    sys.exit(main())

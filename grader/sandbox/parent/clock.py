"""A worker's own time: what a wall-clock limit counts on a machine that has other things to do.

A limit promises seconds to a student, not to the queue in front of the processor. So seconds in which the kernel kept a
worker from running, or in which the grader itself stood still, are the machine's; all others are the worker's, whether
it computes, sleeps or waits for a lock that nobody gives back.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

PAUSE = 1.0
"""Seconds between two looks above which the grader was stopped, frozen or suspended: nobody's time."""
_LONGEST_LOOK = 0.1
"""Seconds of one look that may be the worker's: a grader that looks this late was kept from running itself."""
_MOST_CREDIT = 1.0
"""Seconds that threads which wait side by side may save up: they wait longer together than time passes."""
_RUNNABLE = "R"
_HALTED = frozenset("DTt")
"""States of a thread that the disk or somebody's SIGSTOP keeps from running."""


class Waits(NamedTuple):
    """What kept some threads from running.

    Attributes:
        queued: seconds that they have stood in the queue of a processor, all together, up to the last time each ran.
        states: looks at the states they are in now, a letter each as in `/proc`.
    """

    queued: float = 0.0
    states: Callable[[], frozenset[str]] = frozenset


class OwnTime:
    """The time of one call, told look by look.

    Attributes:
        own: seconds that were the worker's.
        seen: seconds in which the grader watched, whoever they belong to.
        halted: of the own seconds, those in which the worker was seen to be stopped or to wait for a disk.
    """

    def __init__(self) -> None:
        self.own = self.seen = self.halted = 0.0
        self._at = time.monotonic()  # stands still while a machine is suspended
        self._before: tuple[float, float] | None = None
        self._credit = 0.0

    def look(self, cpu: float, waits: Waits) -> None:
        """Account for the time since the last look, by the CPU seconds used and the waits so far."""
        passed, self._at = time.monotonic() - self._at, time.monotonic()
        seen = _LONGEST_LOOK if passed > PAUSE else passed
        ran, queued = (cpu - self._before[0], waits.queued - self._before[1]) if self._before else (cpu, 0.0)
        self._before = cpu, waits.queued
        self._credit = min(self._credit + queued, _MOST_CREDIT)
        owed = max(min(self._credit, seen), 0.0)
        states = waits.states() if ran <= 0 and queued <= 0 else frozenset()
        if _RUNNABLE in states:
            owed = seen  # the kernel counts a wait when it is over; this one is not
        self._credit -= owed
        owed = max(owed, seen - _LONGEST_LOOK)
        self.seen += seen
        self.own += seen - owed
        if states & _HALTED:
            self.halted += seen - owed

    def elapsed(self) -> float:
        """Return the seconds since the last look."""
        return time.monotonic() - self._at


class RunQueue:
    """The waits of all threads of some processes, as Linux counts them; none elsewhere."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._total = 0

    def waits(self, processes: Iterable[int]) -> Waits:
        """Return the waits up to now; threads that have ended count as far as they were seen."""
        tasks = [task for process in processes for task in _tasks(process)]
        known: dict[str, int] = {}
        for task in tasks:
            words = _read(f"{task}/schedstat").split()
            if len(words) > 1:
                known[task] = int(words[1])
                self._total += max(known[task] - self._known.get(task, 0), 0)
        self._known = known
        return Waits(self._total / 1e9, lambda: frozenset(filter(None, map(_state, tasks))))


def _tasks(process: int) -> list[str]:
    folder = f"/proc/{process}/task"
    with contextlib.suppress(OSError):
        return [f"{folder}/{thread}" for thread in os.listdir(folder)]  # noqa: PTH208 - 50 times a second
    return []


def _state(task: str) -> str:
    return _read(f"{task}/stat").rpartition(b")")[2].strip()[:1].decode("ascii", "replace")


def _read(file: str) -> bytes:
    with contextlib.suppress(OSError):
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(descriptor, 4096)
        finally:
            os.close(descriptor)
    return b""


class Patience:
    """Seconds that the grader waits for something of its own; time in which it was stopped does not count."""

    def __init__(self, seconds: float) -> None:
        self._left, self._at = seconds, time.monotonic()

    def step(self, longest: float) -> float:
        """Return how long to wait now at most; 0 when no patience is left."""
        passed, self._at = time.monotonic() - self._at, time.monotonic()
        self._left -= min(passed, PAUSE)
        return max(min(self._left, longest), 0.0)

"""Whether a fault is the student's or the machine's: a doubtful one is asked again, alone, before it counts.

The machine's faults: it had no processor for a worker, its disk was full, somebody or the kernel killed the worker, the
fork-server died. Student code can bring about some of them itself (a timer that ends it; at level 1
`os.kill(os.getpid(), 9)`), and then does so again. A signal that the kernel keeps it from sending is never its own.
What is the machine's twice is an error of the sandbox; it is never a student's outcome.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import SandboxError
from grader.nouns.outcome import Crashed, Garbled, Outcome, Raised
from grader.nouns.text import Message, say
from grader.sandbox.kernel.scratch import Room

Cause = Literal["starved", "halted", "killed", "full", "lost"]
"""Why an outcome may not be the student's.

starved: the time was over before the processor was the worker's for as long as its limit.
halted: it was stopped or waited for a disk for a good part of its time.
killed: a signal ended it that came neither from its own code's faults nor from a limit.
full: there was no room on the disk of its scratch folder.
lost: it could not be started, or the fork-server died.
"""


@dataclass(frozen=True)
class Conversation:
    """What a job gave: outcomes in order, and why the last may not be the student's."""

    outcomes: tuple[Outcome, ...]
    doubt: Cause | None = None


class NotReadyError(SandboxError):
    """A worker could not be started or did not come up, for reasons that may pass."""


_MOST_ALONE = 3
"""How often a job in doubt is tried alone."""
_DEATHS = 3
"""How often in a row code has to die in the same way before it counts as its own doing."""


def settled(
    turns: Turns, attempt: Callable[[], Conversation], *, unsendable: Container[int] = frozenset()
) -> tuple[Outcome, ...]:
    """Return the outcomes of a job; where they are in doubt, run it again from its start and alone.

    Args:
        turns: of whoever runs jobs here.
        attempt: runs the job once.
        unsendable: signals that its code cannot send itself.

    Raises:
        SandboxError: the second run is the machine's fault too.
    """
    with turns.beside():
        try:
            first = attempt()
        except NotReadyError:
            first = Conversation((), "lost")
    if first.doubt is None:
        return first.outcomes
    with turns.alone():
        tried = [first]
        for _ in range(_MOST_ALONE):
            kills = out_of_memory_kills()
            one = attempt()
            if one.doubt is None or one.doubt == "halted":
                return one.outcomes
            if out_of_memory_kills() > kills:
                raise SandboxError(_NO_MEMORY)
            if one.doubt != "killed":
                raise SandboxError(_ACCUSED[one.doubt])
            tried.append(one)
            last = one.outcomes[-1] if one.outcomes else None
            if isinstance(last, Crashed) and last.signal in unsendable:
                continue
            if len(tried) >= _DEATHS and len(set(map(_death, tried[-_DEATHS:]))) == 1:
                return _charged(one.outcomes)
    raise SandboxError(_ACCUSED["killed"])


def _death(one: Conversation) -> tuple[object, ...]:
    """At which call a worker died, and how."""
    last = one.outcomes[-1] if one.outcomes else None
    return one.doubt, len(one.outcomes), last and last.kind, last.signal if isinstance(last, Crashed) else None


def _charged(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """The outcomes of code that kills itself: each time is paid by its budget."""
    last = outcomes[-1]
    charge = last.charge.model_copy(update={"wall": last.charge.wall * _DEATHS, "cpu": last.charge.cpu * _DEATHS})
    paid = last.model_copy(update={"charge": charge})
    return tuple(paid if outcome is last else outcome for outcome in outcomes)


_NO_MEMORY = say(
    "this machine ran out of memory, and the kernel ended a worker that was within its limit; free some memory, run "
    "fewer jobs side by side or lower `limits.memory`"
)
_ACCUSED: dict[Cause, Message] = {
    "starved": say(
        "this machine had no processor for the student's code, even with nothing of ours beside it; end what else runs "
        "here and grade again"
    ),
    "killed": say("the student's code was killed from outside again and again; grade again"),
    "full": say(
        "the disk of the scratch folder is full or has no inodes left; free some space there, or set TMPDIR to a "
        "folder on another disk"
    ),
}


_OWN_FAULTS = frozenset(
    getattr(signal, f"SIG{name}", None)
    for name in ("SEGV", "BUS", "FPE", "ILL", "ABRT", "TRAP", "SYS", "PIPE", "XCPU", "XFSZ")
)
"""Signals that the kernel sends a process for what it does itself."""


def from_outside(number: int | None) -> bool:
    """Return whether a signal is one that `kill` or a kernel without memory sends."""
    return number is not None and number not in _OWN_FAULTS


def out_of_memory_kills() -> int:
    """Return how many processes the kernel has killed for memory since it started, in cgroups too."""
    try:
        found = re.search(rb"^oom_kill (\d+)$", Path("/proc/vmstat").read_bytes(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


_LITTLE_ROOM = 1 << 20
_FEW_FILES = 16
_SAYS_FULL = ("Errno 28", "No space left")


def no_room(outcome: Outcome, folder: str, room: Room) -> bool:
    """Return whether a full disk may have caused a fault."""
    known = hasattr(os, "statvfs") and hasattr(os, "geteuid")
    if not folder or not known or not isinstance(outcome, Raised | Crashed | Garbled):
        return False
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    blocks = disk.f_bfree if os.geteuid() == 0 else disk.f_bavail
    free, nodes = blocks * disk.f_frsize, disk.f_favail if disk.f_files else room.files
    if free < _LITTLE_ROOM or nodes < _FEW_FILES:
        return True
    says_so = isinstance(outcome, Raised) and any(words in outcome.message for words in _SAYS_FULL)
    return says_so and (free < room.size or nodes < room.files)


class Turns:
    """Who may run: many jobs side by side, or one alone, which waits for the others to end and holds back new ones."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._beside = self._waiting = 0
        self._alone = False

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Run beside others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._waiting)
            self._beside += 1
        try:
            yield
        finally:
            with self._changed:
                self._beside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Run with nothing beside."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._alone and not self._beside)
                self._alone = True
            finally:
                self._waiting -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()

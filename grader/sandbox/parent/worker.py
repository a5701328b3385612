"""One forked child as the grader sees it: pipes to talk, a pidfd to kill, `/proc` and its clock to measure."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.nouns.question import Limits
from grader.nouns.text import say
from grader.sandbox import wire
from grader.sandbox.kernel import scratch
from grader.sandbox.parent.channel import Poll
from grader.sandbox.parent.clock import Patience, RunQueue, Waits
from grader.sandbox.parent.doubts import NotReadyError, from_outside
from grader.sandbox.parent.session import SIGXFSZ, End, Reading

_TO_END = 1.0
"""Seconds that a worker which has closed its pipe may take to end on a busy machine, or it is killed."""
_STEP = 0.1
"""Seconds between two looks at whether the grader itself was stopped."""
MOST_THREADS = 64
"""Threads a child may run; RLIMIT_NPROC would count all of the user's processes, and root's not at all."""


class Lost(Exception):  # noqa: N818 - not an error of this process: the fork-server is gone
    """The fork-server died while it had a child of ours."""


class Forked:
    """A child of the fork-server; see `session.Worker`."""

    SLACK = 256 << 20
    """Address space above the memory limit: stacks, arenas and mappings that are reserved and never touched."""
    PATIENCE = 60.0
    """Seconds a fork or a set-up may take on a machine that is very busy."""

    def __init__(self, requests: int, answers: int, log: int, report: socket.socket) -> None:
        """A child that was asked for; `set_up` waits for it."""
        self.scratch = ""
        self.room = scratch.STUDENTS
        self.channel = Poll(requests, answers, log)
        self._report = report
        self._end: End | None = None
        self._queue = RunQueue()
        self._idle = self._peak = self._address_space = 0
        self._pidfd, self._pid, self._status_file = -1, 0, -1

    def _await_fork(self) -> None:
        """Wait for the fork; the child's number in this process's namespace."""
        message, descriptors = self._receive(self.PATIENCE)
        if message is None:
            raise Lost
        if "error" in message:
            raise NotReadyError(
                say("no worker can be forked: {error}; run fewer jobs side by side", error=message["error"])
            )
        (self._pidfd,) = descriptors
        self._pid = _fields(Path(f"/proc/self/fdinfo/{self._pidfd}").read_bytes())[b"Pid"]
        with contextlib.suppress(OSError):  # it may be dead already
            self._status_file = os.open(f"/proc/{self._pid}/status", os.O_RDONLY | os.O_CLOEXEC)

    def _receive(self, seconds: float) -> tuple[dict[str, Any] | None, list[int]]:
        """One message of the server about this child; None when the server is gone or the time is over."""
        poll = select.poll()
        poll.register(self._report, select.POLLIN)
        patience = Patience(seconds)
        while not poll.poll((left := patience.step(_STEP)) * 1000):
            if not left:
                return None, []
        try:
            data, descriptors, _, _ = socket.recv_fds(self._report, 4096, 1)
        except OSError:
            return None, []
        return (json.loads(data) if data else None), descriptors

    def set_up(self, setup: dict[str, Any]) -> None:
        """Have the child confined before it runs student code.

        Raises:
            SandboxError: it could not be.
            Lost: the server died.
        """
        self._await_fork()
        self.scratch = setup["scratch"] or ""
        channel = self.channel
        channel.cap, channel.log.limit = 1 << 10, 1 << 14
        channel.send(wire.frame(wire.encode(setup)))
        expected = wire.frame(wire.encode({"kind": "ready"}))
        patience = Patience(self.PATIENCE)
        while len(channel.inbox) < len(expected) and not channel.ended and (left := patience.step(_STEP)):
            channel.step(left)
        if channel.inbox != expected:
            end = self.end()
            channel.drain()
            log = channel.log.take()[0][-2000:]
            words = say("a worker could not be confined; it said:\n{said}", said=log)
            raise NotReadyError(words) if from_outside(end.signal) else SandboxError(words)
        channel.inbox.clear()
        status = self._status()
        self._idle = _bytes(status, b"RssAnon", b"RssShmem")
        self._address_space = _bytes(status, b"VmSize")

    def allow(self, limits: Limits) -> None:
        """Set the address space for the next call; a child without rlimits (in tests) keeps none."""
        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.prlimit(self._pid, resource.RLIMIT_AS)
            if hard != resource.RLIM_INFINITY:
                soft = min(self._address_space + limits.memory + self.SLACK, hard)
                resource.prlimit(self._pid, resource.RLIMIT_AS, (soft, hard))

    def _status(self) -> dict[bytes, int]:
        """The numbers in the child's `/proc/…/status`; none once it is gone."""
        try:
            return _fields(os.pread(self._status_file, 1 << 14, 0))
        except OSError:
            return {}

    def reading(self) -> Reading:
        """Return CPU seconds by the process's clock, and memory that it shares with neither the server nor files."""
        if self._end is not None:
            return Reading(peak=self._peak)
        status = self._status()
        now = _bytes(status, b"RssAnon", b"RssShmem") - self._idle
        most = _bytes(status, b"VmHWM") - _bytes(status, b"RssFile") - self._idle
        self._peak = max(self._peak, now, most)
        with contextlib.suppress(OSError):
            return Reading(cpu=time.clock_gettime(_cpu_clock(self._pid)), memory=max(now, 0), peak=self._peak)
        return Reading(memory=max(now, 0), peak=self._peak)

    def waits(self) -> Waits:
        """Return what has kept the child's threads from running."""
        return self._queue.waits((self._pid,))

    def overstepped(self) -> int | None:
        """Return the signal to report for a full scratch folder or too many threads; None when in bounds."""
        if self.scratch and scratch.full(self.scratch, self.room):
            return SIGXFSZ
        return signal.SIGKILL if self._status().get(b"Threads", 0) > MOST_THREADS else None

    def end(self) -> End:
        """Kill the child and return what the server's wait4 reports.

        Raises:
            Lost: the server died.
        """
        if self._end is None:
            message, _ = self._receive(0.05 if self.channel.ended else 0)
            if message is None:
                with contextlib.suppress(OSError):
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
                message, _ = self._receive(self.PATIENCE)
            if message is None:
                raise Lost
            code = os.waitstatus_to_exitcode(message["status"])
            how = {"signal": -code} if code < 0 else {"exit_code": code}
            self._end = End(**how, cpu=message["cpu"])
        return self._end

    def dismiss(self) -> None:
        """Kill the child if it lives, without waiting."""
        if self._pidfd >= 0 and self._end is None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self, *, wait: bool = True) -> bool:
        """Release everything once the child is dead; return whether it is. One never met dies of its pipes."""
        if self._end is None and self._pidfd >= 0:
            message, _ = self._receive(self.PATIENCE if wait else 0)
            if message is None and not wait:
                return False
        self.channel.close()
        self._report.close()
        for descriptor in (self._pidfd, self._status_file):
            if descriptor >= 0:
                os.close(descriptor)
        self._pidfd = self._status_file = -1
        return True


def _cpu_clock(pid: int) -> int:
    """The clock of a process's CPU time: clock_getcpuclockid(3), CPUCLOCK_SCHED."""
    return (~pid << 3) | 2


_NUMBER = re.compile(rb"^(\w+):\s*(-?\d+)", re.MULTILINE)


def _fields(status: bytes) -> dict[bytes, int]:
    return {name: int(number) for name, number in _NUMBER.findall(status)}


def _bytes(status: dict[bytes, int], *names: bytes) -> int:
    return sum(status.get(name, 0) for name in names) * 1024

"""Level 1: a fresh process for each job, with limits held from outside. Works on every system; confines nothing.

It holds wall and CPU time, resident memory (looked at every tick), the size of answers and prints, and the size of the
scratch folder. It does not keep a process from reading files, from the network, or from leaving a daemon behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

import psutil

from grader.errors import SandboxError
from grader.nouns.binding import Binding
from grader.nouns.job import Job
from grader.nouns.outcome import Outcome
from grader.nouns.question import Limits
from grader.nouns.report import Isolation
from grader.nouns.text import say
from grader.sandbox import wire
from grader.sandbox.kernel import environment, scratch
from grader.sandbox.parent.channel import Threads
from grader.sandbox.parent.clock import Patience, RunQueue, Waits
from grader.sandbox.parent.doubts import Conversation, NotReadyError, Turns, from_outside, settled
from grader.sandbox.parent.preflight import needed_parts, resolved
from grader.sandbox.parent.session import SIGXFSZ, End, Reading, converse

BOOT = 120.0
"""Seconds a fresh process may take to import torch and load the models, on a slow disk."""
_TREE_EVERY = 0.25
"""Seconds between two looks at a worker's descendants, which cost more than one at the worker."""


class OneShot:
    """The level 1 backend. Thread-safe: every job has a process and a scratch folder of its own."""

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        isolation: Isolation | None = None,
        *,
        preload: Sequence[str] = ("torch", "transformers"),
    ) -> None:
        """Nothing is started yet.

        Args:
            bindings: logical name to model.
            isolation: what the self-test found; level 1 without checks when None.
            preload: what a worker imports before the student's time begins.
        """
        self.isolation = isolation or Isolation(level=1, backend="one-shot process")
        self._bindings = bindings
        self._preload = list(preload)
        self._turns = Turns()
        self._lock = threading.Lock()
        self._running: set[Spawned] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every job that still runs."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            process.end()

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run the calls of a job in a fresh process: outcomes in order, up to the first that ended it.

        Raises:
            SandboxError: the process cannot be started, the models cannot be loaded, or the machine keeps it from
                running.
        """
        if not job.calls:
            return ()
        job = resolved(job)
        needed = needed_parts(job, self._bindings)

        def attempt() -> Conversation:
            with self.worker(needed, forbid=job.forbid) as worker:
                return converse(job, worker)

        return settled(self._turns, attempt)

    @contextlib.contextmanager
    def worker(
        self,
        needed: Sequence[tuple[str, str]] = (),
        *,
        forbid: Sequence[str] = (),
        serves: str = "grader.sandbox.child.loop",
    ) -> Iterator[Spawned]:
        """Start a fresh process for one job, and end it afterwards.

        Args:
            needed: the parts of models that it holds.
            forbid: names that are taken away from them.
            serves: the loop that answers its requests, as for the fork-server.

        Raises:
            SandboxError: the process cannot be started or the models cannot be loaded.
        """
        folder = scratch.make()
        try:
            process = self._start(folder)
            try:
                self._set_up(process, needed, forbid, serves)
                yield process
            finally:
                process.end()
                process.channel.close()
                with self._lock:
                    self._running.discard(process)
        finally:
            scratch.remove(folder)

    def _start(self, folder: str) -> Spawned:
        with self._lock:
            if self._closed:
                raise SandboxError(say("the sandbox is closed"))
            process = Spawned(folder)
            self._running.add(process)
            return process

    def _set_up(self, process: Spawned, needed: Sequence[tuple[str, str]], forbid: Sequence[str], serves: str) -> None:
        """Import and load before student code and its clock start; a fault here is the grader's."""
        names = {name for name, _ in needed}
        setup = {
            "preload": self._preload,
            "bindings": {name: environment.plain_binding(self._bindings[name]) for name in names},
            "load": [list(pair) for pair in needed],
            "forbid": list(forbid),
            "serves": serves,
        }
        channel = process.channel
        channel.cap, channel.log.limit = 1 << 10, 1 << 14
        channel.send(wire.frame(wire.encode(setup)))
        expected = wire.frame(wire.encode({"kind": "ready"}))
        patience = Patience(BOOT)
        while len(channel.inbox) < len(expected) and not channel.ended and (left := patience.step(0.1)):
            channel.step(left)
        if channel.inbox != expected:
            end = process.end()
            channel.drain()
            text, _ = channel.log.take()
            words = say("a worker process did not come up; it said:\n{said}", said=text[-2000:])
            raise NotReadyError(words) if from_outside(end.signal) else SandboxError(words)
        channel.inbox.clear()
        channel.log.take()
        process.ready()


class Spawned:
    """One worker process and what it started; see `session.Worker`."""

    def __init__(self, folder: str) -> None:
        self.scratch, self.room = folder, scratch.STUDENTS
        try:
            self._process = subprocess.Popen(
                environment.command("grader.sandbox.child.oneshot"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment.scrubbed(folder),
                cwd=folder,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise SandboxError(say("no worker process can be started: {error}", error=str(error))) from error
        assert self._process.stdin and self._process.stdout and self._process.stderr  # noqa: PT018, S101 - they were asked for
        self.channel = Threads(self._process.stdin, self._process.stdout, self._process.stderr)
        self._watched = psutil.Process(self._process.pid)
        self._queue = RunQueue()
        self._idle = self._peak = 0
        self._tree: list[psutil.Process] = []
        self._looked = 0.0
        self._gone: End | None = None
        self._lock = threading.Lock()

    def ready(self) -> None:
        """Take what it holds now as the idle worker."""
        with contextlib.suppress(psutil.Error):
            self._idle = self._watched.memory_info().rss
        self._peak = 0

    def allow(self, limits: Limits) -> None:
        """Do nothing: no kernel limit is available on every system."""

    def reading(self) -> Reading:
        """Return the CPU seconds and memory of the process and its descendants."""
        cpu, memory = 0.0, -self._idle
        for process in [self._watched, *self._descendants()]:
            with contextlib.suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()
                cpu += times.user + times.system
                memory += process.memory_info().rss
        memory = max(memory, 0)
        self._peak = max(self._peak, memory)
        return Reading(cpu=cpu, memory=memory, peak=self._peak)

    def _descendants(self) -> list[psutil.Process]:
        if time.monotonic() - self._looked > _TREE_EVERY:
            self._looked = time.monotonic()
            with contextlib.suppress(psutil.Error):
                self._tree = self._watched.children(recursive=True)
        return self._tree

    def waits(self) -> Waits:
        """Return what has kept the process and its descendants from running."""
        return self._queue.waits(process.pid for process in [self._watched, *self._descendants()])

    def overstepped(self) -> int | None:
        """Return the signal to report when the scratch folder is too full; None when in bounds."""
        return SIGXFSZ if scratch.full(self.scratch, self.room) else None

    def end(self) -> End:
        """Kill the process, its descendants and its process group; what left all three is not found."""
        with self._lock:
            if self._gone is None:
                self._gone = self._end()
        return self._gone

    def _end(self) -> End:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0 if self.channel.ended else 0)
        with contextlib.suppress(psutil.Error):
            self._tree = [*self._tree, *self._watched.children(recursive=True)]
        for process in self._tree:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        code = self._process.wait()
        return End(signal=-code) if code < 0 else End(exit_code=code)

"""Levels 2 and 3: the grader's side of the fork-server.

The server (`zygote`) is started once and loads everything; `run` has it fork a child, talks to that child over pipes of
its own, and kills it. A server that dies is started again and its jobs are run once more before they count as crashed.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Self

from grader.errors import SandboxError
from grader.nouns.binding import Binding
from grader.nouns.job import Job
from grader.nouns.outcome import Crashed, Outcome
from grader.nouns.report import Isolation
from grader.sandbox import bubble, confine, environment, readable, scratch, wire
from grader.sandbox.forked import Forked, Lost
from grader.sandbox.session import converse
from grader.sandbox.wanted import resolved, wanted

BOOT = 300.0
"""Seconds the server may take to import and load everything, on a slow disk."""
MOST_DISMISSED = 8
"""Killed children whose end nobody has waited for yet."""
STUDENT_IMPORTS = (
    "torch",
    "torch.nn.functional",
    "transformers",
    "transformers.generation",
    "numpy",
    "collections",
    "dataclasses",
    "functools",
    "itertools",
    "json",
    "math",
    "pathlib",
    "random",
    "re",
    "statistics",
    "string",
    "typing",
)
"""What homework imports, imported once for all; anything else installed is imported by the child that wants it."""


class ForkServer:
    """The backend of levels 2 and 3. Thread-safe: jobs run side by side, each in a child of its own."""

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        isolation: Isolation | None = None,
        *,
        preload: Sequence[str] = STUDENT_IMPORTS,
        layers: Collection[str] = confine.LAYERS,
        inside_bubble: bool = False,
    ) -> None:
        """Start the server; loading goes on while the caller does something else.

        Args:
            bindings: logical name to model, all loaded.
            isolation: what the self-test found.
            preload: modules the server imports.
            layers: only tests take one away, to show that it matters.
            inside_bubble: start the server inside bubblewrap (level 3).
        """
        self.isolation = isolation or Isolation(level=2, backend="fork-server")
        self._bindings = {name: environment.plain_binding(binding) for name, binding in bindings.items()}
        self._bound = dict(bindings)
        self._preload, self._layers = list(preload), sorted(layers)
        self._lock = threading.Lock()
        self._closed = False
        self._bubble = inside_bubble
        self._server = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and every child."""
        with self._lock:
            self._closed = True
            self._server.end()

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run the calls of a job in a fresh child: outcomes in order, up to the first that ended it.

        Raises:
            SandboxError: the server cannot be started or its children not be confined.
        """
        if not job.calls:
            return ()
        job = resolved(job)
        wanted(job, self._bound)
        server = self._server
        try:
            return self._attempt(server, job)
        except Lost:
            server = self._replace(server)
        try:
            return self._attempt(server, job)
        except Lost:
            return (Crashed(signal=signal.SIGKILL),)

    def _attempt(self, server: Server, job: Job) -> tuple[Outcome, ...]:
        top = server.folder()
        try:
            folder = top
            if self._bubble:
                job = job.model_copy(update={"folder": bubble.copied(job.folder, top)})
                folder = scratch.make(top)
            with server.worker() as worker:
                worker.set_up(self._set_up(job, folder))
                server.keep_spare()
                return converse(job, worker)
        finally:
            scratch.remove(top)

    def _set_up(self, job: Job, folder: str) -> dict[str, Any]:
        limits = [call.limits for call in job.calls]
        return {
            "scratch": folder,
            "readable": [str(job.folder)],
            "memory": max(limit.memory for limit in limits) + Forked.SLACK,
            "cpu": int(sum(limit.cpu or limit.wall for limit in limits) + (limits[0].cpu or limits[0].wall)) + 5,
            "file_size": scratch.LARGEST_FILE,
            "layers": self._layers,
            "environment": environment.of_child(folder),
        }

    def _start(self) -> Server:
        folders = {str(b[key]) for b in self._bindings.values() for key in ("directory", "config") if b[key]}
        setup = {
            "preload": self._preload,
            "bindings": self._bindings,
            "readable": readable.everywhere(folders),
        }
        return Server(setup, inside_bubble=self._bubble)

    def _replace(self, lost: Server) -> Server:
        """A live server in place of a lost one; the first thread to notice starts it."""
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            if self._server is lost:
                lost.end()
                self._server = self._start()
            return self._server


class Server:
    """One life of the fork-server.

    Attributes:
        home: a folder for everything that its jobs write; it goes when the server goes.
    """

    def __init__(self, setup: dict[str, Any], *, inside_bubble: bool) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.home = scratch.make()
        prefix = bubble.command(setup["readable"], self.home) if inside_bubble else []
        try:
            self._process = subprocess.Popen(
                [*prefix, *environment.command("grader.sandbox.zygote"), str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=self._said,
                stderr=self._said,
                env=environment.scrubbed(self.home),
                cwd=self.home,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"the fork-server cannot be started: {error}") from error
        finally:
            theirs.close()
        assert self._process.stdin is not None  # noqa: S101
        with contextlib.suppress(OSError), self._process.stdin as stream:
            stream.write(wire.frame(wire.encode(setup)))
        self._lock = threading.Lock()
        self._ready = False
        self._ended = False
        self._spares: deque[Forked] = deque()
        self._dismissed: deque[Forked] = deque()

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until everything is loaded.

        Raises:
            SandboxError: it did not come up; with what it said.
            Lost: it was ended meanwhile.
        """
        with self._lock:
            if self._ready:
                return
            message = _receive(self._control, BOOT)
            if self._ended:
                raise Lost
            if message is None or "ready" not in message:
                self._said.seek(0)
                said = (message or {}).get("error") or self._said.read()[-2000:].decode("utf-8", "replace")
                raise SandboxError(f"the fork-server did not come up; it said:\n{said}")
            self._ready = True

    def folder(self) -> str:
        """A new folder for one job.

        Raises:
            SandboxError: there is no room for it.
            Lost: the server was ended meanwhile.
        """
        try:
            return scratch.make(self.home)
        except SandboxError:
            if self._ended:
                raise Lost from None
            raise

    @contextlib.contextmanager
    def worker(self) -> Iterator[Forked]:
        """A child for one job; killed at the end, without waiting until the kernel has taken it apart.

        Raises:
            SandboxError: there are no more processes or descriptors.
            Lost: the server died.
        """
        self.wait_ready()
        try:
            worker = self._spares.popleft()
        except IndexError:
            worker = self._fork()
        try:
            yield worker
        finally:
            worker.dismiss()
            self._dismissed.append(worker)
            self._bury(0 if self._ended else MOST_DISMISSED)

    def keep_spare(self) -> None:
        """Have a child forked for the next job while this one computes."""
        if not self._spares and not self._ended:
            with contextlib.suppress(SandboxError):  # the next job will say so, if it still matters
                self._spares.append(self._fork())

    def _bury(self, most: int) -> None:
        """Give back what dead children held; wait only for those above `most`."""
        for _ in range(len(self._dismissed)):
            try:
                worker = self._dismissed.popleft()
            except IndexError:  # another thread was faster
                return
            if not worker.close(wait=len(self._dismissed) >= most):
                self._dismissed.append(worker)

    def _fork(self) -> Forked:
        try:
            requests, answers, log = os.pipe(), os.pipe(), os.pipe()
            report, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise SandboxError(f"no pipes for a worker: {error}; run fewer jobs side by side") from error
        given = [requests[0], answers[1], log[1]]
        worker = Forked(requests[1], answers[0], log[0], report)
        try:
            with self._lock:
                socket.send_fds(self._control, [b"fork"], [*given, theirs.fileno()])
        except OSError as error:
            worker.close()
            raise Lost from error
        finally:
            for descriptor in given:
                os.close(descriptor)
            theirs.close()
        return worker

    def end(self) -> None:
        """End the server; it takes its children along."""
        self._ended = True
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0 if self._ready else 0)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # bubblewrap and the server share a group
            os.killpg(self._process.pid, signal.SIGKILL)  # children die with the server, by the kernel
        self._process.wait()
        self._said.close()
        for workers in (self._spares, self._dismissed):
            while workers:
                workers.popleft().close()
        scratch.remove(self.home)


def _receive(control: socket.socket, seconds: float) -> dict[str, Any] | None:
    """One message from the server; None when it is gone or the time is over."""
    poll = select.poll()
    try:
        poll.register(control, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return None
        data = control.recv(1 << 14)
    except (OSError, ValueError):
        return None
    message: dict[str, Any] | None = json.loads(data) if data else None
    return message

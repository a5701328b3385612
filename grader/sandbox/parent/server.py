"""One life of the fork-server as the grader sees it: started or taken over, asked for children, ended or left warm."""

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
from collections.abc import Iterator, Mapping
from typing import Any

from grader.errors import SandboxError
from grader.nouns.text import say
from grader.sandbox import wire
from grader.sandbox.kernel import bubblewrap, environment, scratch
from grader.sandbox.parent import warm
from grader.sandbox.parent.clock import Patience
from grader.sandbox.parent.doubts import NotReadyError, from_outside
from grader.sandbox.parent.worker import Forked, Lost

BOOT = 300.0
"""Seconds the server may take to import and load everything, on a slow disk."""
_SIGNALLED = 128
"""What bubblewrap and shells add to a signal's number to make an exit code of it."""
_OPEN_FILES = 512  # the server gives what its children may read high numbers
MOST_DISMISSED = 8
"""Killed children whose end nobody has waited for yet."""


def start(setup: dict[str, Any], *, inside_bubble: bool, listener: socket.socket | None = None) -> Server:
    """Start a server; it ends with this process, unless it has a listener on which to wait for others.

    Raises:
        SandboxError: it cannot be started.
    """
    _allow_open_files()
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = _Process(setup, theirs, listener, inside_bubble=inside_bubble)
    return Server(control, process.home, process)


def _allow_open_files() -> None:
    """Let this process, and the server after it, open as many files as a server needs."""
    import resource  # Unix only, as the server

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _OPEN_FILES:
        return
    if hard != resource.RLIM_INFINITY and hard < _OPEN_FILES:
        raise SandboxError(
            say(
                "only {count} files may be open at once here, and {least} are needed: say `ulimit -n {least}` first, "
                "or ask whoever set the limit",
                count=hard,
                least=_OPEN_FILES,
            )
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, hard))


def start_warm(setup: dict[str, Any], *, inside_bubble: bool, models: Mapping[str, str], seconds: int) -> Server:
    """Take over a server that an earlier command left warm, or start one.

    Args:
        setup: what the server is to hold.
        inside_bubble: as for `start`.
        models: the fingerprints of what it is to hold.
        seconds: how long it stays without a grader; 0 to end it with this one.

    Raises:
        SandboxError: none can be started.
    """
    address = warm.address([setup, inside_bubble, dict(models)])
    if address is None:
        return start(setup, inside_bubble=inside_bubble)
    if (control := warm.connect(address)) is not None:
        return _taken_over(control, seconds) or start(setup, inside_bubble=inside_bubble)
    listener = warm.listen(address) if seconds else None
    server = start(setup, inside_bubble=inside_bubble, listener=listener)
    if listener is not None:
        listener.close()
        server.stay(seconds)
    return server


def _taken_over(control: socket.socket, seconds: int) -> Server | None:
    """The server on the other end; None where another command is using it, or it is just going."""
    ready = _receive(control, warm.PATIENCE)
    if ready is None or "ready" not in ready:
        control.close()
        return None
    server = Server(control, ready["home"])
    server.stay(seconds)
    return server


class _Process:
    """The server's process, while this process is the one that started it."""

    def __init__(
        self, setup: dict[str, Any], control: socket.socket, listener: socket.socket | None, *, inside_bubble: bool
    ) -> None:
        self.home = scratch.make()
        self.stays = listener is not None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        prefix = bubblewrap.command(setup["readable"], self.home) if inside_bubble else []
        given = [control.fileno(), *([listener.fileno()] if listener else [])]
        lock = scratch.descriptor_of(self.home)  # a server that stays keeps its folder after this process
        try:
            self._process = subprocess.Popen(
                [*prefix, *environment.command("grader.sandbox.child.zygote"), *map(str, given)],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                env=environment.scrubbed(self.home),
                cwd=self.home,
                pass_fds=[*given, *([] if lock is None else [lock])],
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            scratch.remove(self.home)
            raise SandboxError(say("the fork-server cannot be started: {error}", error=str(error))) from error
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        with contextlib.suppress(OSError), self._process.stdin as stream:
            stream.write(wire.frame(wire.encode(setup)))

    @property
    def pid(self) -> int:
        return self._process.pid

    def log_tail(self) -> str:
        """Return the end of what the server printed."""
        self._log.seek(0)
        return self._log.read()[-2000:].decode("utf-8", "replace")

    def was_killed(self) -> bool:
        """Return whether a signal from outside ended it; bubblewrap reports that as an exit code."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(1.0)
            return from_outside(-code if code < 0 else code - _SIGNALLED if code > _SIGNALLED else None)
        return False

    def leave(self) -> None:
        """Let the server go on without this process."""
        self._log.close()
        self._process.returncode = 0  # or Popen would warn that nobody waits for it

    def end(self, patience: float) -> None:
        """Wait so many seconds, then kill it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # bubblewrap and the server share a group
            os.killpg(self._process.pid, signal.SIGKILL)  # children die with the server, by the kernel
        self._process.wait()
        self._log.close()
        scratch.remove(self.home)


class Server:
    """One life of the fork-server.

    Attributes:
        home: a folder for everything that its jobs write; it goes when the server goes.
    """

    def __init__(self, control: socket.socket, home: str, process: _Process | None = None) -> None:
        """Speak to a server over a socket; one that this process did not start is ready."""
        self._control, self.home, self._process = control, home, process
        self._lock = threading.Lock()
        self._ready = process is None
        self._failure: SandboxError | None = None
        self._ended = False
        self._spares: deque[Forked] = deque()
        self._dismissed: deque[Forked] = deque()

    @property
    def pid(self) -> int:
        """Return the process id of the server; 0 for one that was taken over."""
        return self._process.pid if self._process is not None else 0

    def stay(self, seconds: int) -> None:
        """Have the server wait for another grader, for so many seconds, when this one is gone."""
        with contextlib.suppress(OSError):  # a server that has died is noticed by the first job
            self._control.send(warm.stay(seconds))

    def wait_ready(self) -> None:
        """Wait until everything is loaded.

        Raises:
            SandboxError: it did not come up; with what it said.
            Lost: it was ended or killed meanwhile.
        """
        with self._lock:
            if self._ready:
                return
            if self._failure is None:
                message = _receive(self._control, BOOT)
                if self._ended or (message is None and self._process and self._process.was_killed()):
                    raise Lost
                if message is not None and "ready" in message:
                    self._ready = True
                    return
                reason = (message or {}).get("error") or (self._process.log_tail() if self._process else "")
                self._failure = SandboxError(say("the fork-server did not come up; it said:\n{said}", said=reason))
            raise self._failure

    def folder(self) -> str:
        """Make a folder for one job.

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
        """Fork a child for one job; kill it at the end, without waiting for it to be gone.

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
            self._reap(0 if self._ended else MOST_DISMISSED)

    def keep_spare(self) -> None:
        """Have a child forked for the next job while this one computes."""
        if not self._spares and not self._ended:
            with contextlib.suppress(SandboxError):  # the next job will say so, if it still matters
                self._spares.append(self._fork())

    def _reap(self, most: int) -> None:
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
            problem = say("no pipes for a worker: {error}; run fewer jobs side by side", error=str(error))
            raise NotReadyError(problem) from error
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
        """End the server, or leave it to itself; either way it ends its children."""
        self._ended = True
        self._control.close()
        if self._process is not None:
            if self._process.stays and self._ready:
                self._process.leave()
            else:
                self._process.end(2.0 if self._ready else 0)
        for workers in (self._spares, self._dismissed):
            while workers:
                workers.popleft().close()


def _receive(control: socket.socket, seconds: float) -> dict[str, Any] | None:
    """One message from the server; None when it is gone or the time is over."""
    poll, patience = select.poll(), Patience(seconds)
    try:
        poll.register(control, select.POLLIN)
        while not poll.poll((left := patience.step(1.0)) * 1000):
            if not left:
                return None
        data = control.recv(1 << 14)
    except (OSError, ValueError):
        return None
    message: dict[str, Any] | None = json.loads(data) if data else None
    return message

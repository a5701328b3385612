"""The fork-server: imports torch and transformers, loads the weights, then forks a confined child for each job.

Started by a fresh exec with a scrubbed environment (`python -s -P -m grader.sandbox.child.zygote DESCRIPTOR
[LISTENER]`), so that its memory, which every child inherits, holds no expected value, reference, hidden input or
submission. The inputs of a job, even the name of its folder, go from the grader straight to the child. Its set-up comes
as one frame on standard input:

    {"preload": [modules], "bindings": {name: binding}, "readable": [paths], "serves": module}

A child's own set-up comes the same way from the grader; in it `forbid` lists the names to take away.
`serves` is the loop of this folder that its children run (`loop` for student code, `reading` for the grader's own);
then over the socket: out, one message when ready; in, `fork` with four descriptors (requests, answers, log, report).
On a job's report socket go `{"pid"}` with the pidfd, and at the end `{"status", "cpu"}` as wait4 gives them. The
server ends, and kills all it forked, when the grader's side of the socket closes. One that was given a listener waits
then for another grader with everything loaded, for as long as `stay SECONDS` said.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from grader.sandbox import wire
from grader.sandbox.child.forbidden import take_away
from grader.sandbox.child.loop import Receive, Send
from grader.sandbox.child.models import LoadedModels
from grader.sandbox.child.pipes import line_buffered, pipes, read_body
from grader.sandbox.child.seeds import settle_torch
from grader.sandbox.kernel import confine, scratch
from grader.sandbox.kernel.confine import Rule

Serve = Callable[[Receive, Send, LoadedModels], int]
"""Answers requests until there are no more; gives the exit code."""
Child = Callable[[int, Sequence[int]], NoReturn]
"""What a fork does with the number of its parent and its descriptors."""

REQUESTS, ANSWERS = 3, 4
"""A child's descriptors, besides 0 (empty), 1 and 2 (log)."""
_RULES_FROM = 200
_HIGH = 100
SET_UP_FAILED = 71
"""Exit code of a child that could not be confined (EX_OSERR)."""


def main() -> NoReturn:
    """Load, say ready, fork until the grader goes away."""
    control, *listeners = (socket.socket(fileno=int(word)) for word in sys.argv[1:])
    line_buffered()
    body = read_body(0)
    setup: Any = wire.decode(body, bounds=wire.OWN) if body else {}
    confine.become_subreaper()
    try:
        with _leaving(control):
            models = _load(setup)
        serve = importlib.import_module(setup["serves"]).serve
        static = _static_rules(setup["readable"], models.directories())
        _assert_forkable()
    except Exception:  # noqa: BLE001 - whatever it was, the grader tells the user
        control.send(json.dumps({"error": traceback.format_exc()[-3000:]}).encode())
        os._exit(1)
    _Server(control, listeners, partial(_child, static=static, models=models, serve=serve)).serve()


@contextlib.contextmanager
def _leaving(control: socket.socket) -> Iterator[None]:
    """End while loading, which takes long, if the grader goes: nobody else would notice that it was killed."""

    def look(*_: object) -> None:
        poll = select.poll()
        poll.register(control, 0)
        if poll.poll(0):  # hung up
            scratch.remove(os.environ["HOME"])
            os._exit(0)

    flags = fcntl.fcntl(control, fcntl.F_GETFL)
    before = signal.signal(signal.SIGIO, look)
    signal.siginterrupt(signal.SIGIO, False)  # libraries may not expect to be interrupted
    fcntl.fcntl(control, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(control, fcntl.F_SETFL, flags | os.O_ASYNC)
    look()
    try:
        yield
    finally:
        fcntl.fcntl(control, fcntl.F_SETFL, flags)
        signal.signal(signal.SIGIO, before)


def _load(setup: Any) -> LoadedModels:
    for name in setup["preload"]:
        __import__(name)
    settle_torch()
    tqdm = sys.modules.get("tqdm")
    if tqdm is not None:
        tqdm.tqdm.monitor_interval = 0  # no monitor thread
    models = LoadedModels(setup["bindings"])
    models.load_all()
    if "torch" in sys.modules:
        models.warm()
    gc.collect()
    gc.freeze()
    return models


@dataclass(frozen=True)
class _Static:
    """Rules that the children share, on descriptors that are easy to keep when all others are closed.

    Attributes:
        rules: for every child.
        weights: for those from which no name is taken away.
    """

    rules: list[Rule]
    weights: list[Rule]

    @property
    def count(self) -> int:
        """How many descriptors they take."""
        return len(self.rules) + len(self.weights)


def _static_rules(readable: Sequence[str], weights: Collection[str]) -> _Static:
    opened = [
        *confine.rules(path for path in readable if path not in weights),
        *confine.rules(["/dev/null"], confine.READ_WRITE),
    ]
    of_all = len(opened)
    opened += confine.rules(path for path in readable if path in weights)
    moved: list[Rule] = []
    for place, (descriptor, rights) in enumerate(opened):
        os.dup2(descriptor, _RULES_FROM + place, inheritable=False)
        os.close(descriptor)
        moved.append((_RULES_FROM + place, rights))
    return _Static(moved[:of_all], moved[of_all:])


def _assert_forkable() -> None:
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise RuntimeError(f"the fork-server has {threads} threads; a fork would copy locks nobody can release")


class _Server:
    """Forks children and reports their ends."""

    def __init__(
        self,
        control: socket.socket,
        listeners: Sequence[socket.socket],
        child: Child,
    ) -> None:
        self._listeners, self._child = listeners, child
        self._stay = 0
        self._collapsed = False
        self._poll = select.poll()
        self._children: dict[int, tuple[int, socket.socket]] = {}  # pidfd: pid, report
        self._welcome(control)

    def _welcome(self, control: socket.socket) -> None:
        self._control = control
        self._poll.register(control, select.POLLIN)
        with contextlib.suppress(OSError):  # it may have gone already
            control.send(json.dumps({"ready": True, "home": os.environ["HOME"]}).encode())

    def serve(self) -> NoReturn:
        """Until the grader closes its side."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._control.fileno():
                    self._request()
                elif descriptor in self._children:  # not one that `_leave` has reaped meanwhile
                    self._ended(descriptor)
            self._collapse()

    def _collapse(self) -> None:
        """Once, as soon as the first job has its child: that one need not wait for it.

        A server that waits for self-checks answers at once instead: it forks now and then.
        """
        if self._children and not (self._collapsed or self._listeners or self._poll.poll(0)):
            self._collapsed = True
            confine.collapse_memory()

    def _request(self) -> None:
        message, descriptors, _, _ = socket.recv_fds(self._control, 16, 4)
        if not message:
            self._leave()
            return
        if not descriptors:
            self._stay = int(message.split()[1])
            return
        report = socket.socket(fileno=descriptors.pop())
        try:
            self._fork(descriptors, report)
        except OSError as error:
            with contextlib.suppress(OSError):
                report.send(json.dumps({"error": str(error)}).encode())
            report.close()
        for descriptor in descriptors:
            os.close(descriptor)

    def _leave(self) -> None:
        """The grader is gone: kill what it left behind, and wait for the next one or go too."""
        for pid, report in self._children.values():
            _kill_group(pid)
            report.close()  # nobody is to take it for a fault of the student's
        for pidfd in list(self._children):
            self._ended(pidfd)
        _kill_strays(keep=set())
        self._poll.unregister(self._control)
        self._control.close()
        home = os.environ["HOME"]  # the grader may have been killed without a chance to empty it
        following = self._next(home)
        if following is None:
            scratch.remove(home)
            os._exit(0)
        self._welcome(following)

    def _next(self, home: str) -> socket.socket | None:
        if not self._listeners or not self._stay:
            return None
        (listener,) = self._listeners
        for left in Path(home).iterdir():
            scratch.remove(str(left))
        listener.settimeout(self._stay)
        try:
            following, _ = listener.accept()
        except TimeoutError:
            return None
        following.settimeout(None)
        return following

    def _fork(self, descriptors: Sequence[int], report: socket.socket) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._child(parent, descriptors)
        pidfd = os.pidfd_open(pid)
        self._children[pidfd] = (pid, report)
        self._poll.register(pidfd, select.POLLIN)
        with contextlib.suppress(OSError):  # who asked for it may have gone
            socket.send_fds(report, [json.dumps({"pid": pid}).encode()], [pidfd])

    def _ended(self, pidfd: int) -> None:
        pid, report = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        _kill_group(pid)  # its leader is a zombie still, so the number is not anyone else's
        _, status, usage = os.wait4(pid, 0)
        _kill_strays(keep={pid for pid, _ in self._children.values()})
        os.close(pidfd)
        with contextlib.suppress(OSError):  # the grader may have gone
            report.send(json.dumps({"status": status, "cpu": usage.ru_utime + usage.ru_stime}).encode())
        report.close()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _kill_strays(keep: set[int]) -> None:
    """Kill what was orphaned to this process; with seccomp there is none."""
    while strays := _children() - keep:
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> set[int]:
    try:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    except OSError:  # a kernel without CONFIG_PROC_CHILDREN
        return set()
    return {int(child) for child in children}


def _child(parent: int, descriptors: Sequence[int], static: _Static, models: LoadedModels, serve: Serve) -> NoReturn:
    """What the fork does: leave the server behind, be confined, serve one job."""
    try:
        os.setsid()
        confine.die_with_parent(parent)
        _place(descriptors, static.count)
        receive, send = pipes(REQUESTS, ANSWERS)
        confine.prepare()
        body = receive()
        if body is None:
            os._exit(0)
        setup: Any = wire.decode(body, bounds=wire.OWN)
        closed = take_away(setup["forbid"], models) if setup.get("forbid") else frozenset()
        _confine(setup, static, closed)
        send(wire.encode({"kind": "ready"}))
    except BaseException:  # noqa: BLE001 - a child must never go on as the server
        _print_traceback()
        os._exit(SET_UP_FAILED)
    try:
        code = serve(receive, send, models)
    except BaseException:  # noqa: BLE001 - as above; a student can break what serves him
        os._exit(SET_UP_FAILED)
    os._exit(code)


def _print_traceback() -> None:
    with contextlib.suppress(Exception):
        traceback.print_exc()
        sys.stderr.flush()


def _place(descriptors: Sequence[int], rule_count: int) -> None:
    """Descriptors 0-4 as agreed, rules where they are, nothing else open."""
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH) for descriptor in descriptors]
    null = os.open(os.devnull, os.O_RDONLY)
    requests, answers, log = high
    for source, target in ((null, 0), (log, 1), (log, 2), (requests, REQUESTS), (answers, ANSWERS)):
        os.dup2(source, target)
    os.closerange(ANSWERS + 1, _RULES_FROM)
    os.closerange(_RULES_FROM + rule_count, os.sysconf("SC_OPEN_MAX"))


def _confine(setup: Any, static: _Static, closed: Collection[str]) -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    in_use = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    os.environ.clear()
    os.environ.update(setup["environment"])
    shared = static.rules if setup.get("forbid") else [*static.rules, *static.weights]
    confine.confine(
        readable=[*shared, *confine.rules(setup["readable"])],
        scratch=setup["scratch"],
        address_space=in_use + setup["memory"],
        cpu=setup["cpu"],
        file_size=setup["file_size"],
        layers=setup["layers"],
        closed=closed,
    )
    os.closerange(ANSWERS + 1, 2 * _RULES_FROM)


if __name__ == "__main__":
    main()

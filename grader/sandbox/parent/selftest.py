"""Which isolation level this machine reaches: measured, never configured.

A few probes run as jobs of the same backend that will be used: an honest control must get its answer, and reading a
canary file, reaching a listener on the loopback, forking, writing beside the scratch folder and allocating without
bound must fail. The level is the highest whose probes all come out right.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import sys
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Literal

from grader.errors import SandboxError
from grader.nouns.base import Noun
from grader.nouns.job import Call, Job
from grader.nouns.outcome import Outcome, OutOfMemory, Raised, Returned, TimedOut
from grader.nouns.question import Limits
from grader.nouns.report import Isolation, IsolationCheck
from grader.nouns.text import Message, say
from grader.sandbox.kernel import bubblewrap, scratch
from grader.sandbox.seam import Sandbox

Level = Literal[1, 2, 3]
LEVELS: tuple[Level, ...] = (3, 2, 1)
BACKENDS: dict[int, str] = {1: "one-shot process", 2: "fork-server", 3: "fork-server in bubblewrap"}

_PROBES = """
import os, socket, time
def control(a, b): return a + b
def read(path): return open(path).read()
def see(path): return os.stat(path).st_size
def write(path): return open(path, "w").write("x")
def connect(port): return socket.create_connection(("127.0.0.1", port), timeout=1).fileno()
def fork():
    pid = os.fork()
    if pid == 0: os._exit(0)
    return os.waitpid(pid, 0)[0]
def allocate():
    kept = []
    while True: kept.append(bytearray(1 << 22))
def hang():
    while True: pass
"""
_ADVICE = {
    "landlock": say(
        "Landlock is missing: use Linux 5.13 or newer with `landlock` in the kernel's list of security modules"
    ),
    "bwrap": say(
        "bubblewrap is not installed: `apt-get install bubblewrap` (Debian, Ubuntu) or `dnf install bubblewrap`"
    ),
    "namespaces": say(
        "bubblewrap may not make namespaces here: allow unprivileged user namespaces (sysctl "
        "kernel.apparmor_restrict_unprivileged_userns=0, kernel.unprivileged_userns_clone=1), or run outside of Docker"
    ),
    "linux": say("the fork-server needs Linux on x86-64 or aarch64; other systems have level 1"),
}
_OUTCOMES = {
    "returned": say("returned"),
    "raised": say("raised"),
    "timed_out": say("timed out"),
    "out_of_memory": say("out of memory"),
    "crashed": say("crashed"),
    "garbled": say("garbled"),
    "missing": say("missing"),
}


class Check(Noun):
    """One line of the self-test, for people."""

    name: Message
    passed: bool
    detail: Message


class LevelReport(Noun):
    """What the self-test of one level found.

    Attributes:
        reached: whether every check that this level needs passed.
        checks: line by line.
        advice: what to install or switch on to reach it; None when it is reached.
    """

    level: Level
    backend: str
    reached: bool
    checks: tuple[Check, ...]
    advice: Message | None = None


def self_test(level: Level | None = None) -> tuple[LevelReport, ...]:
    """Test one level, or all, highest first. Results are kept for the life of the process."""
    return tuple(_tested(each) for each in (LEVELS if level is None else (level,)))


def likely(most: int | None = None) -> Level:
    """Return the highest level worth testing: the first whose requirements are met."""
    return next(level for level in LEVELS if (most is None or level <= most) and not _missing(level))


def reach(requested: int | None = None) -> Isolation:
    """Return the isolation of the highest level that is reached, or of the level asked for.

    Raises:
        SandboxError: the level cannot be reached; the message says what to install or switch on.
    """
    for level in LEVELS:
        if (requested is None or level <= requested) and (report := _tested(level)).reached:
            if requested is None or level == requested:
                checks = (
                    IsolationCheck(name=str(c.name), passed=c.passed, detail=str(c.detail)) for c in report.checks
                )
                return Isolation(level=level, backend=report.backend, checks=tuple(checks))
            break
    failed: dict[int, Message | None] = {report.level: report.advice for report in self_test()}
    asked = 1 if requested is None else requested
    advice = failed.get(asked, say("levels are 1, 2 and 3"))
    raise SandboxError(say("isolation level {level} cannot be reached here: {advice}", level=asked, advice=advice))


@functools.cache
def _tested(level: Level) -> LevelReport:
    missing = _missing(level)
    if missing:
        return _unreached(level, missing, missing)
    try:
        with _backend(level) as sandbox:
            checks = _checks(sandbox, level)
    except SandboxError as error:
        advice = _ADVICE["namespaces"] if level == bubblewrap.LEVEL else error.problem
        return _unreached(level, error.problem, advice)
    needed = [check for check in checks if level > 1 or str(check.name) in _NEEDED_AT_ONE]
    if all(check.passed for check in needed):
        return LevelReport(level=level, backend=BACKENDS[level], reached=True, checks=checks)
    failed = [say("{name}: {detail}", name=check.name, detail=check.detail) for check in checks if not check.passed]
    advice = reduce(lambda one, other: say("{one}; {other}", one=one, other=other), failed)
    return LevelReport(level=level, backend=BACKENDS[level], reached=False, checks=checks, advice=advice)


def _unreached(level: Level, why: Message, advice: Message) -> LevelReport:
    check = Check(name=say("available"), passed=False, detail=why)
    return LevelReport(level=level, backend=BACKENDS[level], reached=False, checks=(check,), advice=advice)


def _missing(level: Level) -> Message | None:
    """What keeps a level from being tried at all."""
    if level == 1:
        return None
    if sys.platform != "linux":
        return _ADVICE["linux"]
    from grader.sandbox.kernel import confine

    if not confine.known_machine():
        return _ADVICE["linux"]
    if not confine.landlock_abi():
        return _ADVICE["landlock"]
    return _ADVICE["bwrap"] if level == bubblewrap.LEVEL and not bubblewrap.installed() else None


def _backend(level: Level) -> Sandbox:
    if level == 1:
        from grader.sandbox.parent.oneshot import OneShot

        return OneShot({}, preload=())
    from grader.sandbox.parent.forkserver import ForkServer

    return ForkServer({}, preload=(), inside_bubble=level == bubblewrap.LEVEL)


_NEEDED_AT_ONE = {"honest control", "wall limit", "memory limit"}


def _checks(sandbox: Sandbox, level: Level) -> tuple[Check, ...]:
    with _surroundings() as (folder, canary, port):
        ask = functools.partial(_ask, sandbox, folder)
        checks = [
            _check(
                say("honest control"), ask("control", 40, 2), lambda o: isinstance(o, Returned) and o.value == 40 + 2
            ),
            _check(say("wall limit"), ask("hang"), lambda o: isinstance(o, TimedOut)),
            _check(say("memory limit"), ask("allocate"), lambda o: isinstance(o, OutOfMemory)),
            _check(say("files outside unreadable"), ask("read", str(canary)), _refused),
            _check(say("files outside unwritable"), ask("write", str(canary.with_name("new"))), _refused),
            _check(say("network unreachable"), ask("connect", port), _refused),
            _check(say("no new processes"), ask("fork"), _refused),
        ]
        if level == bubblewrap.LEVEL:
            checks.append(_check(say("files outside invisible"), ask("see", str(canary)), _refused))
        return tuple(checks)


def _check(name: Message, outcome: Outcome, right: Callable[[Outcome], bool]) -> Check:
    passed = right(outcome)
    detail = _OUTCOMES[outcome.kind]
    if isinstance(outcome, Raised):
        problem = outcome.message.partition("] ")[2].partition(":")[0] or outcome.type  # without the path
        detail = say("{words}", words=problem)
    elif not passed:
        detail = say("not stopped ({outcome})", outcome=detail)
    return Check(name=name, passed=passed, detail=detail)


def _refused(outcome: Outcome) -> bool:
    return isinstance(outcome, Raised) and outcome.type in {"PermissionError", "FileNotFoundError", "BlockingIOError"}


def _ask(sandbox: Sandbox, folder: Path, function: str, *arguments: object) -> Outcome:
    limits = Limits(wall=0.05 if function == "hang" else 10, memory=2**26)
    call = Call(question="self-test", case=function, function=function, arguments=arguments, limits=limits)
    return sandbox.run(Job(folder=folder, module="probes.py", calls=(call,)))[0]


@contextlib.contextmanager
def _surroundings() -> Iterator[tuple[Path, Path, int]]:
    """A folder with the probes, a canary beside it, a listener's port."""
    with scratch.folder() as top:
        folder, canary = top / "work", top / "canary"
        folder.mkdir()
        (folder / "probes.py").write_text(_PROBES, encoding="utf-8")
        canary.write_text("secret", encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            yield folder, canary, listener.getsockname()[1]

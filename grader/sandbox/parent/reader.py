"""Reading a student's bytes outside the grader's own process: a confined, model-free child runs the grader's own code.

A small input can cost a parser much: 100 KB of source can cost a syntax tree gigabytes, a notebook can keep a
regular expression busy for hours. So whatever parses, unpacks or searches what a student handed in is a *task*: a
function at the top level of a module of the grader, whose arguments and result are wire values (None, booleans,
numbers, text, lists, dictionaries with text for keys). It runs in a child that holds no model, reads the folders it is
given and nothing else, writes to one folder at most, reaches no network, and ends at its limits.

    from grader.sandbox.parent import reader

    def names_in(archive: str) -> list[str]:                     # in a module of the grader that a child can import
        '''The entries of an archive.'''
        ...                                                      # may raise IntakeError(say(...)): a refusal

    match reader.read(names_in, str(archive), readable=[archive]):
        case reader.Read(value):                                 # what the task returned: check its shape before use
            ...
        case reader.Unread(reason):                              # a Message: the refusal, or which limit was reached
            ...

- A path is no wire value: a task gets and gives it as text. What is large goes through files in `writable`.
- Everything about a hand-in that can be read at once should be one task: a child costs milliseconds.
- An exception of a task is an `Unread`, never an exception here; the message of a `GraderError` is the reason itself.
- In the child `chmod`, `utime`, links to elsewhere, sockets, new processes and programs are refused (`kernel.confine`).
- The result comes from a process that read hostile bytes: it is data of bounded size, and nothing more.

The fork-server behind it starts with the first task (or with `warm`), holds the modules of `PRELOAD` and no student's
bytes, and keeps a child forked ahead. Where there is none (level 1: macOS, Windows, no Landlock) each task has a fresh
process under a wall limit, a CPU limit and a watch over its memory, which confines nothing else.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import ValidationError

from grader.errors import SandboxError
from grader.nouns.outcome import Outcome, OutOfMemory, Raised, Returned, TimedOut
from grader.nouns.question import Limits
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.sandbox.kernel import environment, scratch
from grader.sandbox.kernel.readable import everywhere
from grader.sandbox.kernel.scratch import STUDENTS, Room
from grader.sandbox.parent.doubts import Conversation, NotReadyError, Turns, settled
from grader.sandbox.parent.oneshot import OneShot
from grader.sandbox.parent.selftest import likely
from grader.sandbox.parent.session import ask

if TYPE_CHECKING:
    from grader.sandbox.parent.server import Server

LIMITS = Limits(wall=60, cpu=10, memory=2**29, output=2**14, answer=2**24)
"""What a task may use, unless it says otherwise."""
PRELOAD = (
    "grader.execute.reading",
    "grader.intake.filling",
    "grader.intake.metadata",
    "grader.intake.repository",
    "nbformat",
    "nbformat.v4",
    "jsonschema",
)
"""Modules that the fork-server holds, by name: a task of any other module has it imported in its own child."""

_SERVES = "grader.sandbox.child.reading"
_MIB = 2**20
_SERVERS = 3  # that may die while one task runs


@dataclass(frozen=True)
class Read:
    """What a task returned."""

    value: Value


@dataclass(frozen=True)
class Unread:
    """Why a task returned nothing.

    Attributes:
        reason: the refusal of the task itself, or what stopped it, as words that fit after a file's name and a colon.
        detail: the end of a traceback, for whoever looks for a fault of the grader's own; never shown to students.
    """

    reason: Message
    detail: str = ""


def read(
    task: Callable[..., Value] | str,
    *arguments: Value,
    readable: Sequence[Path] = (),
    writable: Path | None = None,
    limits: Limits = LIMITS,
    room: Room = STUDENTS,
) -> Read | Unread:
    """Run a task in a child of this process's reader; several threads may call it side by side.

    Args:
        task: a function at the top level of an importable module, or its name as `module:qualname`.
        arguments: wire values.
        readable: the files and folders that the task may read, besides Python and its packages.
        writable: the one folder it may write to: empty, and emptied again where the task has to start anew.
        limits: seconds and bytes; `answer` bounds the result.
        room: how much `writable` may hold.

    Raises:
        SandboxError: the machine, not the student's bytes, is at fault.
    """
    return shared().read(task, *arguments, readable=readable, writable=writable, limits=limits, room=room)


def warm() -> None:
    """Start this process's reader, so that it is loaded when the first task comes."""
    shared().warm()


_shared_lock = threading.Lock()
_shared: list[Reader] = []


def shared() -> Reader:
    """Return the reader of this process; it is closed when the process ends."""
    with _shared_lock:
        if not _shared:
            _shared.append(Reader())
            atexit.register(_shared[0].close)
        return _shared[0]


class Reader:
    """Runs tasks, each in a child of its own.

    Args:
        level: 1 for fresh processes; what this machine offers when None.
        preload: modules that the fork-server holds.
    """

    def __init__(self, *, level: int | None = None, preload: Sequence[str] = PRELOAD) -> None:
        """Nothing is started yet."""
        self._is_single = likely(2 if level is None else level) == 1
        self._preload = list(preload)
        self._turns = Turns()
        self._lock = threading.Lock()
        self._closed = False
        self._server: Server | None = None
        self._single: OneShot | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything that runs."""
        with self._lock:
            self._closed = True
            if self._server is not None:
                self._server.end()
            if self._single is not None:
                self._single.close()

    def warm(self) -> None:
        """Start what tasks need."""
        with contextlib.suppress(SandboxError):  # the first task will say so
            self._started()

    def read(
        self,
        task: Callable[..., Value] | str,
        *arguments: Value,
        readable: Sequence[Path] = (),
        writable: Path | None = None,
        limits: Limits = LIMITS,
        room: Room = STUDENTS,
    ) -> Read | Unread:
        """Run a task; see the function `read` of this module."""
        name = task if isinstance(task, str) else f"{task.__module__}:{task.__qualname__}"
        request = {"task": name, "arguments": list(arguments), "limit": limits.answer}
        folder = None if writable is None else str(writable.resolve())
        place = _Place(tuple(str(path.resolve()) for path in readable), folder, room)
        (outcome,) = settled(self._turns, lambda: self._attempt(request, place, limits))
        return _result(outcome)

    def _attempt(self, request: dict[str, Any], place: _Place, limits: Limits) -> Conversation:
        place.empty()
        started = self._started()
        if isinstance(started, OneShot):
            with started.worker(serves=_SERVES) as worker:
                worker.scratch, worker.room = place.writable or worker.scratch, place.room
                return ask(worker, request, limits)
        from grader.sandbox.parent.worker import Lost

        for _ in range(_SERVERS):
            server = self._live()
            try:
                return _forked(server, request, place, limits)
            except Lost:
                self._lose(server)
                place.empty()
        raise NotReadyError(say("the fork-server died again and again while a job ran; grade again"))

    def _started(self) -> Server | OneShot:
        if self._is_single:
            with self._lock:
                self._refuse_if_closed()
                self._single = self._single or OneShot({}, preload=())
                return self._single
        return self._live()

    def _live(self) -> Server:
        with self._lock:
            self._refuse_if_closed()
            self._server = self._server or self._start()
            return self._server

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise SandboxError(say("the sandbox is closed"))

    def _start(self) -> Server:
        from grader.sandbox.parent.server import start

        folders = everywhere([str(Path(__file__).parents[2])])
        setup = {"preload": self._preload, "bindings": {}, "readable": folders, "serves": _SERVES}
        return start(setup, inside_bubble=False)

    def _lose(self, lost: Server) -> None:
        with self._lock:
            if self._server is lost:
                lost.end()
                self._server = None


@dataclass(frozen=True)
class _Place:
    """What a task may read and write."""

    readable: tuple[str, ...]
    writable: str | None
    room: Room

    def empty(self) -> None:
        """Remove what an earlier attempt wrote."""
        for left in Path(self.writable).iterdir() if self.writable else ():
            if left.is_dir() and not left.is_symlink():
                scratch.remove(str(left))
            else:
                left.unlink()


def _forked(server: Server, request: dict[str, Any], place: _Place, limits: Limits) -> Conversation:
    from grader.sandbox.kernel import confine
    from grader.sandbox.parent.worker import Forked

    setup = {
        "scratch": place.writable,
        "readable": list(place.readable),
        "memory": limits.memory + Forked.SLACK,
        "cpu": int(limits.cpu or limits.wall) + 5,
        "file_size": place.room.size,
        "layers": sorted(confine.LAYERS),
        "environment": environment.of_child(place.writable or "/"),
    }
    with server.worker() as worker:
        worker.room = place.room
        worker.set_up(setup)
        server.keep_spare()
        return ask(worker, request, limits)


def _result(outcome: Outcome) -> Read | Unread:
    match outcome:
        case Returned(value={"read": value, **rest}) if not rest:
            return Read(value)
        case Returned(value={"refused": message, **rest}) if not rest:
            with contextlib.suppress(ValidationError):
                return Unread(Message.model_validate(message))
        case TimedOut(limit=seconds):
            return Unread(say("it could not be read within {seconds} seconds", seconds=f"{seconds:g}"))
        case OutOfMemory(limit=size):
            return Unread(say("it could not be read with {size} MiB of memory", size=size // _MIB))
        case Raised(type=kind, traceback=trace):
            return Unread(say("reading it failed ({error})", error=kind), detail=trace)
    return Unread(say("reading it failed ({error})", error=outcome.kind), detail=getattr(outcome, "reason", ""))

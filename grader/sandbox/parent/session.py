"""The parent's half of a job: requests one by one, exactly one answer each, limits held by what the kernel says.

Nothing here believes a worker: an answer counts when it is one well-formed frame within its size, came after its
request, and nothing came besides. Exit codes, time and memory are the kernel's.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import Any, Protocol

from grader.nouns.job import Call, Given, Job
from grader.nouns.outcome import (
    Crashed,
    Garbled,
    Missing,
    Outcome,
    OutOfMemory,
    Raised,
    Returned,
    TimedOut,
    Usage,
)
from grader.nouns.question import Limits
from grader.nouns.value import Value
from grader.sandbox import wire
from grader.sandbox.parent.channel import Channel

TICK = 0.02
"""Seconds between two looks at the clock, at memory and at the scratch folder."""
ENVELOPE = 1 << 16
"""Bytes an answer may take besides the value: the kind, an exception's message and traceback."""


@dataclass(frozen=True)
class Reading:
    """What the kernel says about a worker now: seconds of CPU, bytes resident above the idle worker (now, at most)."""

    cpu: float = 0.0
    memory: int = 0
    peak: int = 0


@dataclass(frozen=True)
class End:
    """How a worker ended."""

    exit_code: int | None = None
    signal: int | None = None


class Worker(Protocol):
    """A process that serves one job."""

    @property
    def channel(self) -> Channel:
        """The conversation with it."""
        ...

    @property
    def scratch(self) -> str:
        """The folder it may write to."""
        ...

    def allow(self, limits: Limits) -> None:
        """Set what the kernel enforces for the next call."""
        ...

    def reading(self) -> Reading:
        """What the worker uses; zeros once it is gone."""
        ...

    def overstepped(self) -> int | None:
        """The signal it deserves for filling its scratch folder or starting too many threads; None when in bounds."""
        ...

    def end(self) -> End:
        """Kill the worker and all it started, and say how it ended; the same answer when asked again."""
        ...


STOPS = (TimedOut, OutOfMemory, Crashed, Garbled)


def converse(job: Job, worker: Worker) -> tuple[Outcome, ...]:
    """Run a job's calls on a worker that is ready: outcomes in order, up to the first that ended the worker.

    A fault of the import is the outcome of every call: no other call could be reached.
    """
    exchange = _Exchange(worker, job.calls[0].limits, worker.reading())
    first = exchange.run(_start(job, worker.scratch), "import")
    if first is not None:
        return (first,) * len(job.calls)
    outcomes: list[Outcome] = []
    for call in job.calls:
        exchange = _Exchange(worker, call.limits, exchange.last)
        outcome = exchange.run(_request(call), "call")
        assert outcome is not None  # noqa: S101 - only an import can succeed without an outcome
        outcomes.append(outcome)
        if isinstance(outcome, STOPS):
            break
    return tuple(outcomes)


def _start(job: Job, scratch: str) -> dict[str, Any]:
    return {
        "op": "start",
        "folder": str(job.folder),
        "module": job.module,
        "seed": job.seed,
        "scratch": scratch,
        "variation": job.variation,
    }


def _request(call: Call) -> dict[str, Any]:
    given = [[i, a.model, a.part] for i, a in enumerate(call.arguments) if isinstance(a, Given)]
    return {
        "op": "call",
        "function": call.function,
        "parameters": list(call.parameters),
        "arguments": [None if isinstance(a, Given) else a for a in call.arguments],
        "given": given,
        "answer": call.answer,
        "forbid": list(call.forbid),
        "limit": call.limits.answer,
    }


class _Exchange:
    """One request and its answer.

    Attributes:
        last: what the kernel said when it was last asked.
    """

    def __init__(self, worker: Worker, limits: Limits, before: Reading) -> None:
        self._worker, self._channel, self._limits = worker, worker.channel, limits
        self._channel.cap = limits.answer + ENVELOPE
        self._channel.log.limit = limits.output
        worker.allow(limits)
        self._before = self.last = before
        self._began = time.monotonic()

    def run(self, request: dict[str, Any], during: str) -> Outcome | None:
        """The outcome; None when an import went well."""
        answer = self._answer(request)
        if isinstance(answer, bytes):
            self._channel.drain()
            outcome = _outcome(answer, during, self._limits)
            if outcome is None:
                self.last = self._worker.reading()
                return None  # what was printed stays in the log, for the first call
        else:
            outcome = answer
        if isinstance(outcome, STOPS):
            self._worker.end()
            self._channel.drain()
        output, cut = self._channel.log.take()
        return outcome.model_copy(update={"output": output, "output_cut": cut, "usage": self._usage()})

    def _usage(self) -> Usage:
        reading, before = self._worker.reading(), self.last
        self.last = reading if reading.cpu else before
        return Usage(
            wall=time.monotonic() - self._began,
            cpu=max(self.last.cpu - self._before.cpu, 0.0),
            memory=max(reading.peak, before.peak, 0),
        )

    def _answer(self, request: dict[str, Any]) -> bytes | Outcome:
        channel = self._channel
        channel.step(0)
        if channel.inbox:
            return Garbled(reason="bytes came that nobody had asked for")
        if not channel.ended:
            channel.send(wire.frame(wire.encode(request)))
        while True:
            channel.step(min(TICK, max(self._began + self._limits.wall - time.monotonic(), 0)))
            found = self._complete()
            if found is not None:
                return found
            if channel.ended:
                return self._gone()
            fault = self._beyond_limits()
            if fault is not None:
                return fault

    def _complete(self) -> bytes | Garbled | None:
        channel = self._channel
        size = wire.frame_size(channel.inbox)
        if size is None:
            return None
        if size > channel.cap:
            return Garbled(reason=f"the answer takes {size} bytes; {self._limits.answer} may be returned")
        whole = wire.HEAD_SIZE + size
        if len(channel.inbox) < whole:
            return None
        channel.step(0)
        if len(channel.inbox) > whole:
            return Garbled(reason="more than one answer came")
        if channel.unsent:
            return Garbled(reason="an answer came before the question was read")
        body = bytes(channel.inbox[wire.HEAD_SIZE :])
        channel.inbox.clear()
        return body

    def _gone(self) -> Outcome:
        """The worker closed its end: how did it die?"""
        if self._channel.inbox:
            partial = Garbled(reason="the answer broke off")
            return self._killed_for_memory(self._worker.end()) or partial
        end = self._worker.end()
        return self._killed_for_memory(end) or Crashed(signal=end.signal, exit_code=end.exit_code)

    def _killed_for_memory(self, end: End) -> OutOfMemory | None:
        """Native code that gets no memory aborts or is killed; the peak tells why."""
        peak = max(self.last.peak, self._worker.reading().peak)
        if end.exit_code != 0 and peak > 0.9 * self._limits.memory:
            return OutOfMemory(limit=self._limits.memory)
        return None

    def _beyond_limits(self) -> Outcome | None:
        limits = self._limits
        reading = self.last = self._worker.reading()
        if reading.memory > limits.memory:
            return OutOfMemory(limit=limits.memory)
        if time.monotonic() - self._began >= limits.wall:
            return TimedOut(resource="wall", limit=limits.wall)
        if reading.cpu - self._before.cpu > (limits.cpu or limits.wall):
            return TimedOut(resource="cpu", limit=limits.cpu or limits.wall)
        number = self._worker.overstepped()
        return None if number is None else Crashed(signal=number)


def _outcome(body: bytes, during: str, limits: Limits) -> Outcome | None:
    """The outcome that an answer describes; anything unexpected is garbled."""
    try:
        answer = wire.decode(body)
    except wire.WireError as error:
        return Garbled(reason=str(error))
    if answer == {"kind": "started"} and during == "import":
        return None
    return _described(answer, during, limits) or Garbled(reason="not an answer")


def _described(answer: Value, during: str, limits: Limits) -> Outcome | None:
    outcome: Outcome | None = None
    match answer:
        case {"kind": "returned", "value": value, **rest} if during == "call" and not rest:
            outcome = Returned(value=value)
        case {"kind": "out_of_memory", **rest} if not rest:
            outcome = OutOfMemory(limit=limits.memory)
        case {"kind": "garbled", "reason": str(reason), **rest} if not rest:
            outcome = Garbled(reason=reason[:200])
        case {"kind": "missing"}:
            outcome = _missing(answer)
        case {"kind": "raised"}:
            outcome = _raised(answer, during)
    return outcome


_MISSING = {"kind": str, "what": str, "name": str, "found": str}
_RAISED = {
    "kind": str,
    "during": str,
    "type": str,
    "message": str,
    "traceback": str,
    "file": (str, type(None)),
    "line": (int, type(None)),
}


def _has(answer: dict[str, Any], fields: dict[str, Any]) -> bool:
    return answer.keys() == fields.keys() and all(
        type(answer[name]) in (kinds if isinstance(kinds, tuple) else (kinds,)) for name, kinds in fields.items()
    )


def _missing(answer: dict[str, Any]) -> Missing | None:
    what = answer.get("what")
    if not _has(answer, _MISSING) or what not in {"module", "function", "answer", "signature"}:
        return None
    return Missing(what=what, name=answer["name"][:200], found=answer["found"][:500])


def _raised(answer: dict[str, Any], during: str) -> Raised | None:
    if not _has(answer, _RAISED) or answer["during"] != during:
        return None
    return Raised(**{**answer, "traceback": answer["traceback"][:20_000], "message": answer["message"][:4_000]})


SIGXFSZ = getattr(signal, "SIGXFSZ", 25)
"""What a worker is reported to have died of when it filled its scratch folder."""

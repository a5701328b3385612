"""The parent's half of a job: requests one by one, exactly one answer each, limits held by what the kernel says.

Nothing here believes a worker: an answer counts when it is one well-formed frame within its size, came after its
request, and nothing came besides. Exit codes, time and memory are the kernel's. Where the machine may be at fault, what
is known of that goes along as a doubt, and `doubts` decides.
"""

from __future__ import annotations

import math
import signal
import time
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from grader.nouns.job import Call, Given, Job
from grader.nouns.outcome import (
    Charge,
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
from grader.nouns.question import Budget, Limits
from grader.nouns.value import Value
from grader.sandbox import wire
from grader.sandbox.kernel.scratch import Room
from grader.sandbox.parent.channel import Channel
from grader.sandbox.parent.clock import OwnTime, Waits
from grader.sandbox.parent.doubts import Cause, Conversation, from_outside, no_room

TICK = 0.02
"""Seconds between two looks at the clock, at memory and at the scratch folder."""
ENVELOPE = 1 << 16
"""Bytes an answer may take besides the value: the kind, an exception's message and traceback."""
_LONGEST_WAIT, _SHORTEST_WAIT = 20, 5.0
"""How often its limit, and at least how many seconds, a call may last on a machine that does not let it run."""
_HALTED = 0.1
"""Share of a worker's time that it may wait for a disk, or be stopped, before its time-out is in doubt."""


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
    cpu: float = 0.0
    """Seconds of CPU in all; 0 where that is not known."""


class Worker(Protocol):
    """A process that serves one job."""

    @property
    def channel(self) -> Channel:
        """The conversation with it."""
        ...

    @property
    def scratch(self) -> str:
        """The folder it may write to; empty where there is none."""
        ...

    @property
    def room(self) -> Room:
        """How much that folder may hold."""
        ...

    def allow(self, limits: Limits) -> None:
        """Set what the kernel enforces for the next call."""
        ...

    def reading(self) -> Reading:
        """Return what the worker uses; zeros once it is gone."""
        ...

    def waits(self) -> Waits:
        """Return what has kept the worker from running."""
        ...

    def overstepped(self) -> int | None:
        """Return the signal to report for a full scratch folder or too many threads; None when in bounds."""
        ...

    def end(self) -> End:
        """Kill the worker and all it started; return how it ended, the same on every call."""
        ...


STOPS = (TimedOut, OutOfMemory, Crashed, Garbled)


def converse(job: Job, worker: Worker) -> Conversation:
    """Run a job's calls on a worker that is ready: outcomes in order, up to the first that ended the worker.

    A fault of the import is the outcome of every call: no other call could be reached.
    """
    rest = _Rest(job.budget)
    exchange = _Exchange(worker, job.calls[0].limits, worker.reading(), rest)
    first = exchange.run(_start(job, worker.scratch), "import")
    if first is not None:
        return Conversation((first,) * len(job.calls), exchange.doubt)
    started: Charge | None = exchange.charge
    outcomes: list[Outcome] = []
    for call in job.calls:
        if rest.is_spent:
            outcomes.append(TimedOut(resource="budget", limit=0))
            break
        exchange = _Exchange(worker, call.limits, exchange.last, rest)
        outcome = exchange.run(_request(call), "call")
        assert outcome is not None  # noqa: S101 - only an import can succeed without an outcome
        if started is not None:
            outcome, started = outcome.model_copy(update={"charge": _sum(started, outcome.charge)}), None
        outcomes.append(outcome)
        if isinstance(outcome, STOPS) or exchange.doubt:
            break
    return Conversation(tuple(outcomes), exchange.doubt)


def ask(worker: Worker, request: dict[str, Any], limits: Limits) -> Conversation:
    """Send one request to a worker that is ready; return its one outcome."""
    exchange = _Exchange(worker, limits, worker.reading(), _Rest(None))
    outcome = exchange.run(request, "call")
    assert outcome is not None  # noqa: S101 - only an import can succeed without an outcome
    return Conversation((outcome,), exchange.doubt)


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
        "limit": call.limits.answer,
    }


class _Rest:
    """What is left of a budget for the calls of one job."""

    def __init__(self, budget: Budget | None) -> None:
        self.wall = budget.wall if budget else math.inf
        self.cpu = budget.cpu if budget else math.inf
        self.kept = math.inf if budget is None or budget.kept is None else float(budget.kept)

    @property
    def is_spent(self) -> bool:
        """Return whether no time is left."""
        return self.wall <= 0 or self.cpu <= 0

    def take(self, charge: Charge) -> None:
        """Take off what a call cost."""
        self.wall -= charge.wall
        self.cpu -= charge.cpu
        self.kept = max(self.kept - charge.kept, 0)


def _sum(one: Charge, other: Charge) -> Charge:
    return Charge(wall=one.wall + other.wall, cpu=one.cpu + other.cpu, kept=one.kept + other.kept)


class _Exchange:
    """One request and its answer.

    Attributes:
        last: what the kernel said when it was last asked.
        charge: what it took from the budget.
        doubt: why its outcome may be the machine's.
    """

    def __init__(self, worker: Worker, limits: Limits, before: Reading, rest: _Rest) -> None:
        self._worker, self._channel, self._limits, self._rest = worker, worker.channel, limits, rest
        self._channel.cap = limits.answer + ENVELOPE
        self._channel.log.limit = int(min(limits.output, rest.kept / 2))  # prints take no answer's place
        worker.allow(limits)
        self._before = self.last = before
        self._began, self._time = time.monotonic(), OwnTime()
        self.charge = Charge()
        self.doubt: Cause | None = None

    def run(self, request: dict[str, Any], during: str) -> Outcome | None:
        """The outcome; None when an import went well."""
        answer = self._answer(request)
        if isinstance(answer, bytes):
            self._channel.drain()
            outcome = _outcome(answer, during, self._limits)
            if outcome is None:
                self._pay(self._usage(), 0)
                return None  # what was printed stays in the log, for the first call
        else:
            outcome = answer
        if self.doubt is None and no_room(outcome, self._worker.scratch, self._worker.room):
            self.doubt = "full"
        if isinstance(outcome, STOPS):
            self._worker.end()
            self._channel.drain()
        output, cut = self._channel.log.take()
        usage = self._usage()
        self._pay(usage, len(output.encode()) + (len(answer) if isinstance(answer, bytes) else 0))
        told = {"output": output, "output_cut": cut, "usage": usage, "charge": self.charge}
        return outcome.model_copy(update=told)

    def _usage(self) -> Usage:
        reading, before = self._worker.reading(), self.last
        self.last = reading if reading.cpu else before
        return Usage(
            wall=time.monotonic() - self._began,
            cpu=max(self.last.cpu - self._before.cpu, 0.0),
            memory=max(reading.peak, before.peak, 0),
        )

    def _pay(self, usage: Usage, kept: int) -> None:
        self.charge = Charge(wall=self._time.own + min(self._time.elapsed(), TICK), cpu=usage.cpu, kept=kept)
        self._rest.take(self.charge)

    def _answer(self, request: dict[str, Any]) -> bytes | Outcome:
        channel = self._channel
        channel.step(0)
        if channel.inbox:
            return Garbled(reason="bytes came that nobody had asked for")
        if not channel.ended:
            channel.send(wire.frame(wire.encode(request)))
        while True:
            channel.step(min(TICK, max(self._limits.wall - self._time.own, TICK / 10)))
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
        if size > min(channel.cap, self._rest.kept):
            return self._too_large(size)
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

    def _too_large(self, size: int) -> Garbled:
        if size > self._channel.cap:
            return Garbled(reason=f"the answer takes {size} bytes; {self._limits.answer} may be returned")
        left = int(self._rest.kept)
        return Garbled(reason=f"the answer takes {size} bytes; {left} are left of what is kept of a chapter")

    def _gone(self) -> Outcome:
        """Return how a worker died that closed its end."""
        end = self._worker.end()
        limit = self._cpu_limit()
        if end.signal == _SIGKILL and end.cpu - self._before.cpu >= limit:
            return self._timed_out("cpu", limit)  # by the kernel, while the grader was kept from looking
        if from_outside(end.signal):
            self.doubt = "killed"
        if found := self._killed_for_memory(end):
            return found
        if self._channel.inbox:
            return Garbled(reason="the answer broke off")
        return Crashed(signal=end.signal, exit_code=end.exit_code)

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
        used = reading.cpu - self._before.cpu
        self._time.look(used, self._worker.waits())
        if used > self._cpu_limit():
            return self._timed_out("cpu", self._cpu_limit())
        if self._time.own >= min(limits.wall, self._rest.wall):
            if self._time.halted > _HALTED * self._time.own:
                self.doubt = "halted"
            return self._timed_out("wall", limits.wall)
        if self._time.seen >= max(_LONGEST_WAIT * limits.wall, _SHORTEST_WAIT):
            self.doubt = "starved"
            return self._timed_out("wall", limits.wall)
        number = self._worker.overstepped()
        return None if number is None else Crashed(signal=number)

    def _cpu_limit(self) -> float:
        return min(self._limits.cpu or self._limits.wall, self._rest.cpu)

    def _timed_out(self, resource: Literal["wall", "cpu"], limit: float) -> TimedOut:
        """Return the same outcome whichever clock was first; it names only a limit that the course sets."""
        limits = self._limits
        if min(self._rest.cpu, self._rest.wall) < min(limits.cpu or limits.wall, limits.wall):
            return TimedOut(resource="budget", limit=limit)
        if limits.cpu is None:
            return TimedOut(resource="wall", limit=limits.wall)
        return TimedOut(resource=resource, limit=limit)


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


_SIGKILL = getattr(signal, "SIGKILL", 9)
SIGXFSZ = getattr(signal, "SIGXFSZ", 25)
"""What a worker is reported to have died of when it filled its scratch folder."""

"""Outcomes without a value, in words: what happened and what a student can do about it."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from grader.marking.describe import plain
from grader.nouns.outcome import Crashed, Garbled, Missing, Outcome, OutOfMemory, Raised, Returned, TimedOut
from grader.nouns.question import Question
from grader.nouns.size import format_size
from grader.nouns.text import Message, say
from grader.nouns.verdict import Status

_LONG = 300  # characters of an exception's message that are shown
_NATIVE = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT"}
FORBIDDEN = "ForbiddenName"  # the exception that a forbidden name raises in the child


@dataclass(frozen=True)
class Fault:
    """Why a case without a value earns nothing."""

    status: Status
    message: Message


def fault(question: Question, outcome: Outcome) -> Fault | None:
    """Return the fault in an outcome; None where a value came back."""
    if isinstance(outcome, Returned):
        return None
    return _raised(outcome) if isinstance(outcome, Raised) else Fault(*_stopped(question, outcome))


def _stopped(
    question: Question, outcome: TimedOut | OutOfMemory | Crashed | Garbled | Missing
) -> tuple[Status, Message]:
    match outcome:
        case TimedOut():
            return "timeout", _timed_out(outcome)
        case OutOfMemory(limit=limit):
            return "out_of_memory", say("it took more memory than the limit of {limit}", limit=format_size(limit))
        case Crashed():
            return "crashed", _crashed(outcome)
        case Garbled(reason=reason):
            return "garbled", say("what came back cannot be read: {reason}", reason=plain(reason, _LONG))
        case Missing():
            return "missing", _missing(question, outcome)


def _raised(outcome: Raised) -> Fault:
    kind, message = plain(outcome.type), plain(outcome.message, _LONG)
    error = say("{type}: {message}", type=kind, message=message) if message else say("{type}", type=kind)
    if outcome.type == FORBIDDEN:
        return Fault("forbidden", say("a name that is forbidden here was used: {message}", message=message))
    if outcome.during == "import":
        return Fault("error", say("the module could not be imported: {error}", error=_at(error, outcome)))
    if outcome.type == "NotImplementedError":
        return Fault("missing", say("not implemented yet"))
    return Fault("error", _at(error, outcome))


def _at(error: Message, outcome: Raised) -> Message:
    if not outcome.file or outcome.line is None:
        return error
    return say("{error} ({file}, line {line})", error=error, file=plain(outcome.file), line=outcome.line)


def _timed_out(outcome: TimedOut) -> Message:
    limit = f"{outcome.limit:g}"
    if outcome.resource == "budget":
        return say("stopped: all calls of this chapter together took more than {limit} seconds", limit=limit)
    if outcome.resource == "cpu":
        return say("stopped after {limit} seconds of computing; is there a loop that never ends?", limit=limit)
    return say("stopped after {limit} seconds; is there a loop that never ends?", limit=limit)


def _crashed(outcome: Crashed) -> Message:
    if outcome.signal is not None:
        name = _signal(outcome.signal)
        if name in _NATIVE:
            return say("the process crashed in compiled code ({signal})", signal=name)
        return say("the process was killed ({signal})", signal=name)
    if outcome.exit_code is not None:
        return say(
            "the process left with exit code {code}: do not call sys.exit(), exit() or os._exit()",
            code=outcome.exit_code,
        )
    return say("the process ended without an answer")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _missing(question: Question, outcome: Missing) -> Message:
    name, found = plain(outcome.name), plain(outcome.found, _LONG)
    if outcome.what == "module":
        return say("no file {name} was handed in", name=name)
    if outcome.what == "answer":
        return say("there is no {name} in ANSWERS", name=name)
    if outcome.what == "signature":
        return say("{expected} was expected, found {found}", expected=str(question.call or name), found=found)
    if found:
        return say("there is no function {name}; found {found}", name=name, found=found)
    return say("there is no function {name}", name=name)

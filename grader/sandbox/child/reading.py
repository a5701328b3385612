"""The loop that runs in a reader's child: the grader's own code over a student's bytes, a frame in and a frame out.

    {"task": "module:qualname", "arguments": [values], "limit": bytes}
        → returned {"read": value} | returned {"refused": message} | raised | out_of_memory | garbled

The name of the task comes from the parent only and is imported here, when it is asked for. A `GraderError` is a
refusal, and its message goes back as one; whatever else a task raises is told by its type.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable
from typing import Any

from grader.errors import GraderError
from grader.sandbox import wire
from grader.sandbox.child.loop import BROKEN_PIPE, Receive, Send
from grader.sandbox.child.models import LoadedModels

_LONGEST_MESSAGE = 500
_LONGEST_TRACEBACK = 4000


def serve(receive: Receive, send: Send, _models: LoadedModels) -> int:
    """Answer requests until there are no more; returns the exit code the process should have."""
    try:
        while (body := receive()) is not None:
            request: Any = wire.decode(body, bounds=wire.OWN)
            send(_encoded(_answer(request), request["limit"]))
    except OSError:
        return BROKEN_PIPE
    return 0


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"kind": "returned", "value": {"read": _task(request["task"])(*request["arguments"])}}
    except GraderError as refusal:
        return {"kind": "returned", "value": {"refused": refusal.problem.model_dump(mode="json")}}
    except MemoryError:
        return {"kind": "out_of_memory"}
    except BaseException as error:  # noqa: BLE001 - `SystemExit` too: whatever a student's bytes bring about is an answer
        return _raised(error)


def _task(name: str) -> Callable[..., Any]:
    module, _, qualname = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    task: Callable[..., Any] = found
    return task


def _raised(error: BaseException) -> dict[str, Any]:
    return {
        "kind": "raised",
        "during": "call",
        "type": wire.type_name(error),
        "message": str(error)[:_LONGEST_MESSAGE],
        "traceback": "".join(traceback.format_exception(error, limit=-8))[-_LONGEST_TRACEBACK:],
        "file": None,
        "line": None,
    }


def _encoded(answer: dict[str, Any], limit: int) -> bytes:
    try:
        body = wire.encode(answer, limit=limit, bounds=wire.ANSWER)
    except wire.WireError as error:
        return wire.encode({"kind": "garbled", "reason": str(error)})
    except MemoryError:
        return wire.encode({"kind": "out_of_memory"})
    if len(body) > limit:
        return wire.encode({"kind": "garbled", "reason": f"the result takes {len(body)} bytes; at most {limit}"})
    return body

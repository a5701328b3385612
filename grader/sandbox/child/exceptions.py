"""Turns an exception of student code into plain data: type, message, the student's own frames."""

from __future__ import annotations

import os
import traceback
from types import TracebackType
from typing import Any

from grader.sandbox.wire import type_name

MOST_FRAMES = 20
LONGEST_MESSAGE = 2000


def raised(error: BaseException, folder: str, during: str) -> dict[str, Any]:
    """Return the response for an exception; its paths are relative to the student's folder.

    Memory that ran out, in Python or in torch's allocator, becomes the response `out_of_memory`.
    """
    message = _message(error)
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "can't allocate memory" in message):
        return {"kind": "out_of_memory"}
    frames = _own_frames(error.__traceback__, folder)
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else (None, None)
    if isinstance(error, SyntaxError) and error.filename and _inside(error.filename, folder):
        file, line = os.path.relpath(error.filename, folder), error.lineno
    return {
        "kind": "raised",
        "during": during,
        "type": type_name(error),
        "message": _relative(message, folder)[:LONGEST_MESSAGE],
        "traceback": _relative(_text(error, frames, message), folder),
        "file": file,
        "line": line,
    }


def _message(error: BaseException) -> str:
    try:
        return str.__str__(str(error))
    except Exception:  # noqa: BLE001 - a student's __str__ may do anything
        return "(an exception whose message cannot be printed)"


def _inside(file: str, folder: str) -> bool:
    return file.startswith(folder + os.sep)


def _relative(text: str, folder: str) -> str:
    return text.replace(folder + os.sep, "").replace(folder, ".")


def _own_frames(trace: TracebackType | None, folder: str) -> list[traceback.FrameSummary]:
    """The frames in the student's folder, innermost last; the middle of a deep recursion is left out."""
    inside: list[tuple[Any, int]] = []
    while trace is not None:
        if _inside(trace.tb_frame.f_code.co_filename, folder):
            inside.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    if len(inside) > MOST_FRAMES:
        inside = inside[: MOST_FRAMES // 2] + inside[-MOST_FRAMES // 2 :]
    return [
        traceback.FrameSummary(
            os.path.relpath(frame.f_code.co_filename, folder),
            line,
            frame.f_code.co_name,
            line=_source(frame.f_code.co_filename, line),
        )
        for frame, line in inside
    ]


def _source(file: str, line: int) -> str:
    import linecache

    return linecache.getline(file, line).strip()[:200]


def _text(error: BaseException, frames: list[traceback.FrameSummary], message: str) -> str:
    head = (
        ["Traceback (most recent call last):\n", *traceback.StackSummary.from_list(frames).format()] if frames else []
    )
    if isinstance(error, SyntaxError):
        last = "".join(traceback.format_exception_only(error))
    else:
        last = f"{type_name(error)}: {message}" if message else type_name(error)
    return "".join(head) + last[: LONGEST_MESSAGE * 2]

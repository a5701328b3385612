"""Frames over two pipes, and where prints go."""

from __future__ import annotations

import os
import sys

from grader.sandbox import wire
from grader.sandbox.child.loop import Receive, Send


def line_buffered() -> None:
    """Flush prints line by line, so that a kill loses none, and write UTF-8 whatever the locale."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]


def pipes(incoming: int, outgoing: int) -> tuple[Receive, Send]:
    """Return two functions: one reads a body, one writes a frame."""
    return lambda: read_body(incoming), lambda body: _write(outgoing, wire.frame(body))


def read_body(descriptor: int) -> bytes | None:
    """Read one body from a descriptor; None at its end."""
    head = _read(descriptor, wire.HEAD_SIZE)
    size = wire.frame_size(head)
    return None if size is None else _read(descriptor, size)


def _read(descriptor: int, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(descriptor, min(size - len(parts), 1 << 20))
        if not part:
            break
        parts += part
    return bytes(parts)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view[: 1 << 20]) :]

"""The parent's ends of a worker's pipes: a request out, an answer and a log in, each read to a cap and no further.

`Threads` works on every system; `Poll` needs no thread and serves the fork-server. Both keep what is printed up to a
limit and throw the rest away, so that a flood of prints neither blocks the student nor fills the grader.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import threading
import time
from typing import IO, Protocol

from grader.sandbox import wire

_CHUNK = 1 << 18


class Log:
    """What was printed, up to a limit of bytes."""

    def __init__(self) -> None:
        self.limit = 0
        self._kept = bytearray()
        self.cut = False

    def add(self, data: bytes) -> None:
        """Keep what still fits."""
        room = max(self.limit - len(self._kept), 0)
        self.cut = self.cut or len(data) > room
        self._kept += data[:room]

    def take(self) -> tuple[str, bool]:
        """Return the text since the last time, and whether some of it is missing."""
        text, cut = self._kept.decode("utf-8", "replace"), self.cut
        self._kept, self.cut = bytearray(), False
        return text, cut


class Channel(Protocol):
    """A conversation with one worker.

    Attributes:
        log: what was printed.
        inbox: bytes that came and have not been taken; at most `cap`, a frame's head and one chunk.
        cap: how large an answer may be.
        ended: the worker's end is closed.
        unsent: bytes of the request still to be read by the worker.
    """

    log: Log
    inbox: bytearray
    cap: int
    ended: bool

    @property
    def unsent(self) -> int:
        """Bytes of the request that the worker has not taken yet."""
        ...

    def send(self, frame: bytes) -> None:
        """Begin to send a frame; `step` goes on with it."""
        ...

    def step(self, timeout: float) -> None:
        """Move bytes; returns as soon as some moved, or after `timeout` seconds."""
        ...

    def drain(self) -> None:
        """Take in what has been printed so far."""
        ...

    def close(self) -> None:
        """Close this side."""
        ...


class Poll:
    """A channel over descriptors of pipes, multiplexed by `poll`; it owns the descriptors."""

    def __init__(self, requests: int, answers: int, log: int) -> None:
        self.log, self.inbox, self.cap, self.ended = Log(), bytearray(), 0, False
        self._out = memoryview(b"")
        self._requests, self._answers, self._log = requests, answers, log
        self._open = {requests, answers, log}
        self._poll = select.poll()
        for descriptor in (requests, answers, log):
            os.set_blocking(descriptor, False)
        for descriptor in (answers, log):
            self._poll.register(descriptor, select.POLLIN)

    @property
    def unsent(self) -> int:
        """Bytes of the request that the worker has not taken yet."""
        return len(self._out)

    def send(self, frame: bytes) -> None:
        """Begin to send a frame."""
        self._out = memoryview(frame)
        self._write()

    def _write(self) -> None:
        try:
            while self._out:
                self._out = self._out[os.write(self._requests, self._out[:_CHUNK]) :]
        except BlockingIOError:
            self._poll.register(self._requests, select.POLLOUT)
            return
        except OSError:  # the worker is gone; its answer pipe says so too
            self._out = memoryview(b"")
        with contextlib.suppress(KeyError):
            self._poll.unregister(self._requests)

    def step(self, timeout: float) -> None:
        """Move bytes; returns as soon as some moved, or after `timeout` seconds."""
        for descriptor, _ in self._poll.poll(max(timeout, 0) * 1000):
            if descriptor == self._requests:
                self._write()
            elif descriptor == self._log:
                self._read_log()
            else:
                self._read_answer()

    def _read_answer(self) -> None:
        if len(self.inbox) > self.cap + wire.HEAD_SIZE:
            self._forget(self._answers)
            return
        data = _read(self._answers)
        self.inbox += data or b""
        if data == b"":
            self.ended = True
            self._forget(self._answers)

    def _read_log(self) -> bool:
        data = _read(self._log)
        self.log.add(data or b"")
        if data == b"":
            self._forget(self._log)
        return bool(data)

    def _forget(self, descriptor: int) -> None:
        with contextlib.suppress(KeyError):
            self._poll.unregister(descriptor)

    def drain(self) -> None:
        """Take in what has been printed so far, but no more than a pipe can hold: a thread may print forever."""
        for _ in range(8):
            if not self._read_log():
                return

    def close(self) -> None:
        """Close this side."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open = set()


def _read(descriptor: int) -> bytes | None:
    """Bytes, b"" at the end, None when there is nothing now."""
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


class Threads:
    """A channel over a subprocess's pipes, with a thread for each direction: for systems that cannot poll pipes."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes], log: IO[bytes]) -> None:
        self.log, self.inbox, self.cap, self.ended = Log(), bytearray(), 0, False
        self._requests, self._answers, self._printed = requests, answers, log
        self._sending: threading.Thread | None = None
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=4)
        self._closed = False
        self._readers = [threading.Thread(target=t, daemon=True) for t in (self._pump_answers, self._pump_log)]
        for reader in self._readers:
            reader.start()

    def _pump_answers(self) -> None:
        data = b"-"
        while data and not self._closed:
            data = _chunk(self._answers)
            self._chunks.put(data)

    def _pump_log(self) -> None:
        while data := _chunk(self._printed):
            self.log.add(data)

    @property
    def unsent(self) -> int:
        """Return 1 while the worker has not taken the whole request, else 0; wait for the sending thread to end."""
        if self._sending is not None:
            self._sending.join(0.5)
        return int(self._sending is not None and self._sending.is_alive())

    def send(self, frame: bytes) -> None:
        """Begin to send a frame."""
        self._sending = threading.Thread(target=self._send, args=(frame,), daemon=True)
        self._sending.start()

    def _send(self, frame: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):  # the worker is gone; its answer pipe says so too
            self._requests.write(frame)
            self._requests.flush()

    def step(self, timeout: float) -> None:
        """Move bytes; returns as soon as some moved, or after `timeout` seconds."""
        if len(self.inbox) > self.cap + wire.HEAD_SIZE:
            return
        try:
            data = self._chunks.get(timeout=timeout) if timeout > 0 else self._chunks.get_nowait()
        except queue.Empty:
            return
        self.inbox += data
        self.ended = self.ended or not data

    def drain(self) -> None:
        """Wait until the log's thread has read what was printed; on a busy machine that may take a while."""
        until = time.monotonic() + _PATIENCE
        while _readable(self._printed) and time.monotonic() < until:
            time.sleep(0.002)
        self._readers[1].join(0.01)

    def close(self) -> None:
        """Let the threads end once the process is dead; leave one that a stray grandchild keeps waiting."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._chunks.get_nowait()
        for reader in self._readers:
            reader.join(1.0)
        with contextlib.suppress(OSError):
            self._requests.close()
        for reader, stream in zip(self._readers, (self._answers, self._printed), strict=True):
            if not reader.is_alive():
                stream.close()


_PATIENCE = 0.5
"""Seconds to wait for a thread that reads what is there."""


def _readable(stream: IO[bytes]) -> bool:
    """Return whether a pipe holds bytes; False where that cannot be asked (Windows)."""
    try:
        return bool(select.select([stream], [], [], 0)[0])
    except (OSError, ValueError):
        return False


def _chunk(stream: IO[bytes]) -> bytes:
    try:
        return os.read(stream.fileno(), _CHUNK)
    except (OSError, ValueError):
        return b""

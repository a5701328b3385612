"""Ctrl-C, SIGTERM and SIGHUP end a command within two seconds; what was done stays, and the same command goes on.

The first signal unwinds the command, which ends its children. Whatever keeps it from that, a timer ends the process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STOPPED = 130
"""The exit code of a command that was stopped, by whichever signal."""
_PATIENCE = 1.5
"""Seconds until the process exits even if its command has not ended."""
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def stoppable() -> Iterator[None]:
    """Have the signals raise `KeyboardInterrupt`, once; those that are ignored from outside (`nohup`) stay so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    caught = [number for number, handler in before.items() if handler not in {signal.SIG_IGN, None}]
    for number in caught:
        signal.signal(number, _stop)
    try:
        yield
    except KeyboardInterrupt:
        _say()
        sys.exit(STOPPED)
    finally:
        for number in caught:
            if signal.getsignal(number) == _stop:
                signal.signal(number, before[number])


def _stop(_number: int, _frame: object) -> None:
    for number in _SIGNALS:
        if signal.getsignal(number) == _stop:
            signal.signal(number, _leave)
    timer = threading.Timer(_PATIENCE, _leave)
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt


def _leave(*_: object) -> None:
    """End all descendant processes, remove the scratch folders, and exit at once."""
    import psutil

    from grader.sandbox.kernel import scratch

    _say()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    scratch.remove_all()
    os._exit(STOPPED)


_said = threading.Event()


def _say() -> None:
    """Say once that the command was stopped; whoever stopped it may have closed the terminal."""
    from grader.language.catalogue import default_language
    from grader.language.speak import speak
    from grader.nouns.text import say

    if _said.is_set():
        return
    _said.set()
    with suppress(OSError, ValueError):
        text = speak(say("stopped; what was done is kept: run the same command again to go on"), default_language())
        sys.stderr.write(f"\n{text}\n")
        sys.stderr.flush()

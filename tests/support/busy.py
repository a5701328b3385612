"""A machine that has other things to do: processes that spin, and processes that are stopped and go on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psutil

_SPIN = "while True: pass"


@contextlib.contextmanager
def load(processes: int) -> Iterator[None]:
    """So many processes that do nothing but compute, each in a session, which some kernels share processors among."""
    command = [sys.executable, "-S", "-c", _SPIN]
    spinning = [subprocess.Popen(command, start_new_session=True) for _ in range(processes)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


@contextlib.contextmanager
def again_and_again(act: Callable[[], object], every: float) -> Iterator[None]:
    """Do something every so many seconds, in a thread."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(every):
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def freeze(process: psutil.Process, seconds: float) -> None:
    """Stop a process and all that it started, and let them go on again, as a suspended container does."""
    tree = [process, *process.children(recursive=True)]
    for number, pause in ((signal.SIGSTOP, seconds), (signal.SIGCONT, 0.0)):
        for each in tree:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each.pid, number)
        time.sleep(pause)

"""A sandbox that starts when it is first needed: re-scoring never needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self

from grader.errors import SandboxError
from grader.nouns.job import Job
from grader.nouns.outcome import Outcome
from grader.nouns.report import Isolation
from grader.nouns.text import say
from grader.sandbox.seam import Sandbox


class Lazy:
    """Stands for a sandbox until one is opened.

    Attributes:
        is_open: whether it was started.
    """

    def __init__(self, open_sandbox: Callable[[], Sandbox]) -> None:
        self._open = open_sandbox
        self._sandbox: Sandbox | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Return whether the sandbox was started."""
        return self._sandbox is not None

    def _started(self) -> Sandbox:
        with self._lock:
            self._refuse_if_closed()
            if self._sandbox is None:
                self._sandbox = self._open()
            return self._sandbox

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise SandboxError(say("the sandbox is closed"))

    @property
    def isolation(self) -> Isolation:
        """Return the measured isolation; starts the sandbox."""
        return self._started().isolation

    @isolation.setter
    def isolation(self, _: Isolation) -> None:
        raise AttributeError("isolation is measured, not set")

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run a job; see `Sandbox.run`. A job that ends because the sandbox is closed gives no outcome."""
        outcomes = self._started().run(job)
        self._refuse_if_closed()
        return outcomes

    def close(self) -> None:
        """End everything that runs, if anything does."""
        self._closed = True
        with self._lock:
            if self._sandbox is not None:
                self._sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

"""Levels 2 and 3: the grader's side of the fork-server.

The server (`server`, `zygote`) is started once and loads everything; `run` has it fork a child, talks to that child
over pipes of its own, and kills it. A server that dies is started again and its jobs are run once more, the last time
with nothing beside them; a job that loses every server is an error of the sandbox, for itself only.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

from grader.errors import SandboxError
from grader.nouns.binding import Binding
from grader.nouns.job import Job
from grader.nouns.outcome import Outcome
from grader.nouns.report import Isolation
from grader.nouns.text import say
from grader.sandbox.kernel import bubblewrap, confine, environment, readable, scratch
from grader.sandbox.parent.doubts import Conversation, NotReadyError, Turns, settled
from grader.sandbox.parent.preflight import needed_parts, resolved
from grader.sandbox.parent.server import Server, start, start_warm
from grader.sandbox.parent.session import converse
from grader.sandbox.parent.worker import Forked, Lost

_TRIES = 3
"""Workers, and lives of the server, that a job may use up before it is asked alone; and as many again then."""
STUDENT_IMPORTS = (
    "torch",
    "torch.nn.functional",
    "transformers",
    "transformers.generation",
    "numpy",
    "collections",
    "dataclasses",
    "functools",
    "itertools",
    "json",
    "math",
    "pathlib",
    "random",
    "re",
    "statistics",
    "string",
    "typing",
)
"""What homework imports, imported once for all; anything else installed is imported by the child that wants it."""


class ForkServer:
    """The backend of levels 2 and 3. Thread-safe: jobs run side by side, each in a child of its own."""

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        isolation: Isolation | None = None,
        *,
        preload: Sequence[str] = STUDENT_IMPORTS,
        layers: Collection[str] = confine.LAYERS,
        inside_bubble: bool = False,
        keep_warm: int | None = None,
    ) -> None:
        """Start the server; loading goes on while the caller does something else.

        Args:
            bindings: logical name to model, all loaded.
            isolation: what the self-test found.
            preload: modules the server imports.
            layers: only tests take one away, to show that it matters.
            inside_bubble: start the server inside bubblewrap (level 3).
            keep_warm: take over a server that an earlier command of this user left, and leave it for so many seconds
                when this one ends; None: start one and end it.
        """
        self.isolation = isolation or Isolation(level=2, backend="fork-server")
        self._bindings = {name: environment.plain_binding(binding) for name, binding in sorted(bindings.items())}
        self._bound = dict(bindings)
        self._preload, self._layers = list(preload), sorted(layers)
        self._lock = threading.Lock()
        self._turns = Turns()
        self._closed = False
        self._bubble, self._keep_warm = inside_bubble, keep_warm
        self._server = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and every child."""
        with self._lock:
            self._closed = True
            self._server.end()

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run the calls of a job in a fresh child: outcomes in order, up to the first that ended it.

        Raises:
            SandboxError: the server cannot be started, its children not be confined, or the machine keeps them from
                running.
        """
        if not job.calls:
            return ()
        job = resolved(job)
        needed_parts(job, self._bound)
        unsendable = confine.UNSENDABLE if "seccomp" in self._layers else frozenset[int]()
        return settled(self._turns, lambda: self._attempt(job), unsendable=unsendable)

    def _attempt(self, job: Job) -> Conversation:
        """A conversation with a child of a server that lives, started again where it does not."""
        problem: SandboxError | None = None
        for _ in range(_TRIES):
            server = self._server
            try:
                return self._on(server, job)
            except NotReadyError as error:  # no student code has run yet
                problem = error
            except Lost:
                self._replace(server)
        raise problem or NotReadyError(say("the fork-server died again and again while a job ran; grade again"))

    def _on(self, server: Server, job: Job) -> Conversation:
        top = server.folder()
        try:
            folder = top
            if self._bubble:
                job = job.model_copy(update={"folder": bubblewrap.copied(job.folder, top)})
                folder = scratch.make(top)
            with server.worker() as worker:
                worker.set_up(self._set_up(job, folder))
                server.keep_spare()
                return converse(job, worker)
        finally:
            scratch.remove(top)

    def _set_up(self, job: Job, folder: str) -> dict[str, Any]:
        limits = [call.limits for call in job.calls]
        return {
            "scratch": folder,
            "readable": [str(job.folder)],
            "memory": max(limit.memory for limit in limits) + Forked.SLACK,
            "cpu": int(sum(limit.cpu or limit.wall for limit in limits) + (limits[0].cpu or limits[0].wall)) + 5,
            "file_size": scratch.LARGEST_FILE,
            "layers": self._layers,
            "environment": environment.of_child(folder),
            "forbid": list(job.forbid),
        }

    def _start(self) -> Server:
        folders = {str(b[key]) for b in self._bindings.values() for key in ("directory", "config") if b[key]}
        setup = {
            "preload": self._preload,
            "bindings": self._bindings,
            "readable": readable.everywhere(sorted(folders)),
            "serves": "grader.sandbox.child.loop",
        }
        if self._keep_warm is None:
            return start(setup, inside_bubble=self._bubble)
        models = {name: binding.fingerprint for name, binding in self._bound.items()}
        return start_warm(setup, inside_bubble=self._bubble, models=models, seconds=self._keep_warm)

    def _replace(self, lost: Server) -> None:
        """Put a new server in place of a lost one; the first thread to notice starts it."""
        with self._lock:
            if self._closed:
                raise SandboxError(say("the sandbox is closed"))
            if self._server is lost:
                lost.end()
                self._server = self._start()

"""Running student code: one seam, three backends behind it.

    with open_sandbox(bindings) as sandbox:
        outcomes = sandbox.run(job)

`wire` says what crosses the pipe, `serving` is the loop in the child, `session` the parent's half. `oneshot` (level 1)
starts a process for each job; `forkserver` (levels 2 and 3) forks and confines one. What a student does wrong comes
back as an `Outcome`; what this machine cannot do is a `SandboxError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from grader.nouns.binding import Binding
    from grader.nouns.job import Job
    from grader.nouns.outcome import Outcome
    from grader.nouns.report import Isolation

__all__ = ["IN_BUBBLE", "Sandbox", "open_sandbox"]

IN_BUBBLE = 3
"""The level whose fork-server runs inside bubblewrap; the level below has the same server without it."""


class Sandbox(Protocol):
    """Runs jobs, each in a process of its own; several threads may run jobs side by side.

    Attributes:
        isolation: the level that was measured when the sandbox was opened.
    """

    isolation: Isolation

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """Run a job's calls in order.

        Returns:
            One outcome for each call that was reached, at least one. After a time-out, a crash, memory or a garbled
            answer the rest is left over, to be run in a fresh child. A fault of the import itself is given for every
            call, since none can be reached.

        Raises:
            SandboxError: the machine, not the student, is at fault.
        """
        ...

    def close(self) -> None:
        """End everything that runs."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def open_sandbox(bindings: Mapping[str, Binding], *, level: int | None = None, keep_warm: int | None = None) -> Sandbox:
    """The sandbox of the highest level that a self-test reaches on this machine.

    Args:
        bindings: logical name to model; only what a job's calls are given is handed to a child.
        level: use this lower level instead (1-3).
        keep_warm: take over what an earlier command left loaded, and leave it for so many seconds at the end; where
            there is a fork-server. None: load anew and leave nothing.

    Raises:
        SandboxError: `level` cannot be reached here; the message says what is missing.
    """
    from grader.sandbox.parent.selftest import likely, reach

    hoped = likely(level)
    sandbox = _backend(hoped, bindings, keep_warm)  # loads while the self-test runs
    try:
        isolation = reach(level)
    except BaseException:
        sandbox.close()
        raise
    if isolation.level != hoped:
        sandbox.close()
        sandbox = _backend(isolation.level, bindings, keep_warm)
    sandbox.isolation = isolation
    return sandbox


def _backend(level: int, bindings: Mapping[str, Binding], keep_warm: int | None) -> Sandbox:
    if level == 1:
        from grader.sandbox.parent.oneshot import OneShot

        return OneShot(bindings)
    from grader.sandbox.parent.forkserver import ForkServer

    return ForkServer(bindings, inside_bubble=level == IN_BUBBLE, keep_warm=keep_warm)

"""Opening a sandbox at the highest level that this machine reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from grader.sandbox.kernel import bubblewrap

if TYPE_CHECKING:
    from grader.nouns.binding import Binding
    from grader.sandbox.seam import Sandbox


def open_sandbox(bindings: Mapping[str, Binding], *, level: int | None = None, keep_warm: int | None = None) -> Sandbox:
    """Open a sandbox at the highest level that the self-test reaches on this machine.

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

    return ForkServer(bindings, inside_bubble=level == bubblewrap.LEVEL, keep_warm=keep_warm)

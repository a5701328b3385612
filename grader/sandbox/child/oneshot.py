"""A process that runs one job and ends: `python -s -P -m grader.sandbox.child.oneshot`, the level 1 worker.

Frames come on the standard input it was started with and go to its standard output; both are moved out of the student's
way before anything else, so that a print goes to the log and `input()` finds an empty file. Works on every system.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import Any

from grader.sandbox import wire
from grader.sandbox.child.forbidden import take_away
from grader.sandbox.child.models import LoadedModels
from grader.sandbox.child.pipes import line_buffered, pipes
from grader.sandbox.child.seeds import settle_torch


def descriptors() -> tuple[int, int]:
    """Move the frames away from descriptors 0 and 1: nothing to read there, and prints join standard error."""
    incoming, outgoing = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(incoming, os.O_BINARY)
        msvcrt.setmode(outgoing, os.O_BINARY)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return incoming, outgoing


def main() -> None:
    """Set up as the first frame says, report that, serve one job and exit at once.

    The frame: {"preload": [modules], "bindings": {name: binding}, "load": [[name, part]], "forbid": [names],
    "serves": module}
    """
    if sys.platform == "linux":
        with contextlib.suppress(ImportError):  # a Python without POSIX's modules
            from grader.sandbox.kernel import confine

            confine.die_with_parent(os.getppid())  # a grader that is killed cannot end it
    receive, send = pipes(*descriptors())
    line_buffered()
    body = receive()
    if body is None:
        return
    setup: Any = wire.decode(body, bounds=wire.OWN)
    for name in setup["preload"]:
        __import__(name)
    settle_torch()
    models = LoadedModels(setup["bindings"])
    models.load((name, part) for name, part in setup["load"])
    if setup["forbid"]:
        take_away(setup["forbid"], models)
    serve = importlib.import_module(setup["serves"]).serve
    send(wire.encode({"kind": "ready"}))
    os._exit(serve(receive, send, models))


if __name__ == "__main__":
    main()

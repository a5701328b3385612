"""Fork-servers that wait for the next self-check, told apart by the folder in which they listen."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

ZYGOTE = "grader.sandbox.child.zygote"


def servers(folder: Path) -> set[psutil.Process]:
    """The servers whose sockets lie below a folder, so none of those that other tests or people have."""
    with Path("/proc/net/unix").open(encoding="utf-8") as table:
        rows = [line.split() for line in table]
    own = {f"socket:[{row[6]}]" for row in rows if len(row) > 7 and Path(row[7]).is_relative_to(folder)}
    return {process for process in psutil.process_iter(["cmdline"]) if _is_server(process) and own & _open(process)}


def end(folder: Path) -> None:
    """End the servers below a folder."""
    for process in servers(folder):
        with contextlib.suppress(psutil.Error):
            process.kill()


def _is_server(process: psutil.Process) -> bool:
    words = process.info["cmdline"] or []
    return ZYGOTE in words and words[0] != "bwrap"


def _open(process: psutil.Process) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):  # it ended meanwhile
        for entry in os.scandir(f"/proc/{process.pid}/fd"):
            with contextlib.suppress(OSError):
                found.add(str(Path(entry.path).readlink()))
    return found

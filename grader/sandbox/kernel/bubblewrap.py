"""Level 3: the fork-server inside bubblewrap, in namespaces of its own.

What namespaces add to level 2: files outside of the readable folders do not exist (not even for `stat`), other
processes have no number, there is no network but an empty loopback, IPC objects are not shared. A submission is copied
in, since the mounts are fixed when the server starts.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import grader
from grader.errors import SandboxError
from grader.nouns.text import say

LEVEL = 3
"""The isolation level whose fork-server runs inside bubblewrap; the level below has the same server without it."""

LARGEST = 512 << 20
"""Bytes of a submission folder that is copied in: what intake lets in, and room for what notebooks are converted to."""
MOST_FILES = 16_000
"""Files in it: as above. A notebook adds at most a module and its map."""


def installed() -> bool:
    """Return whether there is a `bwrap` command."""
    return shutil.which("bwrap") is not None


def command(readable: Sequence[str], shared: str) -> list[str]:
    """Return the words that go in front of the server's command.

    Args:
        readable: paths that exist inside, read-only, besides this interpreter and this package.
        shared: the folder that is writable inside and out.
    """
    homes = [sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)]
    paths = dict.fromkeys(["/usr", *homes, str(Path(grader.__file__).resolve().parent), *readable])
    binds = [word for path in paths if not path.startswith("/dev/") for word in ("--ro-bind-try", path, path)]
    links = [
        word
        for name in ("/bin", "/lib", "/lib64", "/lib32")
        if Path(name).is_symlink()
        for word in ("--symlink", str(Path(name).readlink()), name)
    ]
    return [
        "bwrap",
        "--unshare-all",
        *binds,
        *links,
        *("--proc", "/proc", "--dev", "/dev", "--bind", shared, shared, "--chdir", shared, "--"),
    ]


def copied(folder: Path, target: str) -> Path:
    """Copy a submission into the shared folder; links are copied as links.

    Raises:
        SandboxError: the folder is too large, or cannot be read.
    """
    size = count = 0
    for top, _, files in os.walk(folder):
        count += len(files)
        size += sum((Path(top) / name).lstat().st_size for name in files)
        if size > LARGEST or count > MOST_FILES:
            raise SandboxError(
                say(
                    "{folder} holds more than {size} MiB or {count} files, too much for bubblewrap: keep data and "
                    "environments out of the submission folder",
                    folder=str(folder),
                    size=LARGEST >> 20,
                    count=MOST_FILES,
                )
            )
    try:
        return Path(shutil.copytree(folder, Path(target) / "work", symlinks=True, copy_function=_copy))
    except (OSError, shutil.Error) as error:
        raise SandboxError(
            say("{folder} cannot be copied into bubblewrap: {error}", folder=str(folder), error=str(error))
        ) from error


def _copy(source: str, target: str, *, follow_symlinks: bool = False) -> None:
    if Path(source).is_symlink() or Path(source).is_file():
        shutil.copyfile(source, target, follow_symlinks=follow_symlinks)

"""What every confined child may read: Python, its packages, shared libraries, a few harmless system files."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/sys/devices/system/cpu",
)


def python_folders() -> list[str]:
    """Return the folders of the standard library and of installed packages; no other entry of `sys.path`."""
    paths = sysconfig.get_paths()
    found = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    homes = (sys.prefix, sys.base_prefix)
    found += [entry for entry in sys.path if Path(entry).is_dir() and any(Path(entry).is_relative_to(h) for h in homes)]
    return _real(found)


def everywhere(model_folders: Iterable[str]) -> list[str]:
    """Return all paths that every child may read, links resolved, each once."""
    return _real([*python_folders(), *_SYSTEM, *model_folders])


def _real(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(str(Path(path).resolve()) for path in paths if Path(path).exists()))

"""Files that Python code of this process cannot open any more, by an audit hook: it can be added but not removed."""

from __future__ import annotations

import glob
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def close_files(files: Iterable[str]) -> frozenset[str]:
    """Have every `open` of source files, and of what they compile to, raise `PermissionError` from now on.

    A file is known by its device and inode, whatever path leads to it. The folders above it cannot be opened either,
    since the hook does not see which folder's descriptor a path is relative to. A path relative to another folder's
    descriptor, and native code that opens files by itself, are left to Landlock.

    Returns:
        The closed files, links resolved.
    """
    found, paths = set(), set()
    for file in files:
        compiled = Path(importlib.util.cache_from_source(file))
        of_any_level = compiled.parent.glob(f"{glob.escape(Path(file).stem)}.*.pyc")
        for path in (Path(file), *of_any_level):
            try:
                facts = path.stat()
                above = [folder.stat() for folder in path.resolve().parents]
            except OSError:
                continue
            paths.add(str(path.resolve()))
            found |= {(one.st_dev, one.st_ino) for one in (facts, *above)}
    if found:
        sys.addaudithook(_hook(frozenset(found)))
    return frozenset(paths)


def _hook(closed: frozenset[tuple[int, int]]) -> Callable[[str, tuple[Any, ...]], None]:
    """The hook. All it needs is in its defaults: they are a tuple, and to change a function's is audited too."""

    def hook(
        event: str,
        arguments: tuple[Any, ...],
        closed: frozenset[tuple[int, int]] = closed,
        stat: Callable[[Any], os.stat_result] = os.stat,
        own: tuple[str, ...] = ("__code__", "__defaults__", "__kwdefaults__"),
        code: object = None,
    ) -> None:
        if event == "open":
            try:
                facts = stat(arguments[0])
            except (OSError, TypeError, ValueError):
                return
            if (facts.st_dev, facts.st_ino) in closed:
                raise PermissionError("what this question forbids cannot be read from the library's source")
        elif event == "object.__setattr__" and arguments[1] in own and arguments[0].__code__ is code:
            raise PermissionError("this stays as it is")

    defaults: tuple[Any, ...] = hook.__defaults__ or ()
    hook.__defaults__ = (*defaults[:-1], hook.__code__)
    return hook

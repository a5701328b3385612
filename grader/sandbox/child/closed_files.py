"""Files that Python code of this process cannot open any more, by an audit hook: it can be added but not removed."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def close_files(files: Iterable[str]) -> None:
    """Have every `open` of source files, and of what they compile to, raise `PermissionError` from now on.

    A file is known by its device and inode, whatever path leads to it. Native code that opens files by itself is not
    seen by the hook.
    """
    found = set()
    for file in files:
        for path in (file, importlib.util.cache_from_source(file)):
            try:
                facts = Path(path).stat()
            except OSError:
                continue
            found.add((facts.st_dev, facts.st_ino))
    if found:
        sys.addaudithook(_hook(frozenset(found)))


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

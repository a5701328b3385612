"""Imports from a student's folder compile the source itself: a compiled file handed in beside it may hold other code.

Python takes `__pycache__/helper.*.pyc` for `helper.py` where the file says that it is up to date, or that nobody need
check. A source is what is searched, kept and shown, so it is what runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from typing import Any, NoReturn


class _SourceLoader(SourceFileLoader):
    """Loads a module from its source, whatever is cached."""

    def path_stats(self, path: object) -> NoReturn:
        """Tell nothing to compare a compiled file with, so that none is read."""
        raise OSError(path)


def compile_always(folders: Sequence[str]) -> None:
    """Have everything below some folders imported from source from now on."""
    tops = [Path(folder).resolve() for folder in folders]

    def finder(path: str) -> Any:
        if not any(Path(path).resolve().is_relative_to(top) for top in tops):
            raise ImportError(path)
        return FileFinder(path, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_SourceLoader, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder)
    for folder in folders:
        sys.path_importer_cache.pop(folder, None)

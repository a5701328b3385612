"""Finding plug-ins: every module in a package is one, and its file name is its name."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from grader.nouns.text import say


def names(package: ModuleType) -> tuple[str, ...]:
    """The names of a package's plug-ins in alphabetical order; modules whose name begins with `_` are none."""
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def load(package: ModuleType, name: str) -> ModuleType:
    """Import one plug-in.

    Raises:
        LookupError: the package has none of this name; the message names those it has.
    """
    if name not in names(package):
        known = ", ".join(names(package))
        raise LookupError(say("there is no {name!r}; there are: {names}", name=name, names=known))
    return importlib.import_module(f"{package.__name__}.{name}")

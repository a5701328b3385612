"""Finding plug-ins: every module of a plug-in package is one, and its file name is its name.

The docstring of such a package tells what its modules offer. Nothing else names them: what has to be known of one
plug-in is said by a constant or function of its own module, read by `told`.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

from grader.errors import GraderError
from grader.nouns.text import say

T = TypeVar("T")


class NoSuchPlugin(LookupError):  # noqa: N818 - a question about a name, answered with no
    """A package has no plug-in of this name; the message names those it has."""


def names(package: ModuleType) -> tuple[str, ...]:
    """Return the names of a package's plug-ins in alphabetical order; modules beginning with `_` do not count."""
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def load(package: ModuleType, name: str, *offers: str) -> ModuleType:
    """Import one plug-in.

    Args:
        package: where plug-ins of this kind are.
        name: the module's name.
        offers: what every plug-in of this kind defines.

    Raises:
        NoSuchPlugin: the package has none of this name.
        GraderError: the module does not define what it has to.
    """
    if name not in names(package):
        known = ", ".join(names(package))
        raise NoSuchPlugin(say("there is no {name!r}; there are: {names}", name=name, names=known))
    module = importlib.import_module(f"{package.__name__}.{name}")
    if absent := [offer for offer in offers if not hasattr(module, offer)]:
        problem = say(
            "{file} does not define {names}; the docstring of {package} tells what a plug-in offers",
            file=str(module.__file__),
            names=", ".join(absent),
            package=package.__name__,
        )
        raise GraderError(problem)
    return module


def told(module: ModuleType, constant: str, default: T) -> T:
    """Return the value of a constant in a plug-in's module, or the default where it is not defined.

    Raises:
        GraderError: the constant is of another type than the default.
    """
    value = getattr(module, constant, default)
    if type(value) is not type(default):
        problem = say(
            "{file}: {constant} is {value}; write a value like {default}",
            file=str(module.__file__),
            constant=constant,
            value=repr(value),
            default=repr(default),
        )
        raise GraderError(problem)
    return value

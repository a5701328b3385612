"""Names that may not be used through a model during a call: they raise, and using them is remembered."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn


class ForbiddenName(Exception):  # noqa: N818 - the word that verdicts use
    """A name that the question forbids was called through a model."""


class Watch:
    """Which forbidden names were called; a student may swallow the exception, but not this record's purpose."""

    def __init__(self) -> None:
        self.used: ForbiddenName | None = None

    def refuse(self, name: str) -> Any:
        """A function that raises whenever it is called."""

        def refused(*_: object, **__: object) -> NoReturn:
            self.used = ForbiddenName(name)
            raise self.used

        return refused


@contextlib.contextmanager
def forbidden(names: Iterable[str], models: Iterable[object]) -> Iterator[Watch]:
    """For the time of a call, make the names raise on every class that gives them to one of the models."""
    watch = Watch()
    changed: list[tuple[type, str, Any]] = []
    classes = {cls for model in models for cls in type(model).__mro__ if cls is not object}
    for name in names:
        for cls in classes:
            if name in vars(cls):
                changed.append((cls, name, vars(cls)[name]))
                setattr(cls, name, watch.refuse(name))
    try:
        yield watch
    finally:
        for cls, name, original in changed:
            setattr(cls, name, original)

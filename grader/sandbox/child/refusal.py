"""What happens when a forbidden name is used in a child all the same: it raises, and the parent is told at once.

A student's code may swallow the exception. By then the answer to the open request has been sent, so nothing that runs
later can take it back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import NoReturn

_hears: list[Callable[[ForbiddenName], None]] = []


class ForbiddenName(AttributeError):  # noqa: N818 - the word that verdicts use
    """A name that the question forbids was used. An `AttributeError`, so that `hasattr` says that the name is gone."""


class Refused:
    """Replaces a forbidden attribute of a class: reading it from an object raises, and so does calling it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, owned: object, owner: type) -> Refused:
        return self if owned is None else refuse(self._name)

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Refuse, whatever it is called with."""
        refuse(self._name)


def listen(hear: Callable[[ForbiddenName], None]) -> None:
    """Pass every refusal to `hear`, with its traceback, before it is raised."""
    _hears[:] = [hear]


def refuse(name: str) -> NoReturn:
    """Tell and raise that a forbidden name was used.

    Raises:
        ForbiddenName: always.
    """
    for hear in _hears:
        hear(ForbiddenName(name).with_traceback(_traceback()))
    raise ForbiddenName(name)


def _traceback() -> TracebackType | None:
    """The traceback that an exception has which is raised by the caller's caller and never caught."""
    trace: TracebackType | None = None
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the only way to a traceback that nobody has caught yet
    while frame is not None:
        trace = TracebackType(trace, frame, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return trace

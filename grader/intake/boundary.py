"""The boundary around each hand-in: a failure in one is reported for it alone, and the others are taken in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from grader.errors import GraderError
from grader.nouns.intake import Problem
from grader.nouns.text import say


def refusal(error: Exception, *, where: str, **about: Any) -> Problem:
    """Return what the teacher reads about a hand-in that could not be taken in.

    Args:
        error: why.
        where: what it was called on arrival.
        about: further fields of `Problem`.
    """
    reason = error.problem if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
    message = say("{name} could not be taken in, because {reason}", name=where, reason=reason)
    return Problem(kind="refused", where=where, message=message, **about)


@contextmanager
def refusing(where: str, problems: list[Problem], **about: Any) -> Iterator[None]:
    """Turn any exception into a refusal of the hand-in `where`; `about` are further fields of `Problem`.

    Faults of this machine and of the grader are included: they name the hand-in, and no mark comes of them.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - that is what a boundary is for; `MemoryError` is one
        problems.append(refusal(error, where=where, **about))

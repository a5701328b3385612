"""Checks of a question: one module each, found by its file name. `grader audit` runs all that are here.

A module defines `check(subject)`, which looks at one question and yields what it found:

    from collections.abc import Iterator

    from grader.audit.findings import Finding
    from grader.audit.subject import Subject
    from grader.nouns.text import say

    def check(subject: Subject) -> Iterator[Finding]:
        title = subject.question.title.en
        yield subject.finding("short_title", say("the title has {count} letters", count=len(title)), ok=len(title) < 60)

- `subject` is a `grader.audit.subject.Subject`: the question, its cases, the truth, what misconceptions give, and the
  means to run and judge more.
- A `Finding` with `ok=False` makes the question weak; its text says what to do about it. One with `ok=True` says what
  was looked at. The word in front names the check, or the part of it.
- A check may also yield a `Calibration` or a `Mutation`: figures that have columns of their own in the table.
- A check that a question does not concern yields nothing.

It may say more of itself:

- `SLOW = True`: it is left out with `--short`. False when left out.
- `ORDER = 3`: where its findings stand among those of a question, the smallest first, then by name. 100 when left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, cast

from grader import plugins
from grader.audit.findings import Found

if TYPE_CHECKING:
    from grader.audit.subject import Subject

_LAST = 100


class Check(Protocol):
    """What every module of this folder offers."""

    def check(self, subject: Subject) -> Iterable[Found]:
        """What is found in one question."""


def names() -> tuple[str, ...]:
    """Return the names of all checks in the order of their findings; slow ones last."""
    return tuple(sorted(plugins.names(_HERE), key=lambda name: (is_slow(name), _order(name), name)))


def check(name: str) -> Check:
    """The check of a name.

    Raises:
        LookupError: there is none of this name.
    """
    return cast("Check", plugins.load(_HERE, name, "check"))


def is_slow(name: str) -> bool:
    """Return whether a short audit leaves the check out."""
    return plugins.told(plugins.load(_HERE, name), "SLOW", default=False)


def _order(name: str) -> int:
    return plugins.told(plugins.load(_HERE, name), "ORDER", default=_LAST)


_HERE = sys.modules[__name__]

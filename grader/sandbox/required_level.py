"""How well other people's code must be confined before it is run."""

from __future__ import annotations

from grader.errors import SandboxError
from grader.nouns.report import Isolation
from grader.nouns.text import say
from grader.sandbox.seam import Sandbox

BULK_LEVEL = 2
"""Below this level a hostile submission could read what lies on the machine: bulk grading and CI fail closed."""


def needed_level(allowed: int | None) -> int:
    """Return the isolation level that other people's code needs; a lower one must be allowed explicitly."""
    return BULK_LEVEL if allowed is None else allowed


def require_level(isolation: Isolation, allowed: int | None) -> None:
    """Refuse to grade other people's code below level 2, unless that was allowed explicitly.

    Raises:
        SandboxError: the level reached is too low and was not allowed.
    """
    if isolation.level < needed_level(allowed):
        raise SandboxError(
            say(
                "this machine reaches isolation level {level}, and grading other people's code needs {needed}: run "
                "`grader doctor` to see what is missing, or accept the risk with --allow-level {level}",
                level=isolation.level,
                needed=needed_level(allowed),
            )
        )


def confined(sandbox: Sandbox, needed: int) -> Sandbox:
    """Return the sandbox, if it confines as much as is needed.

    Raises:
        SandboxError: it does not; it is closed.
    """
    try:
        require_level(sandbox.isolation, needed)
    except SandboxError:
        sandbox.close()
        raise
    return sandbox

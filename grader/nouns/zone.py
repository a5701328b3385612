"""Time zones by name, for times that were written down without one."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from grader.nouns.text import say


def zone(name: str) -> tzinfo:
    """Return the zone of a name such as `Asia/Shanghai`, `UTC` or `+08:00`.

    Raises:
        ValueError: there is none of this name.
    """
    if name == "UTC":
        return UTC
    try:
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo if name[:1] in "+-" else None
        return offset or ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # KeyError: ZoneInfoNotFoundError
        raise ValueError(say("{name!r} is no time zone; write for example Asia/Shanghai", name=name)) from error


def _known(name: str) -> str:
    zone(name)
    return name


Zone = Annotated[str, AfterValidator(_known)]
"""The name of a time zone that there is."""


def instant(when: datetime, name: str) -> float:
    """Return a time as seconds since 1970; one without a zone is in the zone of this name."""
    return (when if when.tzinfo else when.replace(tzinfo=zone(name))).timestamp()

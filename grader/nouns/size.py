"""Sizes in bytes as people write and read them."""

from __future__ import annotations

import re

from grader.nouns.text import say

_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def parse_size(value: object) -> object:
    """Read a size written with its unit; return anything but a text unchanged.

    Raises:
        ValueError: a text of another form.

    >>> parse_size("512MiB"), parse_size("1.5 GiB"), parse_size(4096)
    (536870912, 1610612736, 4096)
    """
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(KiB|MiB|GiB)", value.strip())
    if match is None:
        raise ValueError(say("write a size as a number and KiB, MiB or GiB, for example 512MiB"))
    return int(float(match[1]) * _UNITS[match[2]])


def format_size(count: float) -> str:
    """Write a number of bytes with its unit.

    >>> [format_size(count) for count in (300, 2**19, 1.5 * 2**30)]
    ['300 bytes', '512 KiB', '1.5 GiB']
    """
    unit, size = max(((u, s) for u, s in _UNITS.items() if s <= count), key=lambda pair: pair[1], default=("bytes", 1))
    return f"{count / size:.4g} {unit}"

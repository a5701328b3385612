"""Options whose help names the plug-ins that are there."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click


class Listing(click.Option):
    """An option in whose help `{placeholders}` stand for lists of names, looked up when the help is shown.

    Args:
        listed: gives the names for each placeholder. It may import what is heavy: it is called for the help only.
    """

    def __init__(self, *words: Any, listed: Callable[[], Mapping[str, Iterable[str]]], **given: Any) -> None:
        super().__init__(*words, **given)
        self.listed = listed

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help with the names filled in."""
        filled = copy.copy(self)
        filled.help = (self.help or "").format(**{place: ", ".join(names) for place, names in self.listed().items()})
        return click.Option.get_help_record(filled, ctx)

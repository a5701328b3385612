"""Compare measured figures with public bars."""

from __future__ import annotations

import math
from functools import reduce
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.marking.describe import kind, shown
from grader.marking.values import number, real, same
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison


def _not_a_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(say("write a number, not true or false"))  # noqa: TRY004 - pydantic collects ValueError
    return value


_Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_not_a_boolean)]


class Bar(BaseModel):
    """What one figure must reach: exactly one of `at_least`, `at_most`, `between` (ends included) and `equals`.

    With `at_least` or `at_most`, one of two more figures makes the way there count: `zero`, on the near side, earns
    nothing and the bar everything; or the bar earns nothing and `full`, on the far side, everything. In between the
    share grows evenly.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: _Number | None = None
    at_most: _Number | None = None
    between: tuple[_Number, _Number] | None = None
    equals: bool | int | float | str | None = None
    zero: _Number | None = None
    full: _Number | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        given = [name for name in ("at_least", "at_most", "between", "equals") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(say("give exactly one of at_least, at_most, between and equals"))
        if self.between is not None and self.between[0] > self.between[1]:
            raise ValueError(say("between: the lower end comes first"))
        if self.zero is None and self.full is None:
            return self
        if given[0] not in {"at_least", "at_most"} or (self.zero is not None and self.full is not None):
            raise ValueError(say("either zero or full goes with at_least or at_most"))
        start, end = self.ramp
        if start == end or (start > end) is (given[0] == "at_least"):
            raise ValueError(say("zero lies before the bar and full beyond it"))
        return self

    @property
    def ramp(self) -> tuple[float, float]:
        """Return the figures that earn nothing and everything; they are equal without partial credit."""
        bar = self.at_least if self.at_least is not None else self.at_most
        if bar is None:
            raise ValueError("only at_least and at_most have a way to the bar")
        return (self.zero if self.zero is not None else bar, self.full if self.full is not None else bar)


def compare(expected: Value, got: Value, /, **bars: Bar) -> Comparison:
    """Give the smallest share that any figure earns at its bar: one missed bar is not made up for by another.

    Bars are public, so messages name them.

    Args:
        expected: not used; a measured question has no key.
        got: figures by name, as the question's measure gave them.
        **bars: a bar for each figure that counts.
    """
    del expected
    if type(got) is not dict:
        return Comparison(share=0.0, message=say("measured figures were expected, got {got}", got=kind(got)))
    shares = {name: _share(bar, got[name]) if name in got else 0.0 for name, bar in bars.items()}
    share = min(shares.values(), default=1.0)
    if share >= 1:
        return Comparison(share=1.0)
    low = [
        say("{figure}: {bar}, measured {value}", figure=name, bar=_requirement(bars[name]), value=shown(got[name]))
        if name in got
        else say("{figure} was not measured", figure=name)
        for name, earned in shares.items()
        if earned < 1
    ]
    return Comparison(share=share, message=reduce(lambda one, other: say("{one}; {other}", one=one, other=other), low))


def _share(bar: Bar, value: Value) -> float:
    if bar.equals is not None:
        return float(same(bar.equals, value))
    figure = number(value)
    if figure is None or math.isnan(size := real(figure)):
        return 0.0
    if bar.between is not None:
        return float(bar.between[0] <= size <= bar.between[1])
    start, end = bar.ramp
    if start == end:
        return float(size >= end if bar.at_least is not None else size <= end)
    return min(max((size - start) / (end - start), 0.0), 1.0)


def _requirement(bar: Bar) -> Message:
    if bar.between is not None:
        low, high = (f"{end:.12g}" for end in bar.between)
        return say("between {low} and {high} is asked for", low=low, high=high)
    if bar.equals is not None:
        return say("{value} is asked for", value=shown(bar.equals))
    end = f"{bar.ramp[1]:.12g}"
    return (
        say("at least {bar} is asked for", bar=end)
        if bar.at_least is not None
        else say("at most {bar} is asked for", bar=end)
    )

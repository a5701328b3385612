"""Comparisons: each module holds one function `compare(expected, got, *, parameters)`; its file name is its name.

A comparison is pure, says nothing of the expected value but its kind, and takes anything for `got`: `expected` is
staff's and raises `BrokenReference` where it does not fit, `got` is a student's and never raises. Both are values that
`grader.marking.returns.accept` let pass, so they are not nested without bound.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, create_model

from grader import plugins
from grader.nouns.text import say
from grader.nouns.verdict import Comparison


def names() -> tuple[str, ...]:
    """The comparisons there are, in alphabetical order."""
    return plugins.names(_HERE)


@cache
def comparison(name: str) -> Callable[..., Comparison]:
    """The function of a comparison; `LookupError` names those that exist."""
    if name not in names():
        raise LookupError(
            say("there is no comparison {name!r}; there are {names}", name=name, names=", ".join(names()))
        )
    compare: Callable[..., Comparison] = plugins.load(_HERE, name).compare
    return compare


def check_parameters(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a comparison, validated and converted to the types its function declares.

    Raises:
        LookupError: there is no such comparison; the message names those that exist.
        pydantic.ValidationError: a parameter is unknown, missing or of a wrong type; `errors()[i]["loc"]` says which.
    """
    comparison(name)
    return _validator(name)(parameters)


@cache
def _validator(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    function = comparison(name)
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        named = next(parameter.name for parameter in parameters if parameter.kind is parameter.VAR_KEYWORD)
        mapping = Annotated[dict[str, hints[named]], Field(min_length=1)]  # type: ignore[valid-type]
        return TypeAdapter[dict[str, Any]](mapping).validate_python
    fields: dict[str, Any] = {
        parameter.name: (hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default)
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    model = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)

    def validate(values: Mapping[str, Any]) -> dict[str, Any]:
        valid = model.model_validate(values)
        return {field: getattr(valid, field) for field in fields}

    return validate


_HERE = sys.modules[__name__]

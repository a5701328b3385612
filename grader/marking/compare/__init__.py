"""Comparisons: one module each, found by its file name, which is the name that a specification writes.

    compare: {close: {rtol: 1.0e-6, atol: 0}}  # uses grader/marking/compare/close.py

A module defines `compare(expected, got, *, ...)`, which returns a `Comparison(share=..., message=...)`:

- `expected` is the reference's value. Raise `BrokenReference` where it cannot be compared with.
- `got` is a student's value and may be anything. Never raise for it: look at exact types (`type(got) is str`), not at
  what it can do. Both have passed `grader.marking.returns.accept`, so neither is nested without bound.
- Each keyword-only parameter, with a type and if possible a default, is a parameter of the specification. Its type
  refuses what is senseless: `grader.marking.values.Tolerance`, `Literal[...]`, a pydantic model. `Nested` is the type
  of a parameter that is itself one comparison with its parameters. A comparison of named parts takes `**parts: TYPE`
  instead.
- `share` is from 0 to 1. `message` says below 1 what is wrong, and of `expected` no more than its kind. `parts` gives
  the share of each part, where parts of a value are marked by themselves: a part that a constant meets earns nothing.
- The first paragraph of its docstring, and the lines under `Args:`, are what an editor shows (`grader schema`).
- It is pure: no file, no clock, no randomness.

It may say more of itself:

- `distance(expected, got, *, ...)`, with the parameters of `compare`: how far a value is off, for the audit of
  tolerances. 0 is the same value, 1 the edge of what is accepted, infinity what no tolerance bridges. Without it a
  value is at 0 where `compare` gives the whole share, else at infinity.
- `DIAGNOSABLE = True`: a wrong value shows which mistake it comes from, as numbers do and letters of options do not.
  The audit then asks for named misconceptions. False when left out.
- `OF_OPTIONS = True`: the question lists options under `choose`, and `compare` takes them as `options`. False when left
  out.

Helpers to look at values and to say them are in `grader.marking.values` and `grader.marking.describe`.
`tests/unit/marking/compare/test_every_comparison.py` holds what is asked of all; give it one sample.
"""

from __future__ import annotations

import inspect
import math
import re
import sys
import typing
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from grader import plugins
from grader.nouns.text import say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison

NESTED_SCHEMA = {"$comment": "a comparison with its parameters"}
"""What stands for a nested comparison in the JSON Schema of parameters, to be replaced by the schema of them all."""


def names() -> tuple[str, ...]:
    """Return the names of all comparisons, in alphabetical order."""
    return plugins.names(_HERE)


def comparison(name: str) -> Callable[..., Comparison]:
    """Return the function of a comparison.

    Raises:
        LookupError: there is none of this name; the message names those that exist.
    """
    function: Callable[..., Comparison] = _module(name).compare
    return function


def is_diagnosable(name: str) -> bool:
    """Whether a wrong value shows which mistake it comes from."""
    return plugins.told(_module(name), "DIAGNOSABLE", default=False)


def is_of_options(name: str) -> bool:
    """Whether the question lists the options."""
    return plugins.told(_module(name), "OF_OPTIONS", default=False)


def distance(name: str, parameters: Mapping[str, Any], expected: Value, got: Value) -> float:
    """Return how far a value is from the truth: 0 is equal, 1 just accepted, infinite beyond any tolerance."""
    found: Callable[..., float] | None = getattr(_module(name), "distance", None)
    if found is not None:
        return found(expected, got, **parameters)
    return 0.0 if comparison(name)(expected, got, **parameters).share >= 1 else math.inf


def check_parameters(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Validate the parameters of a comparison and convert them to the types its function declares.

    Raises:
        LookupError: there is no such comparison; the message names those that exist.
        pydantic.ValidationError: a parameter is unknown, missing or of a wrong type; `errors()[i]["loc"]` says which.
    """
    valid = parameters_type(name).validate_python(parameters)
    if isinstance(valid, BaseModel):
        return {field: getattr(valid, field) for field in type(valid).model_fields}
    return dict(valid)


@cache
def parameters_type(name: str) -> TypeAdapter[Any]:
    """The type of a comparison's parameters, as its function declares them.

    Raises:
        LookupError: there is no such comparison.
    """
    function = comparison(name)
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    about = _about_parameters(function)
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            parts: Any = dict[str, hints.get(parameter.name, Any)]  # type: ignore[misc]
            about_parts = Field(min_length=1, description=about.get(parameter.name))
            return TypeAdapter(Annotated[parts, about_parts])
    fields: dict[str, Any] = {
        parameter.name: (
            hints.get(parameter.name, Any),
            Field(
                default=... if parameter.default is parameter.empty else parameter.default,
                description=about.get(parameter.name),
            ),
        )
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    return TypeAdapter(create_model(name, __config__=ConfigDict(extra="forbid"), **fields))


def _about_parameters(function: Callable[..., Any]) -> dict[str, str]:
    """Return each parameter's description from `Args:` in the docstring."""
    _, _, arguments = (inspect.getdoc(function) or "").partition("\nArgs:\n")
    entries = re.findall(r"^    \*{0,2}(\w+): (.+(?:\n {8,}.+)*)", arguments, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def _one_comparison(spec: dict[str, Any]) -> dict[str, Any]:
    if len(spec) != 1:
        raise ValueError(say("name one comparison with its parameters, for example {{exact: {{}}}}"))
    ((name, parameters),) = spec.items()
    try:
        return {name: check_parameters(name, parameters)}
    except plugins.NoSuchPlugin as error:
        raise ValueError(error.args[0]) from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, (name, *e['loc'])))}: {e['msg']}" for e in error.errors())
        raise ValueError(told) from error


Nested = Annotated[dict[str, dict[str, Any]], AfterValidator(_one_comparison), WithJsonSchema(NESTED_SCHEMA)]
"""One comparison with its parameters, for example `{"close": {"rtol": 1e-4}}`, as a parameter of another."""


@cache
def _module(name: str) -> ModuleType:
    if name not in names():
        problem = say("there is no comparison {name!r}; there are {names}", name=name, names=", ".join(names()))
        raise plugins.NoSuchPlugin(problem)
    return plugins.load(_HERE, name, "compare")


_HERE = sys.modules[__name__]

"""Check what came back against the question's `returns`, and say in words what is wrong with it.

What counts as what:
- A 0-d tensor (or numpy scalar) is a number; it is an integer only if its element type is.
- A tensor is a list (of lists …) of numbers if it has that many dimensions, and such a list is a tensor.
- A tensor of floats may have any real element type, one of integers any integer type that holds its elements: the
  values are meant, unless the schema says `dtype: exact`.
- A float is never an integer, even 3.0: ids and sizes are whole by nature, and the message says `int(…)`.
- A boolean is not a number. NaN and infinity are numbers; the comparison has its say about them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError

from grader.marking.describe import shown
from grader.marking.returns.as_tensor import as_tensor
from grader.marking.returns.schema_messages import fault
from grader.marking.returns.tensor_schema import Schema, TensorValidator, check_schema
from grader.marking.values import number, oversized
from grader.nouns.text import Message, say
from grader.nouns.value import MOST_VALUES, Tensor, Value

__all__ = ["Accepted", "Refused", "accept", "check_schema"]

_ERRORS_READ = 20  # errors of a validation that are looked at for the most telling one


@dataclass(frozen=True)
class Accepted:
    """A value of the declared form. `value` has numbers and lists where the schema says so and tensors came."""

    value: Value


@dataclass(frozen=True)
class Refused:
    """A value of another form; the message says in words what was expected and what came."""

    message: Message


def accept(schema: Schema, value: Value) -> Accepted | Refused:
    """Check a value against a schema that passed `check_schema`. Never raises, whatever the value.

    A value that is nested without bound or has very many parts is refused before anything looks at it; so are tensors
    that stand for lists of that many parts.
    """
    too_large = Refused(say("the answer has more than {count} parts or is nested too deep", count=MOST_VALUES))
    if oversized(value):
        return too_large
    try:
        adapted = _adapt(schema, value, _Room())
    except _TooLargeError:
        return too_large
    try:
        errors = list(itertools.islice(TensorValidator(schema).iter_errors(adapted), _ERRORS_READ))
    except OverflowError:  # multipleOf with a huge integer
        return Refused(say("the answer holds a number that is far too large"))
    if errors:
        return Refused(_in_words(min(errors, key=_rank)))
    clash = _clash(schema, adapted)
    return Refused(clash) if clash else Accepted(adapted)


class _TooLargeError(Exception):
    """Tensors stand for lists of more parts than are looked at."""


@dataclass
class _Room:
    """How many more list items tensors may be converted to."""

    left: int = MOST_VALUES

    def take(self, tensor: Tensor) -> None:
        """Charge the lists that a tensor becomes, empty ones too.

        Raises:
            _TooLargeError: that many are not left.
        """
        self.left -= tensor.array.size + math.prod(max(size, 1) for size in tensor.shape[:-1])
        if self.left < 0:
            raise _TooLargeError


def _rank(error: ValidationError) -> tuple[int, bool]:
    return len(error.absolute_path), error.validator not in {"type", "tensor"}


def _in_words(error: ValidationError) -> Message:
    message = fault(error)
    return say("at {where}: {problem}", where=_place(error.absolute_path), problem=message) if error.path else message


def _place(path: Any) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f"[{shown(step, 40)}]" for step in path)


def _adapt(schema: Any, value: Value, room: _Room) -> Value:
    """Replace tensors by numbers and lists where the schema declares numbers and lists."""
    if not isinstance(schema, dict) or "tensor" in schema:
        return as_tensor(schema, value) if isinstance(schema, dict) else value
    for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        tried = _Room(room.left)
        adapted = _adapt(alternative, value, tried)
        if adapted is not value and TensorValidator(alternative).is_valid(adapted):
            room.left = tried.left
            return adapted
    for part in schema.get("allOf", ()):
        value = _adapt(part, value, room)
    if type(value) is Tensor:
        return _from_tensor(schema, value, room)
    if type(value) is list:
        firsts, rest = schema.get("prefixItems", []), schema.get("items")
        return [_adapt(firsts[i] if i < len(firsts) else rest, item, room) for i, item in enumerate(value)]
    if type(value) is dict:
        named, rest = schema.get("properties", {}), schema.get("additionalProperties")
        return {key: _adapt(named.get(key, rest), item, room) for key, item in value.items()}
    return value


def _types(schema: Any) -> set[str]:
    declared = schema.get("type", []) if isinstance(schema, dict) else []
    return {declared} if isinstance(declared, str) else set(declared)


def _from_tensor(schema: dict[str, Any], tensor: Tensor, room: _Room) -> Value:
    """Convert a tensor to the number, boolean or list that the schema declares; else return the tensor itself."""
    levels, leaf = 0, schema
    while "array" in _types(leaf) and levels < tensor.array.ndim:
        levels, leaf = levels + 1, leaf.get("items", {})
    element = tensor.array.dtype.kind
    kinds = {"i": {"integer", "number"}, "u": {"integer", "number"}, "f": {"number"}, "b": {"boolean"}}
    free = levels > 0 and not _types(leaf) and "tensor" not in leaf and element in kinds
    if levels != tensor.array.ndim:
        return tensor
    if not free and not _types(leaf) & kinds.get(element, set()):
        return tensor
    room.take(tensor)
    plain = tensor.array.tolist()
    if levels:
        return plain
    return bool(plain) if element == "b" else number(tensor)


def _clash(schema: Schema, value: Value) -> Message | None:
    """Find the first named size that differs from an earlier size of the same name."""
    known: dict[str, int] = {}
    for path, part, tensor in _tensors(schema, value, ()):
        for name, size in zip(part.get("shape", ()), tensor.shape, strict=False):
            if isinstance(name, str) and known.setdefault(name, size) != size:
                problem = say(
                    "the sizes called {name} should be equal, got {one} and {other}",
                    name=name,
                    one=known[name],
                    other=size,
                )
                return say("at {where}: {problem}", where=_place(path), problem=problem) if path else problem
    return None


def _tensors(schema: Any, value: Value, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Schema, Tensor]]:
    """Yield all tensors in a valid value, with the schemas that declare them."""
    if not isinstance(schema, dict):
        return
    if "tensor" in schema and type(value) is Tensor:
        yield path, schema, value
    for part in schema.get("allOf", ()):
        yield from _tensors(part, value, path)
    alternatives = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    fitting = next((part for part in alternatives if TensorValidator(part).is_valid(value)), None)
    yield from _tensors(fitting, value, path)
    if type(value) is list:
        firsts, rest = schema.get("prefixItems", []), schema.get("items")
        if firsts or isinstance(rest, dict):
            for i, item in enumerate(value):
                yield from _tensors(firsts[i] if i < len(firsts) else rest, item, (*path, i))
    if type(value) is dict:
        named, rest = schema.get("properties", {}), schema.get("additionalProperties")
        for key, item in value.items():
            yield from _tensors(named.get(key, rest), item, (*path, key))

"""What a schema asks for and how a value falls short of it, in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from jsonschema import ValidationError

from grader.marking.describe import kind, plain, shown, sizes
from grader.marking.returns.tensor_schema import Schema, dtype_fits, shape_fits
from grader.nouns.text import Message, say
from grader.nouns.value import Opaque, Tensor, Value

_ITERATORS = {"generator", "map", "filter", "zip", "range", "enumerate", "reversed", "dict_keys", "dict_values", "set"}
_CALLABLES = {"function", "method", "builtin_function_or_method", "type"}
_SIMPLE = {
    "number": say("a number"),
    "integer": say("an integer"),
    "string": say("a string"),
    "boolean": say("a boolean"),
    "null": say("None"),
    "object": say("a dictionary"),
    "array": say("a list"),
}
_LISTS = {
    "number": say("a list of numbers"),
    "integer": say("a list of integers"),
    "string": say("a list of strings"),
    "boolean": say("a list of booleans"),
    "array": say("a list of lists"),
    "object": say("a list of dictionaries"),
}
_COUNTED = {
    "number": say("a list of {count} numbers"),
    "integer": say("a list of {count} integers"),
    "string": say("a list of {count} strings"),
    "boolean": say("a list of {count} booleans"),
    "array": say("a list of {count} lists"),
    "object": say("a list of {count} dictionaries"),
}


def expected_kind(schema: Any) -> Message:
    """Describe what a schema asks for: "a list of 3 numbers", "a float32 tensor of shape [n, 4]"."""
    if not isinstance(schema, dict):
        return say("another value")
    if "tensor" in schema:
        return _expected_tensor(schema)
    if schema.get("type") == "array":
        return _expected_list(schema)
    declared = schema.get("type", [])
    kinds = [_SIMPLE[name] for name in ([declared] if isinstance(declared, str) else declared)]
    kinds = kinds or [expected_kind(part) for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), kinds) if kinds else say("a value")


def _expected_tensor(schema: Schema) -> Message:
    family = {
        "any": say("a tensor"),
        "number": say("a tensor of numbers"),
        "float": say("a float tensor"),
        "int": say("an integer tensor"),
    }
    name = schema["tensor"]
    one = say("an {dtype} tensor", dtype=name) if name.startswith("int") else say("a {dtype} tensor", dtype=name)
    element = family.get(name, one)
    if "shape" not in schema:
        return element
    if not schema["shape"]:
        return say("{tensor} with no dimensions", tensor=element)
    return say("{tensor} of shape {shape}", tensor=element, shape=sizes(tuple(schema["shape"])))


def _expected_list(schema: Schema) -> Message:
    items = schema.get("items")
    item = items.get("type") if isinstance(items, dict) else None
    item = item if isinstance(item, str) else None
    fewest, most = schema.get("minItems"), schema.get("maxItems")
    if fewest is not None and fewest == most:
        message = _COUNTED.get(item or "", say("a list of {count} items"))
        return message.model_copy(update={"values": {"count": fewest}})
    return _LISTS.get(item or "", _SIMPLE["array"])


def fault(error: ValidationError) -> Message:
    """Describe one validation error in words."""
    schema: Any = error.schema
    value: Value = error.instance
    counted = error.validator in {"minItems", "maxItems"} and schema.get("minItems") == schema.get("maxItems")
    if counted or error.validator in {"type", "tensor", "anyOf", "oneOf"}:
        return _unlike(schema, value, root=not error.absolute_path)
    worded = _WORDED.get(str(error.validator))
    if worded is None:
        rule = plain(str(error.validator))
        return say("{value} does not fit the rule `{rule}` of the question", value=shown(value), rule=rule)
    return worded(error.validator_value, value, schema)


def _unlike(schema: Any, value: Value, *, root: bool) -> Message:
    if value is None and root:
        return say("{expected} was expected, got None - is there a return statement?", expected=expected_kind(schema))
    expected, got = expected_kind(schema), kind(value)
    problem = say("{expected} was expected, got {got}", expected=expected, got=got)
    hint = _hint(schema, value)
    return say("{problem}; {hint}", problem=problem, hint=hint) if hint else problem


def _hint(schema: Any, value: Value) -> Message | None:
    """Return what to do about a value of the wrong kind, where that is clear."""
    if type(value) is Opaque:
        return _hint_for_object(value.type.rpartition(".")[2])
    if "tensor" in schema:
        return _hint_for_tensor(schema, value)
    declared = str(schema.get("type"))
    if declared == "integer" and type(value) is float:
        return say("wrap it with int(...)")
    if declared in {"number", "integer"} and type(value) is list and len(value) == 1:
        return say("return the number itself, not a list of it")
    if declared in {"number", "integer"} and type(value) is Tensor and value.array.size == 1 and value.array.ndim:
        return say("return the number itself with .item()")
    return None


def _hint_for_object(name: str) -> Message | None:
    if name in _ITERATORS:
        return say("turn it into a list with list(...)")
    return say("is it called, with parentheses?") if name in _CALLABLES else None


def _hint_for_tensor(schema: Schema, value: Value) -> Message | None:
    if type(value) in {list, int, float, bool}:
        return say("return a tensor of that shape")
    if type(value) is Tensor and shape_fits(schema, value) and not dtype_fits(schema, value):
        return say("the type counts here")
    return None


def _enum(choices: Any, value: Value, _: Any) -> Message:
    offered = ", ".join(shown(choice, 40) for choice in choices)
    return say("one of {choices} was expected, got {value}", choices=offered, value=shown(value))


def _required(names: Any, value: Value, _: Any) -> Message:
    missing = [shown(name, 40) for name in names if name not in value]
    return say("missing in the dictionary: {names}", names=", ".join(missing))


def _additional(_: Any, value: Value, schema: Any) -> Message:
    known = schema.get("properties", {})
    extra = [shown(key, 40) for key in value if key not in known]
    offered = ", ".join(shown(name, 40) for name in known)
    return say("the dictionary should have only {names}, but has {extra}", names=offered, extra=", ".join(extra[:5]))


_WORDED: dict[str, Callable[[Any, Value, Any], Message]] = {
    "enum": _enum,
    "required": _required,
    "additionalProperties": _additional,
    "const": lambda only, value, _: say("{only} was expected, got {value}", only=shown(only), value=shown(value)),
    "pattern": lambda rule, value, _: say("{value} does not have the form {rule}", value=shown(value), rule=rule),
    "minItems": lambda n, value, _: say("at least {count} items were expected, got {got}", count=n, got=len(value)),
    "maxItems": lambda n, value, _: say("at most {count} items were expected, got {got}", count=n, got=len(value)),
    "minLength": lambda n, value, _: say(
        "a text of at least {count} characters was expected, got {got}", count=n, got=len(value)
    ),
    "maxLength": lambda n, value, _: say(
        "a text of at most {count} characters was expected, got {got}", count=n, got=len(value)
    ),
    "minimum": lambda n, value, _: say(
        "a number of {bound} or more was expected, got {value}", bound=n, value=shown(value)
    ),
    "maximum": lambda n, value, _: say(
        "a number of {bound} or less was expected, got {value}", bound=n, value=shown(value)
    ),
    "exclusiveMinimum": lambda n, value, _: say(
        "a number above {bound} was expected, got {value}", bound=n, value=shown(value)
    ),
    "exclusiveMaximum": lambda n, value, _: say(
        "a number below {bound} was expected, got {value}", bound=n, value=shown(value)
    ),
    "multipleOf": lambda n, value, _: say("a multiple of {step} was expected, got {value}", step=n, value=shown(value)),
    "uniqueItems": lambda _, value, __: say(
        "every item should come once, but some come again in {value}", value=shown(value)
    ),
    "minProperties": lambda n, value, _: say(
        "at least {count} entries were expected, got {got}", count=n, got=len(value)
    ),
    "maxProperties": lambda n, value, _: say(
        "at most {count} entries were expected, got {got}", count=n, got=len(value)
    ),
    "items": lambda _, value, schema: say(
        "{expected} was expected, got {got}",
        expected=say("a list of {count} items", count=len(schema.get("prefixItems", ()))),
        got=kind(value),
    ),
}

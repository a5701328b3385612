"""The schemas that `returns` may hold: JSON Schema (draft 2020-12) and `{tensor: float32, shape: [n, 4]}`.

`tensor` is torch's name of an element type, or `float`, `int`, `number` or `any` for a family. `shape` is a list of
sizes; a name stands for any size, and for the same size wherever it stands in one value; any shape will do without it.
`dtype: exact` asks for the element type too; without it the values are meant.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, SchemaError, ValidationError
from jsonschema.validators import extend

from grader.nouns.text import Message, say
from grader.nouns.value import Tensor, Value

Schema = Mapping[str, Any]

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_INTEGERS = ("uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64")
FAMILIES: dict[str, tuple[str, ...]] = {
    "float": _FLOATS,
    "int": _INTEGERS,
    "number": (*_FLOATS, *_INTEGERS),
    "any": (*_FLOATS, *_INTEGERS, "bool", "complex64", "complex128"),
} | {name: (name,) for name in (*_FLOATS, *_INTEGERS, "bool")}
"""What `tensor` may say: the element types each word stands for."""

_ONE = ("items", "additionalProperties", "contains", "not", "propertyNames", "if", "then", "else")
_SEVERAL = ("prefixItems", "anyOf", "allOf", "oneOf")
_NAMED = ("properties", "patternProperties")
_NOTES = {"title", "description", "default", "examples", "$comment"}
_KNOWN = (set(Draft202012Validator.VALIDATORS) | {"then", "else", "shape", "tensor", "dtype"} | _NOTES) - {
    "$ref",
    "$dynamicRef",
    "minContains",
    "maxContains",
}


def dtype_fits(schema: Schema, tensor: Tensor) -> bool:
    """Whether a tensor has an element type that the schema's `tensor` allows."""
    return tensor.dtype in FAMILIES[schema["tensor"]]


def shape_fits(schema: Schema, tensor: Tensor) -> bool:
    """Whether a tensor has the declared number of dimensions and the sizes that are given as numbers."""
    declared = schema.get("shape")
    if declared is None:
        return True
    return len(declared) == len(tensor.shape) and all(
        isinstance(length, str) or length == size for length, size in zip(declared, tensor.shape, strict=True)
    )


def _tensor(_: Any, __: str, instance: Value, schema: Schema) -> Iterator[ValidationError]:
    if type(instance) is not Tensor or not dtype_fits(schema, instance) or not shape_fits(schema, instance):
        yield ValidationError("not the declared tensor")


def _unique(_: Any, wanted: bool, instance: Value, __: Schema) -> Iterator[ValidationError]:  # noqa: FBT001 - jsonschema's
    """Check uniqueness in linear time; jsonschema compares every pair where items cannot be sorted."""
    if wanted and type(instance) is list and len({_key(item) for item in instance}) < len(instance):
        yield ValidationError("an item comes again")


def _key(value: Value) -> Hashable:
    """Return a hashable key, equal for equal values: 1 equals 1.0 but not True; tensors by type and elements."""
    if type(value) is list:
        return "list", tuple(map(_key, value))
    if type(value) is dict:
        return "dict", frozenset((key, _key(item)) for key, item in value.items())
    if type(value) is Tensor:
        return "tensor", value.dtype, value.shape, value.array.tobytes()
    return type(value) is bool, value


TensorValidator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    validators={"tensor": _tensor, "uniqueItems": _unique},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "array": lambda _, value: type(value) is list,
            "boolean": lambda _, value: type(value) is bool,
            "integer": lambda _, value: type(value) is int,
            "null": lambda _, value: value is None,
            "number": lambda _, value: type(value) in {int, float},
            "object": lambda _, value: type(value) is dict,
            "string": lambda _, value: type(value) is str,
        }
    ),
)
"""A JSON Schema validator that knows tensors and takes exact types only: 3.0 is no integer, True no number."""


def check_schema(schema: object) -> None:
    """Whether `returns` is a schema at all.

    Raises:
        ValueError: where (dotted path) and why it is not; unknown keywords are refused, so that a typing error in one
            never switches a check off.
    """
    _check(schema, ())
    try:
        Draft202012Validator.check_schema(schema)  # type: ignore[arg-type]
    except SchemaError as error:
        raise ValueError(_at(tuple(error.absolute_path), say("{problem}", problem=error.message))) from error


def _at(path: tuple[str | int, ...], problem: Message) -> Message:
    return say("{where}: {problem}", where=".".join(map(str, path)), problem=problem) if path else problem


def _check(schema: object, path: tuple[str | int, ...]) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        problem = say("a schema is a mapping such as {{type: number}}, not {given}", given=repr(schema))
        raise ValueError(_at(path, problem))  # noqa: TRY004 - pydantic collects ValueError
    for keyword in schema:
        if keyword not in _KNOWN:
            problem = say("is not a keyword of JSON Schema that can be used here")
            raise ValueError(_at((*path, str(keyword)), problem))
    _check_tensor(schema, path)
    for place, part in _subschemas(schema):
        _check(part, (*path, *place))


def _check_tensor(schema: dict[str, Any], path: tuple[str | int, ...]) -> None:
    if "tensor" not in schema:
        for keyword in ("shape", "dtype"):
            if keyword in schema:
                raise ValueError(_at((*path, keyword), say("goes with `tensor`")))
        return
    others = sorted(set(schema) - {"tensor", "shape", "dtype"} - _NOTES)
    if others:
        raise ValueError(_at((*path, others[0]), say("does not go with `tensor`")))
    if not isinstance(schema["tensor"], str) or schema["tensor"] not in FAMILIES:
        problem = say("{given} is not one of {known}", given=repr(schema["tensor"]), known=", ".join(FAMILIES))
        raise ValueError(_at((*path, "tensor"), problem))
    if schema.get("dtype", "exact") != "exact":
        problem = say("can only be `exact`, which asks for the element type too")
        raise ValueError(_at((*path, "dtype"), problem))
    shape = schema.get("shape", [])
    if not isinstance(shape, list):
        problem = say("is a list of sizes and names, for example [n, 4]")
        raise ValueError(_at((*path, "shape"), problem))  # noqa: TRY004 - as above
    for place, size in enumerate(shape):
        named = isinstance(size, str) and size.isidentifier()
        if not named and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
            problem = say("{given} is neither a size nor a name", given=repr(size))
            raise ValueError(_at((*path, "shape", place), problem))


def _subschemas(schema: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    for keyword in _ONE:
        if keyword in schema:
            yield (keyword,), schema[keyword]
    for keyword in _SEVERAL:
        if isinstance(schema.get(keyword), list):
            yield from (((keyword, place), part) for place, part in enumerate(schema[keyword]))
    for keyword in _NAMED:
        if isinstance(schema.get(keyword), dict):
            yield from (((keyword, str(name)), part) for name, part in schema[keyword].items())

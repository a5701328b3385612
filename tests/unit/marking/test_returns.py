"""What comes back is what `returns` declares, or it is said in words what it is instead."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.language.speak import speak
from grader.marking.returns import Accepted, Refused, accept, check_schema
from grader.marking.values import same
from grader.nouns.value import Opaque, Tensor


def tensor(dtype: str, values: Any) -> Tensor:
    """A tensor as it comes off the wire, half precision widened."""
    return Tensor(dtype, np.array(values, dtype="float32" if dtype in {"bfloat16", "float16"} else dtype))


def refusal(schema: dict[str, Any], value: Any) -> str:
    """The words of a refusal."""
    found = accept(schema, value)
    assert isinstance(found, Refused)
    return speak(found.message, "en")


NUMBER, INTEGER, LIST = {"type": "number"}, {"type": "integer"}, {"type": "array"}
THREE = {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 3}
IDS = {"type": "array", "items": INTEGER}
FLOATS = {"tensor": "float32", "shape": ["n", 4]}
RECORD = {
    "type": "object",
    "properties": {"base": NUMBER, "weights": {"tensor": "float"}},
    "required": ["base"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "value", "accepted"),
    [
        (NUMBER, tensor("float32", 1.5), 1.5),
        (NUMBER, tensor("bfloat16", 1.5), 1.5),
        (NUMBER, tensor("int64", 3), 3),
        (INTEGER, tensor("int64", 3), 3),
        ({"type": "boolean"}, tensor("bool", True), True),
        (THREE, tensor("float64", [1, 2, 3]), [1.0, 2.0, 3.0]),
        (THREE, [tensor("float32", 1), 2, 3.5], [1.0, 2, 3.5]),
        (IDS, tensor("int32", [1, 2]), [1, 2]),
        ({"type": "array", "items": IDS}, tensor("int64", [[1], [2]]), [[1], [2]]),
        (LIST, tensor("float32", [1.5]), [1.5]),
        (RECORD, {"base": tensor("float32", 0.5)}, {"base": 0.5}),
        ({"additionalProperties": NUMBER}, {"a": tensor("float32", 0.5)}, {"a": 0.5}),
        ({"anyOf": [{"type": "null"}, NUMBER]}, tensor("float32", 0.5), 0.5),
        ({"allOf": [NUMBER, {"minimum": 0}]}, tensor("float32", 0.5), 0.5),
        ({"type": ["number", "null"]}, None, None),
        ({"type": "array", "prefixItems": [{"type": "string"}, NUMBER]}, ["a", tensor("float32", 0.5)], ["a", 0.5]),
        (FLOATS, tensor("float32", [[1, 2, 3, 4]]), tensor("float32", [[1, 2, 3, 4]])),
        ({"tensor": "float"}, tensor("bfloat16", [1.0]), tensor("bfloat16", [1.0])),
        ({"tensor": "any"}, tensor("bool", [True]), tensor("bool", [True])),
        (FLOATS, tensor("float64", [[1, 2, 3, 4]]), tensor("float32", [[1, 2, 3, 4]])),
        (FLOATS, tensor("bfloat16", [[1, 2, 3, 4]]), tensor("float32", [[1, 2, 3, 4]])),
        (FLOATS, tensor("int64", [[1, 2, 3, 4]]), tensor("float32", [[1, 2, 3, 4]])),
        (FLOATS, [[1, 2.5, 3, 4]], tensor("float32", [[1, 2.5, 3, 4]])),
        ({"tensor": "int64"}, [[1], [2]], tensor("int64", [[1], [2]])),
        ({"tensor": "int64"}, tensor("int32", [1, 2]), tensor("int64", [1, 2])),
        ({"additionalProperties": {"tensor": "float"}}, {"w": [0.5]}, {"w": tensor("float64", [0.5])}),
        ({}, [1, None], [1, None]),
    ],
)
def test_accepted_values_take_the_declared_form(schema: dict[str, Any], value: Any, accepted: Any) -> None:
    """Tensors become the numbers and lists that are declared; declared tensors stay; doing it twice changes nothing."""
    check_schema(schema)
    found = accept(schema, value)
    assert isinstance(found, Accepted)
    assert same(found.value, accepted)
    assert type(found.value) is type(accepted)
    again = accept(schema, found.value)
    assert isinstance(again, Accepted)
    assert same(again.value, accepted)


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        (THREE, "abc", "a list of 3 numbers was expected, got a string"),
        (THREE, [1, 2], "a list of 3 numbers was expected, got a list of 2 integers"),
        (THREE, [1, 2, "x"], "at [2]: a number was expected, got a string"),
        (THREE, None, "a list of 3 numbers was expected, got None - is there a return statement?"),
        (THREE, tensor("float32", [[1, 2, 3]]),
         "a list of 3 numbers was expected, got a float32 tensor of shape [1, 3]"),
        (NUMBER, True, "a number was expected, got a boolean"),
        (NUMBER, [1.0],
         "a number was expected, got a list of one item; return the number itself, not a list of it"),
        (NUMBER, tensor("float32", [1.0]),
         "a number was expected, got a float32 tensor of shape [1]; return the number itself with .item()"),
        (NUMBER, Opaque("function"),
         "a number was expected, got an object of type function; is it called, with parentheses?"),
        (INTEGER, 3.0, "an integer was expected, got a float; wrap it with int(...)"),
        (INTEGER, tensor("float32", 3.0), "an integer was expected, got a float32 tensor with no dimensions"),
        (IDS, tensor("float32", [1.0, 2.0]),
         "a list of integers was expected, got a float32 tensor of shape [2]"),
        (IDS, tensor("bool", [True, True]), "a list of integers was expected, got a bool tensor of shape [2]"),
        (IDS, Opaque("x.generator"),
         "a list of integers was expected, got an object of type x.generator; turn it into a list with list(...)"),
        ({"tensor": "float32", "shape": ["n"], "dtype": "exact"}, tensor("bfloat16", [1, 2]),
         "a float32 tensor of shape [n] was expected, got a bfloat16 tensor of shape [2]; the type counts here"),
        (FLOATS, tensor("float32", [1, 2]),
         "a float32 tensor of shape [n, 4] was expected, got a float32 tensor of shape [2]"),
        ({"tensor": "int"}, tensor("float32", [1]),
         "an integer tensor was expected, got a float32 tensor of shape [1]; the type counts here"),
        ({"tensor": "float", "dtype": "exact"}, [0.5, 1.5],
         "a float tensor was expected, got a list of 2 numbers; return a tensor of that shape"),
        ({"tensor": "float"}, [[0.5, 1.5], [1.0]],
         "a float tensor was expected, got a list of 2 lists; return a tensor of that shape"),
        ({"tensor": "float"}, [True, 0.5],
         "a float tensor was expected, got a list of 2 items; return a tensor of that shape"),
        ({"tensor": "int32"}, [2**40],
         "an int32 tensor was expected, got a list of one item; return a tensor of that shape"),
        (RECORD, {"weights": tensor("float32", [1])}, "missing in the dictionary: 'base'"),
        (RECORD, {"base": 1, "mine": 2}, "the dictionary should have only 'base', 'weights', but has 'mine'"),
        (RECORD, {"base": "x"}, "at ['base']: a number was expected, got a string"),
        ({"enum": ["base", "instruct"]}, "both", "one of 'base', 'instruct' was expected, got 'both'"),
        ({"const": 1}, 2, "1 was expected, got 2"),
        ({"type": "string", "pattern": "^a"}, "b", "'b' does not have the form ^a"),
        ({"type": "string", "minLength": 2}, "b", "a text of at least 2 characters was expected, got 1"),
        ({"type": "string", "maxLength": 2}, "abc", "a text of at most 2 characters was expected, got 3"),
        ({"type": "number", "minimum": 0}, -1, "a number of 0 or more was expected, got -1"),
        ({"type": "number", "maximum": 1}, 1.5, "a number of 1 or less was expected, got 1.5"),
        ({"type": "number", "exclusiveMinimum": 0}, 0, "a number above 0 was expected, got 0"),
        ({"type": "number", "exclusiveMaximum": 1}, 1, "a number below 1 was expected, got 1"),
        ({"multipleOf": 2}, 3, "a multiple of 2 was expected, got 3"),
        ({"multipleOf": 0.5}, 10**4000, "the answer holds a number that is far too large"),
        ({"uniqueItems": True}, [1, 1], "every item should come once, but some come again in [1, 1]"),
        ({"minProperties": 1}, {}, "at least 1 entries were expected, got 0"),
        ({"maxProperties": 0}, {"a": 1}, "at most 0 entries were expected, got 1"),
        ({"type": "array", "minItems": 2}, [1], "at least 2 items were expected, got 1"),
        ({"type": "array", "maxItems": 1}, [1, 2], "at most 1 items were expected, got 2"),
        ({"type": ["number", "null"]}, "x", "a number or None was expected, got a string"),
        ({"anyOf": [NUMBER, {"type": "string"}]}, [], "a number or a string was expected, got an empty list"),
        ({"not": NUMBER}, 1, "1 does not fit the rule `not` of the question"),
    ],
)  # fmt: skip
def test_refusals_are_said_in_words(schema: dict[str, Any], value: Any, words: str) -> None:
    """Each way to miss the declared form has its sentence, with what to do where that is clear."""
    check_schema(schema)
    assert refusal(schema, value) == words


def test_named_sizes_agree_within_a_value() -> None:
    """One name is one size, wherever it stands in a value, and any size in another value."""
    schema = {"type": "array", "items": {"tensor": "float", "shape": ["n", "n"]}}
    assert isinstance(accept(schema, [tensor("float32", np.ones((2, 2)))] * 2), Accepted)
    assert isinstance(accept(schema, [tensor("float32", np.ones((3, 3)))]), Accepted)
    words = "at [1]: the sizes called n should be equal, got 2 and 3"
    assert refusal(schema, [tensor("float32", np.ones((2, 2))), tensor("float32", np.ones((3, 3)))]) == words
    square = {"anyOf": [{"type": "null"}, {"tensor": "float", "shape": ["n", "n"]}]}
    assert refusal(square, tensor("float32", np.ones((2, 3)))).startswith("the sizes called n")
    both = {
        "properties": {"a": {"tensor": "float", "shape": ["n"]}},
        "additionalProperties": {"tensor": "float", "shape": ["n"]},
    }
    assert refusal(both, {"a": tensor("float32", [1]), "b": tensor("float32", [1, 2])}).startswith(
        "at ['b']: the sizes"
    )


def test_a_value_without_bounds_is_refused_quickly() -> None:
    """Very deep and very wide values are refused before anything else looks at them."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested too deep" in refusal({}, deep)
    while deep:
        deep = deep[0]
    assert "more than 200000 parts" in refusal({}, [0] * 300_000)
    assert isinstance(accept({"tensor": "any"}, tensor("float32", np.zeros(300_000))), Accepted)


@settings(deadline=None, max_examples=150)
@given(
    schema=st.sampled_from(
        [NUMBER, INTEGER, THREE, IDS, FLOATS, RECORD, {"enum": [1, "a"]}, {"anyOf": [NUMBER, IDS]}, {}]
    ),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(tensor("float32", [1.0])),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["base", "weights", "x"]), inner),
        max_leaves=12,
    ),
)
def test_accept_never_raises(schema: dict[str, Any], value: Any) -> None:
    """Any value is accepted or refused, and a refusal can be rendered and kept."""
    found = accept(schema, value)
    if isinstance(found, Refused):
        assert speak(found.message, "en")
        json.loads(found.message.model_dump_json())


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "numbr"}, "type: 'numbr' is not valid"),
        ({"minItem": 1}, "minItem: is not a keyword"),
        ({"type": "array", "items": {"typ": "number"}}, "items.typ: is not a keyword"),
        ({"tensor": "f32"}, "tensor: 'f32' is not one of float, int"),
        ({"tensor": ["float"]}, r"tensor: \['float'\] is not one of"),
        ({"tensor": "float", "shape": [-1]}, "shape.0: -1 is neither"),
        ({"tensor": "float", "shape": [True]}, "shape.0: True is neither"),
        ({"tensor": "float", "shape": "n"}, "shape: is a list"),
        ({"tensor": "float", "type": "array"}, "type: does not go with `tensor`"),
        ({"properties": {"a": {"shape": [1]}}}, "properties.a.shape: goes with `tensor`"),
        ({"anyOf": [{"type": "null"}, {"tensor": 1}]}, "anyOf.1.tensor: 1 is not one of"),
        ({"items": [1]}, "items: a schema is a mapping"),
        ({"$ref": "http://example.org/x"}, "ref: is not a keyword"),
        ({"type": "string", "pattern": "("}, "pattern: "),
        (5, "a schema is a mapping"),
    ],
)
def test_a_schema_that_is_none_is_refused_with_its_place(schema: Any, problem: str) -> None:
    """The loader of specs learns where and why; a mistyped keyword never switches a check off."""
    with pytest.raises(ValueError, match=problem):
        check_schema(schema)


def test_items_that_should_come_once() -> None:
    """Equal as JSON Schema says: 1 and 1.0 are, 1 and True are not; dictionaries by what they hold, tensors too."""
    once = {"type": "array", "uniqueItems": True}
    ones = Tensor("float32", np.ones(2, np.float32))
    value: Any
    for value in ([1, True, "1", [1], {"a": 1}], [{"a": 1}, {"a": 2}], [ones, Tensor("float64", np.ones(2))], []):
        assert isinstance(accept(once, value), Accepted)
    for value in ([1, 1.0], [[1, {"a": 2}], [1.0, {"a": 2}]], [{"a": 1, "b": 2}, {"b": 2, "a": 1}], [ones, ones]):
        assert isinstance(accept(once, value), Refused)


MANY = 199_000
COSTLY = {
    "numbers": ({"type": "array", "items": {"type": "integer"}}, list(range(MANY))),
    "lists": ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, [[1.0]] * (MANY // 2)),
    "unknown keys": ({"type": "object", "additionalProperties": False}, {f"{i}": 1 for i in range(MANY)}),
    "items that should come once": ({"type": "array", "uniqueItems": True}, [{"a": i} for i in range(MANY // 2)]),
    "a tensor for a list": ({"type": "array", "items": {"type": "integer"}}, Tensor("int64", np.arange(MANY // 2))),
    "an empty tensor": (
        {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        Tensor("float32", np.zeros((10**7, 0), np.float32)),
    ),
    "a large tensor": ({"type": "array", "items": {"type": "boolean"}}, Tensor("bool", np.zeros(2**24, np.bool_))),
    "tensors for lists": (
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        [Tensor("int64", np.arange(MANY)) for _ in range(80)],
    ),
    "a tensor for one of two": (
        {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": {"type": "number"}}]},
        Tensor("float32", np.zeros(2**22, np.float32)),
    ),
}


@pytest.mark.parametrize("name", COSTLY)
def test_the_largest_values_are_looked_at_in_bounded_time(name: str) -> None:
    """Whatever came within the bounds of the wire takes a second or two."""
    schema, value = COSTLY[name]
    check_schema(schema)
    began = time.process_time()
    accept(schema, value)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", [name for name in COSTLY if "tensor" in name])
def test_tensors_do_not_become_lists_without_bound(name: str) -> None:
    """A tensor holds millions of elements in megabytes; as lists they would take gigabytes."""
    schema, value = COSTLY[name]
    tracemalloc.start()
    accept(schema, value)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20

"""The wire: what goes in comes out plain, and no bytes whatever do anything but decode or be refused."""

from __future__ import annotations

import contextlib
import json
import struct
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.nouns.evidence import Evidence
from grader.nouns.outcome import Returned
from grader.nouns.value import Opaque, Tensor
from grader.sandbox import wire
from grader.store.evidence import decode, encode

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**4000), 2**4000)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.builds(Opaque, st.text(alphabet="abc", max_size=20))
)
KEYS = st.text(alphabet="$abtensorflid", max_size=8)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)
DTYPES = ["bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


def alike(first: Any, second: Any) -> bool:
    """Equality with NaN equal to itself and types exact."""
    if type(first) is not type(second):
        return False
    if isinstance(first, list):
        return len(first) == len(second) and all(map(alike, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(alike(first[k], second[k]) for k in first)
    return first == second or (first != first and second != second)  # noqa: PLR0124


@given(VALUES)
def test_values_come_back_as_they_went(value: object) -> None:
    """Keys that look like placeholders, NaN, infinities and long integers included."""
    assert alike(wire.decode(wire.encode(value)), value)


@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 3), max_size=4), st.booleans())
def test_arrays_come_back_as_they_went(dtype: str, shape: list[int], flip) -> None:
    """Any shape, empty and 0-d, any byte order of strides."""
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    got = wire.decode(wire.encode([array.T if flip else array]))[0]
    assert isinstance(got, Tensor)
    assert (got.dtype, got.shape) == (dtype, tuple(reversed(shape) if flip else shape))
    assert np.array_equal(got.array, array.T if flip else array)


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(body: bytes) -> None:
    """Random bytes are refused by one exception or are a value."""
    with contextlib.suppress(wire.WireError):
        wire.decode(body)


@settings(max_examples=300)
@given(st.data())
def test_damaged_bodies_do_no_harm(data: st.DataObject) -> None:
    """Nor do bodies with a byte changed, cut or added."""
    body = bytearray(wire.encode({"a": [np.ones((2, 2), np.float32), {"$x": 1.5}], "b": Opaque("t")}))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with contextlib.suppress(wire.WireError):
        wire.decode(bytes(body))


def body(text: str | object, blob: bytes = b"") -> bytes:
    encoded = (text if isinstance(text, str) else json.dumps(text)).encode()
    return struct.pack(">I", len(encoded)) + encoded + blob


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\0\0",
        struct.pack(">I", 100) + b"{}",
        body("["),
        body("[" * 100_000),
        body("[" * 100 + "]" * 100),
        body("NaN"),
        body("1e999"),
        body("1" * 100_000),
        body('{"a": 1, "a": 2}'),
        body("é"),
        body({"$float": "5"}),
        body({"$float": 1}),
        body({"$float": "nan", "x": 1}),
        body({"$unknown": 1}),
        body({"$opaque": "x" * 1000}),
        body({"$dict": [["a", 1], ["a", 2]]}),
        body({"$dict": [["a"]]}),
        body({"$dict": [[1, 1]]}),
        body({"$tensor": 0, "dtype": "float32"}),
        body({"$tensor": True, "dtype": "float32"}),
        body("1", b"trailing"),
        body("1", wire.encode(np.ones(1))[40:]),
        body("[" + "1," * 500_000 + "1]"),
    ],
)
def test_what_encode_does_not_write_is_refused(bad: bytes) -> None:
    """One by one, what a forger could try."""
    with pytest.raises(wire.WireError):
        wire.decode(bad)


def test_a_tensor_of_another_dtype_or_used_twice_is_refused() -> None:
    """What the JSON says must be what the blob holds."""
    whole = wire.encode(np.ones(2, np.float32))
    (size,) = struct.unpack_from(">I", whole)
    blob = whole[4 + size :]
    for text in ({"$tensor": 0, "dtype": "int32"}, [{"$tensor": 0, "dtype": "float32"}] * 2, 1):
        with pytest.raises(wire.WireError):
            wire.decode(body(text, blob))
    assert wire.decode(body({"$tensor": 0, "dtype": "float16"}, blob)).dtype == "float16"


def test_subclasses_are_sent_as_what_they_hold() -> None:
    """An overridden method has no say."""

    class Liar(float):
        def __float__(self) -> float:
            return 99.0

        def __repr__(self) -> str:
            return "99.0"

    class Words(list):
        def __iter__(self):
            return iter(["other"])

    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "other"

    assert wire.decode(wire.encode([Liar(1.5), Words(["a"]), Text("b"), True])) == [1.5, ["a"], "b", True]


def test_integer_keys_become_text_and_others_make_a_dictionary_opaque() -> None:
    """As JSON does; two keys that would fall together are no dictionary."""
    assert wire.decode(wire.encode({5: "a", np.int64(6): "b"})) == {"5": "a", "6": "b"}
    for value in ({(1, 2): 1}, {True: 1}, {1.5: 1}, {5: 1, "5": 2}):
        assert isinstance(wire.decode(wire.encode(value)), Opaque)


def test_torch_tensors_of_every_kind() -> None:
    """Half precision is widened, gradients and strides do not matter, what has no elements to send is opaque."""
    import torch

    value = torch.arange(6, dtype=torch.bfloat16).reshape(2, 3).requires_grad_()
    got = wire.decode(wire.encode([value.T, torch.tensor(True), torch.ones(3)[::2], torch.tensor(7)]))
    assert [item.dtype for item in got] == ["bfloat16", "bool", "float32", "int64"]
    assert got[0].array.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert got[3].shape == ()
    for odd in (torch.ones(1, device="meta"), torch.ones(2).to_sparse(), torch.ones(1, dtype=torch.complex64)):
        assert isinstance(wire.decode(wire.encode(odd)), Opaque)


def test_limits_are_checked_before_copying() -> None:
    """An expanded tensor of a terabyte, a cycle, a hundred levels."""
    import torch

    with pytest.raises(wire.WireError, match="1000"):
        wire.encode(torch.zeros(1).expand(10**12), limit=1000)
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(wire.WireError, match="deep"):
        wire.encode(cycle)
    assert isinstance(wire.decode(wire.encode(10**5000)), Opaque)


def test_lone_surrogates_do_not_come_through() -> None:
    """No file or terminal takes them."""
    assert wire.decode(wire.encode({"a\ud800": "b\udfff"})) == {"a?": "b?"}


SURROGATES = st.text(st.characters(), max_size=6)
LITERALS = st.sampled_from(
    ["1E5", "-0", "-0.0", "1e-400", "5e-324", "1.7976931348623157e308", "1" * 1234, "-" + "9" * 1233, str(2**4096 - 1)]
)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | SURROGATES
    | LITERALS,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(SURROGATES | KEYS, inner)
        | st.builds(lambda pairs: {"$dict": pairs}, st.lists(st.tuples(SURROGATES | KEYS, inner)))
        | st.builds(lambda word: {"$float": word}, st.sampled_from(["nan", "inf", "-inf"]))
        | st.builds(lambda name: {"$opaque": name}, st.text(st.characters(), max_size=200))
    ),
    max_leaves=15,
)


def forged(tree: object) -> bytes:
    """A body with a tree that no `encode` wrote; texts that look like numbers of `LITERALS` are written as such."""
    text = json.dumps(tree)
    for literal in ("1E5", "-0", "-0.0", "1e-400", "5e-324", "1" * 1234, "-" + "9" * 1233, str(2**4096 - 1)):
        text = text.replace(f'"{literal}"', literal)
    return body(text)


def kept(value: object) -> object:
    """A value as a ledger keeps it and gives it back."""
    evidence = decode(encode(Evidence(outcomes=(Returned(value=value, figures={"a": value}),))))
    (outcome,) = evidence.outcomes
    assert isinstance(outcome, Returned)
    assert outcome.figures is not None
    assert alike(outcome.figures["a"], outcome.value) or isinstance(value, Tensor)
    return outcome.value


@settings(max_examples=500)
@given(TREES)
def test_what_was_decoded_can_be_kept_and_read_again(tree: object) -> None:
    """Whatever a forger writes: once it is a value, it is encoded and decoded again without change."""
    try:
        value = wire.decode(forged(tree))
    except wire.WireError:
        return
    assert alike(wire.decode(wire.encode(value)), value)
    assert alike(kept(value), value)
    json.dumps(plain_text(value)).encode()


def plain_text(value: object) -> list[str]:
    """All texts in a value; each can be written to a file."""
    if isinstance(value, str):
        value.encode()
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in plain_text(part)]
    return [text for part in value for text in plain_text(part)] if isinstance(value, list) else []


def nested(levels: int, kind: str) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value] if kind == "list" else {"a": value} if kind == "dict" else {"$": value}
    return value


@pytest.mark.parametrize("kind", ["list", "dict", "dollar"])
@pytest.mark.parametrize("levels", range(40, 80))
def test_a_value_of_any_depth_is_refused_or_kept(levels: int, kind: str) -> None:
    """There is no depth that comes in and cannot be written down."""
    value = nested(levels, kind)
    text = json.dumps(value).replace('{"$":', '{"$dict":[["$",').replace("}", "]]}" if kind == "dollar" else "}")
    try:
        got = wire.decode(body('{"kind":"returned","value":' + text + "}"))["value"]
    except wire.WireError:
        assert levels > 55
        return
    assert alike(kept(got), value)


LARGE = {
    "numbers": "[" + "1," * 199_990 + "1]",
    "empty dictionaries": "[" + "{}," * 199_990 + "{}]",
    "entries": "{" + ",".join(f'"{i}":{i}' for i in range(199_990)) + "}",
    "floats": "[" + '{"$float":"nan"},' * 199_990 + "1]",
    "commas in a text": json.dumps("," * 10**6),
    "brackets in a text": json.dumps('[{\\"' * 200_000),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_value_is_kept(name: str) -> None:
    """What a comparison would still look at comes in and is written down; punctuation in a text does not count."""
    value = wire.decode(body(LARGE[name]))
    assert alike(kept(value), value)


TOO_LARGE = {
    "numbers": "[" + "1," * 200_050 + "1]",
    "empty dictionaries": "[" + "{}," * 980_000 + "{}]",
    "lists in lists": "[" + "[1]," * 100_100 + "1]",
    "entries": "{" + ",".join(f'"{i}":{i}' for i in range(200_100)) + "}",
    "a text that never ends": '["' + '\\"' * 500_000,
    "texts that never end": '["' + '\\",' * 500_000 + "\\",
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_more_parts_than_a_comparison_looks_at_are_refused_at_once(name: str) -> None:
    """Before they are built, and in time that grows with their length only."""
    began = time.process_time()
    with pytest.raises(wire.WireError):
        wire.decode(body(TOO_LARGE[name]))
    assert time.process_time() - began < 2


def test_tensors_without_bound_are_refused() -> None:
    """Empty ones with billions of rows, and a hundred thousand of them."""
    empty = wire.encode(np.zeros((5, 0), np.float32))
    assert wire.decode(empty).shape == (5, 0)
    with pytest.raises(wire.WireError, match="rows"):
        wire.decode(wire.encode(np.zeros((10**9, 0), np.float32)))
    with pytest.raises(wire.WireError, match="rows"):
        wire.decode(wire.encode(np.zeros((0, 10**9), np.float32)))
    many = wire.encode([np.zeros(1, np.uint8)] * 50_000)
    with pytest.raises(wire.WireError, match="tensors"):
        wire.decode(many)
    assert len(wire.decode(many, bounds=wire.OWN)) == 50_000


@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 3), min_size=0, max_size=32))
def test_a_tensor_of_any_shape_is_refused_or_kept(dtype: str, shape: list[int]) -> None:
    """Up to as many dimensions as can be sent."""
    array = np.broadcast_to(np.zeros((), dtype), shape)
    if array.size > 10**6:
        return
    value = wire.decode(wire.encode(np.ascontiguousarray(array)))
    again = kept(value)
    assert isinstance(again, Tensor)
    assert (again.dtype, again.shape) == (value.dtype, value.shape)

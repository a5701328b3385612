"""The wire: what goes in comes out plain, and no bytes whatever do anything but decode or be refused."""

from __future__ import annotations

import contextlib
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.nouns.value import Opaque, Tensor
from grader.sandbox import wire

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


def alike(first: object, second: object) -> bool:
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
        body("[" + "1," * wire.MOST_NODES + "1]"),
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

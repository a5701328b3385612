"""What crosses the pipe: one frame = 8 bytes of length + body; body = 4 bytes of length + JSON + safetensors.

Never pickle: nothing that arrives is executed. The JSON holds the value with these objects in place of what JSON lacks:

    {"$tensor": 3, "dtype": "bfloat16"}   the array named "3" in the safetensors part; dtype is the sender's
    {"$float": "nan" | "inf" | "-inf"}    floats that JSON has no word for
    {"$opaque": "generator"}              an object that cannot be sent
    {"$dict": [[key, value], ...]}        a dictionary with a key that starts with "$"

Conventions of `encode`: tuples become lists; subclasses of built-in types become the plain value that the C-level base
holds, never what an overridden method says; numpy scalars become plain numbers; float16, bfloat16 and float8 are
widened to float32, which is exact, and keep their name; 0-d tensors stay tensors; integer keys become decimal strings
(as in JSON), and a dictionary with other keys, or two keys that fall together, is opaque. `decode` trusts nothing:
whatever is not what `encode` can write is a `WireError`. What it gave can always be encoded and decoded again within
the bounds `OWN`, also as a part of something larger. Importable without torch.
"""

from __future__ import annotations

import json
import math
import re
import struct
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import safetensors
import safetensors.numpy

from grader.nouns.value import MOST_VALUES, Opaque, Tensor, Value


class Bounds(NamedTuple):
    """How large a value may be.

    Attributes:
        values: values in it, those in lists and dictionaries counted one by one; a tensor is one.
        levels: lists in lists.
        header: bytes of the names, types and shapes of all tensors.
    """

    values: float
    levels: int
    header: float


ANSWER = Bounds(values=MOST_VALUES, levels=60, header=2**20)
"""A value from a process that ran what nobody trusts; what has more parts belongs into a tensor."""
OWN = Bounds(values=math.inf, levels=100, header=math.inf)
"""What the grader wrote itself, made of values that were bounded when they came: requests, files, the ledger."""
ENVELOPE = 10
"""Values and levels that an answer may take besides the value in it."""
LONGEST_INT = 4096
"""Bits of the largest integer; CPython refuses to print far larger ones."""
LONGEST_NAME = 200
"""Characters of the name of an opaque type."""

_FRAME = struct.Struct(">Q")
_HEAD = struct.Struct(">I")
HEAD_SIZE = _FRAME.size
"""Bytes in front of a body."""

_STORED = {
    "BOOL": np.dtype(np.bool_),
    "U8": np.dtype(np.uint8),
    "I8": np.dtype(np.int8),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
}
_PLAIN = frozenset(dtype.name for dtype in _STORED.values())
_WIDENED = frozenset({"float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"})
_DIGITS = math.ceil(LONGEST_INT * math.log10(2)) + 1
_LONGEST_FLOAT = 40  # characters; `repr` takes 24
_PAIR = 2
_MOST_DIMENSIONS = 32
_MOST_ROWS = 2**24


class WireError(Exception):
    """Bytes that are not a well-formed value, or a value that does not fit on the wire."""


def frame(body: bytes) -> bytes:
    """Return a body with its length in front."""
    return _FRAME.pack(len(body)) + body


def frame_size(head: bytes | bytearray) -> int | None:
    """Return the size of the body from a frame's head; None while fewer than eight bytes have come."""
    return int(_FRAME.unpack_from(head)[0]) if len(head) >= _FRAME.size else None


def encode(value: Any, *, limit: int | None = None, bounds: Bounds = OWN) -> bytes:
    """Encode a value as bytes.

    Args:
        value: anything; what has no place on the wire is sent as `Opaque`.
        limit: the most bytes the tensors may take; they are not copied when they take more.
        bounds: how large it may be besides.

    Raises:
        WireError: too deep, or too large.
    """
    packer = _Packer(limit, bounds)
    try:
        tree = packer.pack(value, 0)
        text = json.dumps(tree, allow_nan=False, separators=(",", ":"), check_circular=False).encode()
    except RecursionError:
        raise WireError("the value is nested too deeply to be sent") from None
    return _HEAD.pack(len(text)) + text + packer.blob()


def decode(body: bytes | bytearray | memoryview, *, bounds: Bounds = ANSWER) -> Value:
    """Decode a body: plain Python values, `Tensor` and `Opaque`.

    Args:
        body: bytes from anywhere.
        bounds: how large the value may be; `OWN` for what the grader wrote itself.

    Raises:
        WireError: the body is not exactly what `encode` writes.
    """
    body = bytes(body)
    if len(body) < _HEAD.size:
        raise WireError("too short for a value")
    (size,) = _HEAD.unpack_from(body)
    text, blob = body[_HEAD.size : _HEAD.size + size], body[_HEAD.size + size :]
    if len(text) != size:
        raise WireError("cut short")
    if _marks(text) > _MARKS * bounds.values and _marks(_STRING.sub(b"", text)) > _MARKS * bounds.values:
        raise WireError(_too_many(bounds))  # before they are built
    try:
        tree = json.loads(
            text.decode("ascii"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
        unpacker = _Unpacker(_arrays(blob, bounds), bounds)
        value = unpacker.unpack(tree, 0)
    except WireError:
        raise
    except (ValueError, RecursionError, OverflowError, TypeError, MemoryError) as error:
        raise WireError(f"not a value: {type(error).__name__}") from None
    if unpacker.arrays:
        raise WireError("tensors that nothing refers to")
    return value


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_MARKS = 2  # commas and opening brackets of a value: `{},`


def _marks(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def _too_many(bounds: Bounds) -> str:
    return f"the value has more than {bounds.values:.0f} parts; what is that large belongs into a tensor"


class _Packer:
    """Turns values into JSON, collecting tensors on the way."""

    def __init__(self, limit: int | None, bounds: Bounds) -> None:
        self._limit, self._bounds = limit, bounds
        self._bytes = self._values = 0
        self._tensors: dict[str, np.ndarray[Any, Any]] = {}

    def pack(self, value: Any, depth: int) -> Any:
        """The JSON tree for a value at a depth."""
        self._values += 1
        if self._values > self._bounds.values + ENVELOPE:
            raise WireError(_too_many(self._bounds))
        if depth > self._bounds.levels:
            raise WireError(f"the value is nested more than {self._bounds.levels} levels deep")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        for base, packed in _BASES:
            if issubclass(kind, base):
                return packed(self, value, depth)
        return self._other(value, depth)

    def pack_int(self, value: Any, _depth: int) -> Any:
        """An integer within bounds."""
        plain = int.__int__(value)
        bits = plain.bit_length()
        return plain if bits <= LONGEST_INT else {"$opaque": f"int of {bits} bits"}

    def pack_float(self, value: Any, _depth: int) -> Any:
        """A float, or the word for what JSON lacks."""
        plain = float.__float__(value)
        if math.isfinite(plain):
            return plain
        return {"$float": "nan" if math.isnan(plain) else "inf" if plain > 0 else "-inf"}

    def pack_str(self, value: Any, _depth: int) -> str:
        """The text that a subclass of str holds."""
        return str.__str__(value)

    def pack_list(self, value: Any, depth: int) -> Any:
        """A list, item by item."""
        return [self.pack(item, depth + 1) for item in list.copy(value)]

    def pack_tuple(self, value: Any, depth: int) -> Any:
        """A tuple becomes a list."""
        return [self.pack(item, depth + 1) for item in tuple.__getitem__(value, slice(None))]

    def pack_dict(self, value: Any, depth: int) -> Any:
        """A dictionary with text for keys."""
        pairs = [(key, _key(key), item) for key, item in dict.items(value)]
        for key, name, _ in pairs:
            if name is None:
                return {"$opaque": f"dict with a key of type {type_name(key)}"}
        items = {str(name): self.pack(item, depth + 1) for _, name, item in pairs}
        if len(items) != len(pairs):
            return {"$opaque": "dict with keys that differ only in type"}
        if any(name.startswith("$") for name in items):
            return {"$dict": [[name, item] for name, item in items.items()]}
        return items

    def _other(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is Tensor:
            return self._tensor(value.array, value.dtype)
        if kind is Opaque:
            return {"$opaque": value.type[:LONGEST_NAME]}
        if issubclass(kind, np.generic):
            plain = np.generic.item(value)
            return {"$opaque": type_name(value)} if isinstance(plain, np.generic) else self.pack(plain, depth)
        if issubclass(kind, np.ndarray):
            return self._array(value, depth)
        torch = sys.modules.get("torch")
        if torch is not None and issubclass(kind, torch.Tensor):
            return self._torch(torch, value)
        return {"$opaque": type_name(value)}

    def _array(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        plain = np.array(value, copy=None, subok=False)
        name = plain.dtype.name
        if plain.dtype.kind == "U":
            return self.pack(plain.tolist(), depth)
        if name == "float16":
            return self._tensor(plain.astype(np.float32), name)
        return self._tensor(plain, name) if name in _PLAIN else {"$opaque": f"ndarray of {name}"}

    def _torch(self, torch: Any, value: Any) -> Any:
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():  # noqa: SLF001 - torch's own way out
            name = str(torch.Tensor.dtype.__get__(value)).removeprefix("torch.")
            plain = value.detach()
            if plain.layout != torch.strided or plain.is_meta or plain.is_quantized:
                return {"$opaque": f"{'meta' if plain.is_meta else plain.layout} tensor".removeprefix("torch.")}
            if name not in _PLAIN and name not in _WIDENED:
                return {"$opaque": f"tensor of {name}"}
            self._charge(plain.numel() * (4 if name in _WIDENED else plain.element_size()))
            plain = plain.to("cpu")
            if name in _WIDENED:
                plain = plain.to(torch.float32)
            array = plain.resolve_neg().contiguous().numpy()
        return self._place(array, name)

    def _tensor(self, array: np.ndarray[Any, Any], name: str) -> Any:
        self._charge(array.nbytes)
        return self._place(array, name)

    def _charge(self, size: int) -> None:
        self._bytes += size
        if self._limit is not None and self._bytes > self._limit:
            raise WireError(f"the value takes {self._bytes} bytes or more; {self._limit} may be returned")

    def _place(self, array: np.ndarray[Any, Any], name: str) -> Any:
        number = len(self._tensors)
        self._tensors[f"{number}"] = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
        return {"$tensor": number, "dtype": name}

    def blob(self) -> bytes:
        """The safetensors part; empty when there is no tensor."""
        return bytes(safetensors.numpy.save(self._tensors)) if self._tensors else b""


_BASES: tuple[tuple[type, Callable[[_Packer, Any, int], Any]], ...] = (
    (float, _Packer.pack_float),
    (int, _Packer.pack_int),
    (str, _Packer.pack_str),
    (list, _Packer.pack_list),
    (dict, _Packer.pack_dict),
    (tuple, _Packer.pack_tuple),
)


def _key(key: Any) -> str | None:
    """The JSON key for a dictionary key: strings as they are, integers in decimal, nothing else."""
    kind = type(key)
    if issubclass(kind, str):
        return str.__str__(key)
    if kind is bool or not issubclass(kind, int | np.integer):
        return None
    number = int.__int__(key) if issubclass(kind, int) else np.generic.item(key)
    return str(number) if number.bit_length() <= LONGEST_INT else None


def type_name(value: object) -> str:
    """Return the name of a value's type, as CPython keeps it, cut to a readable length."""
    return str(type.__dict__["__name__"].__get__(type(value)))[:100]


class _Unpacker:
    """Turns checked JSON back into values."""

    def __init__(self, arrays: dict[str, np.ndarray[Any, Any]], bounds: Bounds) -> None:
        self.arrays, self._bounds = arrays, bounds
        self._values = 0

    def unpack(self, tree: Any, depth: int) -> Value:
        """The value of a JSON tree; each array is taken out as it is used."""
        self._values += 1
        if self._values > self._bounds.values + ENVELOPE:
            raise WireError(_too_many(self._bounds))
        if depth > self._bounds.levels + ENVELOPE:
            raise WireError("nested too deeply")
        if type(tree) is str:
            return _text(tree)
        if type(tree) is list:
            return [self.unpack(item, depth + 1) for item in tree]
        if type(tree) is not dict:
            return tree
        if not any(key.startswith("$") for key in tree):
            return {_text(key): self.unpack(item, depth + 1) for key, item in tree.items()}
        return self._special(tree, depth)

    def _special(self, tree: dict[str, Any], depth: int) -> Value:
        match tree:
            case {"$float": "nan" | "inf" | "-inf" as word, **rest} if not rest:
                return float(word)
            case {"$opaque": str(name), **rest} if not rest and len(name) <= LONGEST_NAME:
                return Opaque(_text(name))
            case {"$dict": list(pairs), **rest} if not rest:
                return self._pairs(pairs, depth)
            case {"$tensor": int(number), "dtype": str(name), **rest} if not rest and type(number) is int:
                return self._tensor(str(number), name)
        raise WireError("an unknown kind of value")

    def _pairs(self, pairs: list[Any], depth: int) -> dict[str, Value]:
        if not all(type(pair) is list and len(pair) == _PAIR and type(pair[0]) is str for pair in pairs):
            raise WireError("a dictionary that is none")
        value = {_text(key): self.unpack(item, depth + 1) for key, item in pairs}
        if len(value) != len(pairs):
            raise WireError("a key that occurs twice")
        return value

    def _tensor(self, number: str, name: str) -> Tensor:
        array = self.arrays.pop(number, None)
        if array is None:
            raise WireError("a tensor that did not come, or is used twice")
        if array.dtype.name != ("float32" if name in _WIDENED else name):
            raise WireError("a tensor of another dtype than was said")
        return Tensor(name, array)


def _arrays(blob: bytes, bounds: Bounds) -> dict[str, np.ndarray[Any, Any]]:
    if not blob:
        return {}
    if int.from_bytes(blob[:8], "little") > bounds.header:
        raise WireError("too many tensors")
    try:
        parts = safetensors.deserialize(blob)
    except safetensors.SafetensorError:
        raise WireError("not safetensors") from None
    return {name: _array(part) for name, part in parts}


def _array(part: dict[str, Any]) -> np.ndarray[Any, Any]:
    dtype, shape, data = _STORED.get(part["dtype"]), tuple(part["shape"]), part["data"]
    if dtype is None:
        raise WireError("a tensor of an unknown dtype")
    if len(shape) > _MOST_DIMENSIONS or math.prod(shape) * dtype.itemsize != len(data):
        raise WireError("a tensor whose size is not that of its shape")
    if not data and math.prod(max(size, 1) for size in shape) > _MOST_ROWS:
        raise WireError("an empty tensor with billions of rows")
    if dtype.kind == "b" and data and max(data) > 1:
        raise WireError("a truth value that is neither 0 nor 1")
    return np.frombuffer(data, dtype).reshape(shape)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise WireError("a key that occurs twice")
    return value


def _no_constant(_word: str) -> Any:
    raise WireError("a number that JSON does not have")


def _finite(text: str) -> float:
    value = float(text) if len(text) <= _LONGEST_FLOAT else math.inf
    if not math.isfinite(value):
        raise WireError("a number out of range")
    return value


def _bounded(text: str) -> int:
    value = int(text) if len(text) <= _DIGITS + 1 else None
    if value is None or value.bit_length() > LONGEST_INT:
        raise WireError("an integer out of range")
    return value


def _text(text: str) -> str:
    """The text without lone surrogates, which no file, terminal or database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text

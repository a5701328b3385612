"""Values in words: what kind a value is, how it looks in short, how far two numbers are apart.

What a student returned may be shown to that student, shortened and with nothing unprintable in it. What was expected
is described by kind only, and differences are rounded so coarsely (1, 2, 5, 10, 20 …) that adding one to the
student's own value does not give the answer.
"""

from __future__ import annotations

import itertools
import math

from grader.marking.values import real
from grader.nouns.text import Message, say
from grader.nouns.value import Opaque, Tensor, Value

WIDTH = 80
_MANY = 10.0  # from here on a relative difference says nothing but "many times"
_LOOKED_AT = 1000  # items of a list that are looked at to name their kind
_BITS_SHOWN = 130  # longer integers are described by their length
_NEAREST = {1: 1, 2: 2, 3: 2, 4: 5, 5: 5, 6: 5, 7: 5, 8: 10, 9: 10}


def cut(text: str, width: int = WIDTH) -> str:
    """Cut a text to at most `width` characters; `…` stands for the rest."""
    return text if len(text) <= width else text[: width - 1] + "…"


def plain(text: str, width: int = WIDTH) -> str:
    """Make a student's text fit into a sentence: shortened, on one line, unprintable characters escaped."""
    return cut("".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: width + 1]), width)


def shown(value: Value, width: int = WIDTH) -> str:
    """Return a value as Python source, at most `width` characters, without reading more than is shown."""
    return cut(_python(value, width, 4), width)


def _python(value: Value, width: int, depth: int) -> str:
    if type(value) in {str, int, float, bool, type(None)}:
        return _scalar(value, width)
    if type(value) is list:
        items = "…" if depth == 0 and value else ", ".join(_python(v, width, depth - 1) for v in value[: width // 2])
        return f"[{items}]"
    if type(value) is dict:
        pairs = itertools.islice(value.items(), width // 4 if depth else 0)
        return "{" + ", ".join(f"{_python(k, width, 0)}: {_python(v, width, depth - 1)}" for k, v in pairs) + "}"
    if type(value) is Tensor and value.array.ndim == 0:
        return plain(f"tensor({value.array.item()!r})", width)
    if type(value) is Tensor:
        return f"<{plain(value.dtype)} tensor of shape {sizes(value.shape)}>"
    return f"<{plain(value.type if type(value) is Opaque else type(value).__name__, width)}>"


def _scalar(value: Value, width: int) -> str:
    if isinstance(value, str):
        return repr(value[: width + 1])
    if isinstance(value, int) and value.bit_length() > _BITS_SHOWN:
        return f"{'-' if value < 0 else ''}<{int(value.bit_length() * math.log10(2)) + 1}-digit integer>"
    return repr(value)


_KINDS = {
    type(None): say("None"),
    bool: say("a boolean"),
    int: say("an integer"),
    float: say("a float"),
    str: say("a string"),
}


def kind(value: Value) -> Message:
    """What a value is, as words that fit after "got": "a string", "a list of 3 numbers", "a float32 tensor …"."""
    if type(value) is list:
        return _list_kind(value)
    if type(value) is dict:
        return say("a dictionary of size {count}", count=len(value))
    if type(value) is Tensor:
        return tensor_kind(value.dtype, value.shape)
    if type(value) is Opaque:
        return say("an object of type {type}", type=plain(value.type))
    return _KINDS.get(type(value), say("an unknown object"))


def tensor_kind(dtype: str, shape: tuple[int, ...]) -> Message:
    """Describe a tensor in words."""
    if not shape:
        return say("a {dtype} tensor with no dimensions", dtype=plain(dtype))
    return say("a {dtype} tensor of shape {shape}", dtype=plain(dtype), shape=sizes(shape))


def sizes(shape: tuple[int | str, ...]) -> str:
    """Write a shape as text: `[2, n]`."""
    return "[" + ", ".join(str(size) for size in shape) + "]"


def _list_kind(value: list[Value]) -> Message:
    kinds = {type(item) for item in value[:_LOOKED_AT]}
    message = say("a list of {count} items")
    if not kinds:
        message = say("an empty list")
    elif len(value) == 1:
        message = say("a list of one item")
    elif kinds == {int}:
        message = say("a list of {count} integers")
    elif kinds <= {int, float}:
        message = say("a list of {count} numbers")
    elif kinds == {str}:
        message = say("a list of {count} strings")
    elif kinds == {list}:
        message = say("a list of {count} lists")
    elif kinds == {Tensor}:
        message = say("a list of {count} tensors")
    return message.model_copy(update={"values": {"count": len(value)}})


def roughly(size: float) -> str:
    """Round a non-negative number to the nearest of 1, 2 or 5 times a power of ten."""
    if size == 0 or not math.isfinite(size):
        return f"{size:g}"
    digit, exponent = f"{size:.0e}".split("e")
    nearest = float(f"{_NEAREST[int(digit)]}e{exponent}")
    return f"{nearest:g}" if 1e-4 <= nearest < 1e6 else f"{nearest:.0e}"  # noqa: PLR2004 - as people write them


def gap(expected: float, got: float) -> Message:
    """Describe the absolute and relative difference of two finite, different numbers, coarsely on purpose."""
    first, second = real(expected), real(got)
    absolute = abs(second - first)
    if absolute >= _MANY * abs(first):
        return say("off by about {absolute}, many times the expected size", absolute=roughly(absolute))
    return say(
        "off by about {absolute}, about {relative} % of the expected size",
        absolute=roughly(absolute),
        relative=roughly(100 * (absolute / abs(first))),
    )

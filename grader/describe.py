"""Values in words: what kind a value is, how it looks in short, how far two numbers are apart.

What a student returned may be shown to that student, shortened and with nothing unprintable in it. What was expected
is described by kind only, and differences are rounded so coarsely (1, 2, 5, 10, 20 …) that adding one to the
student's own value does not give the answer.
"""

from __future__ import annotations

import itertools
import math

from grader.nouns.text import Message, say
from grader.nouns.value import Opaque, Tensor, Value
from grader.values import real

WIDTH = 80
_MANY = 10.0  # from here on a relative difference says nothing but "many times"
_LOOKED_AT = 1000  # items of a list that are looked at to name their kind
_BITS_SHOWN = 130  # longer integers are described by their length
_NEAREST = {1: 1, 2: 2, 3: 2, 4: 5, 5: 5, 6: 5, 7: 5, 8: 10, 9: 10}


def cut(text: str, width: int = WIDTH) -> str:
    """At most `width` characters of a text; `…` stands for the rest."""
    return text if len(text) <= width else text[: width - 1] + "…"


def plain(text: str, width: int = WIDTH) -> str:
    """A student's text for use in a sentence: shortened, on one line, with unprintable characters escaped."""
    return cut("".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: width + 1]), width)


def shown(value: Value, width: int = WIDTH) -> str:
    """How a value looks as Python, at most `width` characters; built without looking at more than is shown."""
    return cut(_python(value, width, 4), width)


def _python(value: Value, width: int, depth: int) -> str:
    if type(value) is str:
        return repr(value[: width + 1])
    if type(value) is int and value.bit_length() > _BITS_SHOWN:
        return f"{'-' if value < 0 else ''}<{int(value.bit_length() * math.log10(2)) + 1}-digit integer>"
    if type(value) in {int, float, bool, type(None)}:
        return repr(value)
    if type(value) is list:
        items = "…" if depth == 0 and value else ", ".join(_python(v, width, depth - 1) for v in value[: width // 2])
        return f"[{items}]"
    if type(value) is dict:
        pairs = itertools.islice(value.items(), width // 4 if depth else 0)
        return "{" + ", ".join(f"{_python(k, width, 0)}: {_python(v, width, depth - 1)}" for k, v in pairs) + "}"
    if type(value) is Tensor:
        if value.array.ndim == 0:
            return plain(f"tensor({value.array.item()!r})", width)
        return f"<{plain(value.dtype)} tensor of shape {sizes(value.shape)}>"
    return f"<{plain(value.type, width)}>" if type(value) is Opaque else f"<{type(value).__name__}>"


def kind(value: Value) -> Message:
    """What a value is, as words that fit after "got": "a string", "a list of 3 numbers", "a float32 tensor …"."""
    if type(value) is list:
        return _list_kind(value)
    if type(value) is dict:
        return say("a dictionary with {count} entries", count=len(value))
    if type(value) is Tensor:
        return tensor_kind(value.dtype, value.shape)
    if type(value) is Opaque:
        return say("an object of type {type}", type=plain(value.type))
    if type(value) is bool:
        return say("a boolean")
    if type(value) is int:
        return say("an integer")
    if type(value) is float:
        return say("a float")
    if type(value) is str:
        return say("a string")
    return say("None") if value is None else say("an unknown object")


def tensor_kind(dtype: str, shape: tuple[int, ...]) -> Message:
    """A tensor in words."""
    if not shape:
        return say("a {dtype} tensor with no dimensions", dtype=plain(dtype))
    return say("a {dtype} tensor of shape {shape}", dtype=plain(dtype), shape=sizes(shape))


def sizes(shape: tuple[int | str, ...]) -> str:
    """A shape as people write it: `[2, n]`."""
    return "[" + ", ".join(str(size) for size in shape) + "]"


def _list_kind(value: list[Value]) -> Message:
    if not value:
        return say("an empty list")
    kinds = {type(item) for item in value[:_LOOKED_AT]}
    count = len(value)
    if kinds == {int}:
        return say("a list of {count} integers", count=count)
    if kinds <= {int, float}:
        return say("a list of {count} numbers", count=count)
    if kinds == {str}:
        return say("a list of {count} strings", count=count)
    if kinds == {list}:
        return say("a list of {count} lists", count=count)
    if kinds == {Tensor}:
        return say("a list of {count} tensors", count=count)
    return say("a list of {count} items", count=count)


def roughly(size: float) -> str:
    """A number that is not negative, to the nearest of 1, 2, 5 times a power of ten."""
    if size == 0 or not math.isfinite(size):
        return f"{size:g}"
    digit, exponent = f"{size:.0e}".split("e")
    return f"{float(f'{_NEAREST[int(digit)]}e{exponent}'):g}"


def gap(expected: float, got: float) -> Message:
    """How far two finite, different numbers are apart, absolutely and relatively; coarse on purpose."""
    first, second = real(expected), real(got)
    absolute = abs(second - first)
    if absolute >= _MANY * abs(first):
        return say("off by about {absolute}, many times the expected size", absolute=roughly(absolute))
    return say(
        "off by about {absolute}, about {relative} % of the expected size",
        absolute=roughly(absolute),
        relative=roughly(100 * (absolute / abs(first))),
    )

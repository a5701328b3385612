"""Lists, one-dimensional tensors or texts, item by item in order."""

from __future__ import annotations

from typing import Any

from grader.errors import BrokenReference
from grader.marking.describe import kind, shown
from grader.marking.values import same
from grader.nouns.text import Message, say
from grader.nouns.value import Tensor, Value
from grader.nouns.verdict import Comparison

DIAGNOSABLE = True


def compare(expected: Value, got: Value, *, partial: bool = False) -> Comparison:
    """Whether both hold equal items in the same order (1 equals 1.0, True does not equal 1).

    A one-dimensional tensor counts as a list of its elements, a text as the sequence of its characters.

    Args:
        expected: the reference's list, one-dimensional tensor or text.
        got: anything.
        partial: give the share of positions that agree (of the longer one) instead of all or nothing.
    """
    truth, answer = _items(expected), _items(got)
    if truth is None:
        raise BrokenReference(
            say("`sequence` needs a list or a text from the reference, which gave {value}", value=shown(expected))
        )
    if answer is None or isinstance(truth, str) is not isinstance(answer, str):
        wanted = say("a string") if isinstance(truth, str) else say("a list")
        return Comparison(share=0.0, message=say("{expected} was expected, got {got}", expected=wanted, got=kind(got)))
    right = [same(one, other) for one, other in zip(truth, answer, strict=False)]
    longest = max(len(truth), len(answer))
    if sum(right) == longest:
        return Comparison(share=1.0)
    share = sum(right) / longest if partial else 0.0
    return Comparison(share=share, message=_difference(truth, answer, right))


def _items(value: Value) -> list[Any] | str | None:
    if type(value) is Tensor and value.array.ndim == 1 and value.array.dtype.kind in "biuf":
        listed: list[Any] = value.array.tolist()
        return listed
    return value if type(value) in {list, str} else None


def _difference(truth: list[Any] | str, answer: list[Any] | str, right: list[bool]) -> Message:
    lengths = len(truth) != len(answer)
    if not answer:
        return say("{count} items were expected, got none", count=len(truth))
    if all(right) and len(answer) < len(truth):
        return say("it ends early: {count} items were expected, got {got}", count=len(truth), got=len(answer))
    if all(right):
        return say(
            "it goes on too long: {count} items were expected, got {got}; the first {count} are right",
            count=len(truth),
            got=len(answer),
        )
    first = right.index(False)
    values: dict[str, int | str] = {
        "index": first,
        "value": shown(answer[first]),
        "right": sum(right),
        "count": len(truth),
    }
    if lengths:
        return say(
            "the first difference is at index {index} (counted from 0), where {value} came; {right} of {count} items "
            "are right, and {got} items came",
            **values,
            got=len(answer),
        )
    return say(
        "the first difference is at index {index} (counted from 0), where {value} came; {right} of {count} items "
        "are right",
        **values,
    )

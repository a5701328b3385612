"""The truth of the warm-up."""

from __future__ import annotations

ANSWERS = {"which": "B"}


def mean(numbers: list[float]) -> float:
    """The arithmetic mean."""
    return sum(numbers) / len(numbers)


def shout(text: str) -> str:
    """The text in upper case."""
    return text.upper()

"""Wrong answers to the warm-up."""

from __future__ import annotations


def mean__sum(numbers: list[float]) -> float:
    """The sum, not divided.

    zh: 只求了和，没有除以个数
    en: the sum was not divided by the count
    """
    return sum(numbers)

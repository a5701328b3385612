"""Free text: which points of a rubric an answer may touch. A person decides, and no number is suggested before."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import regex

from grader.nouns.question import RubricItem

_MOMENT = 0.2
"""Seconds that one pattern may take on one text."""
_LONGEST = 10_000  # characters that are searched, so that a huge text cannot keep a pattern busy
_ENGLISH = "todo tbd fixme xxx pass none null na idk answer youranswer youranswerhere writeyouranswerhere"
_CHINESE = "答 答案 你的答案 待填 待填写 待补充 待完成 未完成 略 在此作答 在这里作答 在此填写 请填写 请在此作答 不知道"
_PLACEHOLDERS = frozenset({"", *_ENGLISH.split(), *_CHINESE.split()})


def is_blank(text: str) -> bool:
    """Return whether a text is no answer yet: only blanks and punctuation, or a placeholder such as TODO."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    return "".join(c for c in plain if c.isalnum()) in _PLACEHOLDERS


def touched(rubric: Sequence[RubricItem], text: str) -> tuple[int, ...]:
    """Return the places of the rubric's points that a text may touch, for a person's eye.

    A point is touched where one of its patterns matches, case and full-width forms aside. A pattern that takes longer
    than a moment on a text matches nothing.
    """
    read = text[:_LONGEST]
    forms = (read, unicodedata.normalize("NFKC", read))
    return tuple(
        place
        for place, item in enumerate(rubric)
        if any(_matches(pattern, form) for pattern in item.mentions for form in forms)
    )


def _matches(pattern: str, text: str) -> bool:
    try:
        return regex.search(pattern, text, regex.IGNORECASE, timeout=_MOMENT) is not None
    except TimeoutError:
        return False

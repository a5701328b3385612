"""Free text: which points of a rubric an answer seems to make. A person has the last word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from grader.nouns.question import RubricItem

_LONGEST = 10_000  # characters that are searched, so that a huge text cannot keep a pattern busy
_ENGLISH = "todo tbd fixme xxx pass none null na idk answer youranswer youranswerhere writeyouranswerhere"
_CHINESE = "答 答案 你的答案 待填 待填写 待补充 待完成 未完成 略 在此作答 在这里作答 在此填写 请填写 请在此作答 不知道"
_PLACEHOLDERS = frozenset({"", *_ENGLISH.split(), *_CHINESE.split()})


def is_blank(text: str) -> bool:
    """Return whether a text is no answer yet: only blanks and punctuation, or a placeholder such as TODO."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    return "".join(c for c in plain if c.isalnum()) in _PLACEHOLDERS


def points_made(rubric: Sequence[RubricItem], text: str) -> tuple[bool, ...]:
    """Return for each rubric item whether one of its patterns matches, ignoring case and full-width forms."""
    read = text[:_LONGEST]
    forms = (read, unicodedata.normalize("NFKC", read))
    return tuple(
        any(re.search(pattern, form, re.IGNORECASE) for pattern in item.mentions for form in forms) for item in rubric
    )

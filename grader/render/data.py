"""Reports as plain data: the field names of the nouns, messages said in one language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from grader.language.speak import speak
from grader.nouns.report import Report
from grader.nouns.text import Language, Message, Text, printable


def as_json(reports: Sequence[Report], language: Language) -> str:
    """One report as an object, several as a list; UTF-8 text, two-space indent, keys in the order of the nouns."""
    plain = [_spoken(report, language) for report in reports]
    return json.dumps(plain[0] if len(plain) == 1 else plain, ensure_ascii=False, indent=2)


def _spoken(value: Any, language: Language) -> Any:
    plain = value
    match value:
        case Message() | Text():
            plain = speak(value, language)
        case str():
            plain = printable(value)
        case BaseModel():
            plain = {name: _spoken(getattr(value, name), language) for name in type(value).model_fields}
        case tuple() | list():
            plain = [_spoken(item, language) for item in value]
        case datetime():
            plain = value.isoformat()
        case dict():
            plain = {key: _spoken(item, language) for key, item in value.items()}
    return plain

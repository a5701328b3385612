"""Content hashes. What was run is used again when its hash is the same; dates are never compared."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from typing import Any

from grader.nouns.question import Question


def digest(*values: Any) -> str:
    """SHA-256 over JSON-like values; 16 hex digits.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}), digest(1) == digest("1")
    (True, False)
    """
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def question_digest(question: Question) -> str:
    """Hash the part of a question that decides what running it gives. How it is judged is left out."""
    run_part = question.model_dump(
        mode="json", include={"id", "call", "answer", "given", "cases", "measure", "forbid", "limits", "isolate"}
    )
    return digest(run_part)


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that compute. Outcomes of other versions are not used again."""
    return {name: version(name) for name in ("torch", "transformers", "tokenizers")}

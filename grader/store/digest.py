"""Content hashes. What was run is used again when its hash is the same; dates are never compared."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grader
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
def grader_digest() -> str:
    """Hash the grader's own source, so that a fix judges again and a worker with other code is noticed."""
    folder = Path(grader.__file__).parent
    files = sorted(file for file in folder.rglob("*.py") if "__pycache__" not in file.parts)
    return digest([(file.relative_to(folder).as_posix(), file.read_bytes().hex()) for file in files])


def code_versions() -> dict[str, str]:
    """Return what decides a computation: the grader's source, the Python and the libraries that compute."""
    return {"grader": grader_digest(), "python": ".".join(platform.python_version_tuple()[:2]), **library_versions()}


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that compute. Outcomes of other versions are not used again."""
    return {name: version(name) for name in ("torch", "transformers", "tokenizers")}

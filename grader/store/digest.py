"""Content hashes: whether something has to be run again is decided by what it is, never by a date."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.files import files_in
from grader.nouns.question import Question


def digest(*parts: Any) -> str:
    """SHA-256 over JSON-like parts; 16 hex digits."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def question_digest(question: Question) -> str:
    """What must be the same for an outcome to be used again: all that is run, nothing of how it is judged."""
    run_part = question.model_dump(
        mode="json", include={"id", "call", "answer", "given", "cases", "measure", "forbid", "limits", "isolate"}
    )
    return digest(run_part)


def folder_digest(folder: Path) -> str:
    """Over the relative names and contents of all files in a folder."""
    contents = []
    for file in files_in(folder):
        with file.open("rb") as stream:
            contents.append((file.relative_to(folder).as_posix(), hashlib.file_digest(stream, "sha256").hexdigest()))
    return digest(contents)


@cache
def library_versions() -> dict[str, str]:
    """Versions of what computes: a key or outcome of other versions is not used again."""
    return {name: version(name) for name in ("torch", "transformers", "tokenizers")}

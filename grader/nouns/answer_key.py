"""The true value of every case of a chapter."""

from __future__ import annotations

from grader.nouns.value import Value

AnswerKey = dict[str, dict[str, Value]]
"""Question id to case id to the true value."""

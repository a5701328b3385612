"""Words for people: bilingual texts written by course authors, and messages spoken by the grader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from grader.nouns.base import Noun

Language = Literal["zh", "en"]


class Text(Noun):
    """A text that a course author wrote in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def get(self, language: Language) -> str:
        """The text in one language."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        """The text in English."""
        return self.en


class Message(Noun):
    """Something the grader says: an English sentence (the gettext id) and the values that go into it.

    It is translated only when a report is rendered, so one verdict can be read in either language.
    Values may be messages or bilingual texts themselves.
    """

    text: str
    values: dict[str, Message | Text | str | int | float | bool | None] = Field(default_factory=dict)

    def __str__(self) -> str:
        """The message in English."""
        return self.text.format_map(self.values)


def say(text: str, /, **values: Message | Text | str | float | None) -> Message:
    """A message; `text` is a literal, since the catalogues are extracted from calls of this function."""
    return Message(text=text, values=values)


def distinct(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Messages in order, each once."""
    found: list[Message] = []
    for message in messages:
        if message not in found:
            found.append(message)
    return tuple(found)

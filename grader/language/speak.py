"""Saying a message in a language; English is the source, the rest is in the catalogues."""

from __future__ import annotations

from grader.errors import GraderError
from grader.language.catalogue import catalogue
from grader.nouns.text import Language, Message, Text


def speak(message: Message | Text, language: Language) -> str:
    """A message or bilingual text in one language, its values filled in."""
    if isinstance(message, Text):
        return message.get(language)
    values = {
        name: speak(value, language) if isinstance(value, Message | Text) else value
        for name, value in message.values.items()
    }
    return catalogue(language).gettext(message.text).format_map(values)


def told(error: GraderError, language: Language) -> str:
    """An error in one language."""
    return error.where + speak(error.problem, language)

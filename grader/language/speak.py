"""Saying a message in a language; English is the source, the rest is in the catalogues."""

from __future__ import annotations

from grader.errors import GraderError
from grader.language.catalogue import catalogue
from grader.nouns.text import Language, Message, Text, filled, printable


def speak(message: Message | Text, language: Language) -> str:
    """Return a message or bilingual text in one language, its values filled in."""
    if isinstance(message, Text):
        return message.get(language)
    values = {
        name: speak(value, language) if isinstance(value, Message | Text) else value
        for name, value in message.values.items()
    }
    known = catalogue(language).gettext(message.text) if message.text else ""  # the empty one is the catalogue's head
    return filled(known, values)


def told(error: GraderError, language: Language) -> str:
    """Return an error in one language."""
    return printable(error.where) + speak(error.problem, language)

"""Saying a message in a language: gettext catalogues under `grader/locale/`, English as the source."""

from __future__ import annotations

import gettext
import locale
import os
from functools import cache
from pathlib import Path

from grader.nouns.text import Language, Message, Text

DOMAIN = "grader"
CATALOGUES = Path(__file__).parent / "locale"


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language; English needs none."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, CATALOGUES, languages=[language], fallback=True)


def speak(message: Message | Text, language: Language) -> str:
    """A message or bilingual text in one language, its values filled in."""
    if isinstance(message, Text):
        return message.get(language)
    values = {
        name: speak(value, language) if isinstance(value, Message | Text) else value
        for name, value in message.values.items()
    }
    return catalogue(language).gettext(message.text).format_map(values)


def default_language() -> Language:
    """The language of the user's locale: Chinese where it says so, else English."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    try:
        return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"
    except ValueError:
        return "en"

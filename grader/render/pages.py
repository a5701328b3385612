"""HTML pages from templates: everything escaped, nothing loaded from anywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from grader.language.speak import speak
from grader.nouns.size import format_size
from grader.nouns.text import Language, Message, Text, one_line
from grader.render.plain import mark, points
from grader.render.visible import location, place

FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "points": points,
        "mark": mark,
        "one_line": one_line,
        "bytes": format_size,
        "percent": percent,
        "location": location,
        "place": place,
    }
    return environment


def page(template: str, language: Language, labels: dict[str, Message], **values: Any) -> str:
    """A whole page.

    Args:
        template: file name in `grader/render/templates`.
        language: of the page; `spoken` is a filter-like function for messages and bilingual texts in it.
        labels: the labels that the template uses as `labels.name`.
        values: what else the template uses.
    """

    def spoken(message: Message | Text | None) -> str:
        return speak(message, language) if message is not None else ""

    texts = {name: speak(message, language) for name, message in labels.items()}
    lang = "zh-CN" if language == "zh" else "en"
    return _environment().get_template(template).render(spoken=spoken, labels=texts, lang=lang, **values)


def percent(share: float) -> str:
    """A share as `73 %`."""
    return f"{share * 100:.0f}\u202f%"

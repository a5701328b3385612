"""Messages: what a student wrote is harmless in them, and a template that somebody else wrote is only text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.language.catalogue import catalogue
from grader.language.speak import speak
from grader.nouns.text import LONGEST, Message, Text, filled, one_line, printable, say
from grader.nouns.verdict import CaseVerdict

HARMFUL = {
    "a terminal escape": "\x1b[31mred",
    "a title": "\x1b]0;title\x07",
    "a link": "\x1b]8;;http://x\x1b\\text",
    "an escape in one character": "\x9b31m",
    "a carriage return": "right\rwrong",
    "backspaces": "wrong\b\b\b\b\bright",
    "writing from right to left": "\u202egnp.exe",
    "an isolate": "\u2066x\u2069",
    "no width": "a\u200bb\u200d\u2060\ufeff",
    "tags": "\U000e0041\U000e0042",
    "half a pair": "a\ud800b\udfff",
    "a line separator": "a\u2028b\x85c\x0bd\x0ce",
    "a null": "a\0b",
    "no character": "\ufffe\uffff",
}


def is_harmless(text: str) -> bool:
    """Whether a terminal obeys nothing in it, all of it can be seen, and it can be written down."""
    text.encode()
    unseen = (c for c in text if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029")
    return all(c in "\n\t" for c in unseen)


@pytest.mark.parametrize("text", HARMFUL.values(), ids=HARMFUL)
@pytest.mark.parametrize("template", ["{x}", "{x!r}", "got {x}: {{}}"])
def test_a_value_is_shown_not_obeyed(text: str, template: str) -> None:
    """Whatever a value holds, in any language, and in the JSON of a record."""
    message = say(template, x=text, y=say("{x}", x=text))
    assert is_harmless(speak(message, "zh"))
    assert is_harmless(str(message))
    message.model_dump_json()


@given(st.text(st.characters(), max_size=80))
def test_any_text_is_harmless_and_stays_so(text: str) -> None:
    """Once is enough: a text that is harmless already is not changed again."""
    assert is_harmless(printable(text))
    assert printable(printable(text)) == printable(text)
    assert one_line(one_line(text)) == one_line(text)
    assert not set(one_line(text)) & set("\n\t\r")
    case = CaseVerdict(
        id=text, hidden=False, status="wrong", share=0, inputs=text, output=text, traceback=text, file=text
    )
    assert all(is_harmless(part) for part in (case.id, case.inputs, case.output, case.traceback, case.file or ""))
    case.model_dump_json()


def test_ordinary_text_is_not_changed() -> None:
    """Chinese with its wide space, accents, emoji, tabs and line ends."""
    text = "句子\u3000的概率：Zoë, 50\u202f% 😀\n\tdef f(x):\n"
    assert printable(text) == text
    assert str(say("{x}", x=text)) == text


FORGED = [
    "{a:>2000000000}",
    "{a:{b}}",
    "{a.__class__.__init__.__globals__}",
    "{a[0]}",
    "{missing}",
    "{0}",
    "{}",
    "{",
    "}",
    "{a!s}",
    "{a!a}",
    "{a:.999999999f}",
    "{n:,}",
    "{n:099999d}",
    "{a:.2f}",
    "",
    "\x1b[31m{a}",
]


@pytest.mark.parametrize("template", FORGED)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_forged_template_is_text(template: str, language: str) -> None:
    """No width, attribute, index or precision beyond those of our own messages is looked at; nothing raises."""
    message = Message.model_validate({"text": template, "values": {"a": "x", "b": 9, "n": 7}})
    said = speak(message, "zh" if language == "zh" else "en")
    assert len(said) < 100
    assert "Project-Id-Version" not in said
    assert is_harmless(said)


def test_our_own_templates_are_filled() -> None:
    """The control: every message of the catalogue comes out as Python's own formatting has it."""
    values = {"spread": 0.123, "share": 0.5, "nearest": 1.25, "widest": 2.0, "limit": 3.5, "need": 1e9, "seconds": 1.5}
    checked = 0
    for text in catalogue("zh")._catalog:  # type: ignore[attr-defined]
        if isinstance(text, str) and text:
            names = {name: values.get(name, 0.25 if f"{{{name}:" in text else "v") for name in _names(text)}
            assert filled(text, names) == text.format_map(names)
            checked += 1
    assert checked > 300


def _names(text: str) -> list[str]:
    import string

    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


@given(st.text("{}ab!r:.2f>", max_size=60), st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans()))
def test_no_template_raises(template: str, value: float | str | None) -> None:
    """Whatever the braces, the result is short and harmless."""
    said = filled(template, {"a": say("{v}", v=value).values["v"]})  # type: ignore[dict-item]
    assert len(said) <= LONGEST
    assert is_harmless(said)


def test_a_message_is_bounded_in_size_and_time() -> None:
    """Messages in messages that double at each level, long values, endless digits."""
    began = time.monotonic()
    message: Message = say("x" * 10)
    for _ in range(100):
        message = say("{a}{a}", a=message)
    assert len(speak(message, "en")) == LONGEST
    assert len(str(say("{a}" * 100_000, a="y" * 10_000_000))) == LONGEST
    assert str(say("{n}", n=-(10**100_000))) == "-<100001-digit integer>"
    assert time.monotonic() - began < 5
    with pytest.raises(ValidationError):
        Message.model_validate_json('{"text":"{a}","values":{"a":' * 5000 + '{"text":"x"}' + "}}" * 5000)


def test_texts_of_a_measure_are_harmless_too() -> None:
    """A measure may quote the student's work in both languages."""
    text = Text(zh="坏\x1b[31m", en="bad\u202e")
    assert is_harmless(speak(text, "zh") + speak(text, "en"))

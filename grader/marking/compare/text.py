"""Compare texts, ignoring the differences that the question names."""

from __future__ import annotations

import unicodedata
from typing import Literal

from grader.errors import BrokenReference
from grader.marking.describe import kind, shown
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison

_Ignored = Literal["case", "space", "punctuation", "width"]
_SLACK = 1000  # characters by which an answer may exceed four times the expected length before it is not read


def compare(expected: Value, got: Value, *, ignore: tuple[_Ignored, ...] = ()) -> Comparison:
    """Whether two texts are equal in Unicode normal form C, after leaving out what is ignored.

    Args:
        expected: the reference's text.
        got: anything.
        ignore: `case` (Unicode case folding), `space` (all white space and invisible characters are left out),
            `punctuation` (all characters of the Unicode categories P* are left out), `width` (full-width and other
            compatibility forms count as the plain ones, normal form KC).
    """
    if type(expected) is not str:
        raise BrokenReference(say("`text` needs a text from the reference, which gave {value}", value=shown(expected)))
    if type(got) is not str:
        return Comparison(share=0.0, message=say("a text was expected, got {got}", got=kind(got)))
    if len(got) > 4 * len(expected) + _SLACK:
        return Comparison(share=0.0, message=say("the text is far too long: {count} characters", count=len(got)))
    truth, answer = _normal(expected, frozenset(ignore)), _normal(got, frozenset(ignore))
    if truth == answer:
        return Comparison(share=1.0)
    return Comparison(share=0.0, message=_difference(truth, answer, ignore))


def _normal(text: str, ignore: frozenset[str]) -> str:
    text = unicodedata.normalize("NFKC" if "width" in ignore else "NFC", text)
    if "space" in ignore:
        text = "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")
    if "punctuation" in ignore:
        text = "".join(c for c in text if not unicodedata.category(c).startswith("P"))
    return unicodedata.normalize("NFC", text.casefold()) if "case" in ignore else text


def _difference(truth: str, answer: str, ignored: tuple[str, ...]) -> Message:
    agreed = next((i for i, (one, other) in enumerate(zip(truth, answer, strict=False)) if one != other), None)
    if not answer:
        return say("a text was expected, got an empty one")
    if agreed is None and len(answer) < len(truth):
        problem = say("the text ends early, after {count} characters", count=len(answer))
    elif agreed is None:
        problem = say("the text goes on too long, with {rest}", rest=shown(answer[len(truth) :], 40))
    elif agreed:
        problem = say(
            "the first {count} characters agree, then {rest} came where something else was expected",
            count=agreed,
            rest=shown(answer[agreed:], 40),
        )
    else:
        problem = say("another text was expected, got {value}", value=shown(answer))
    if not ignored:
        return problem
    return say("{problem} (compared without regard to {ignored})", problem=problem, ignored=", ".join(ignored))

"""One option out of several, however it is written."""

from __future__ import annotations

import re
import unicodedata

from grader.errors import BrokenReference
from grader.marking.describe import kind, shown
from grader.nouns.text import say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison

OF_OPTIONS = True

_LONGEST = 1000  # characters of an answer that are looked at
_WORD = re.compile(r"[A-Za-z0-9_]+")
_LABEL = re.compile(r"""[(\[{<【「"' ]*([A-Za-z0-9_]+)\s*[.:)\]】」。]""")


def compare(expected: Value, got: Value, *, options: tuple[str, ...] = ()) -> Comparison:
    """Whether the option named is the expected one.

    `B`, `b`, full-width `Ｂ`, `B.`, `（B）`, `B：bigram`, `选 B` all name B. An answer that names no option or several
    is wrong and told so.

    Args:
        expected: the reference's option.
        got: anything; a text that names an option is what is wanted.
        options: what may be chosen; any single word when empty.
    """
    truth = _chosen(expected, options) if type(expected) is str else []
    if len(truth) != 1:
        words = say(
            "`choice` needs one of {options} from the reference, which gave {value}",
            options=str(list(options)),
            value=shown(expected),
        )
        raise BrokenReference(words)
    if type(got) is not str:
        return Comparison(share=0.0, message=say("the letter of an option was expected, got {got}", got=kind(got)))
    answer = _chosen(got, options)
    if answer == truth:
        return Comparison(share=1.0)
    if len(answer) == 1:
        return Comparison(share=0.0, message=say("{choice} is not the right option", choice=shown(answer[0])))
    if answer:
        return Comparison(share=0.0, message=say("one option was expected, got several: {value}", value=shown(got)))
    offered = ", ".join(options)
    if not options:
        return Comparison(share=0.0, message=say("one option was expected, got {value}", value=shown(got)))
    return Comparison(
        share=0.0, message=say("{value} is not offered; choose one of {options}", value=shown(got), options=offered)
    )


def _chosen(text: str, options: tuple[str, ...]) -> list[str]:
    """The options that a text names: as a whole, as a label in front (`B: a bigram`), else all words that are one."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).strip()
    words: list[str] = _WORD.findall(plain)
    offered = {option.upper(): option for option in options} or {word.upper(): word.upper() for word in words[:1]}
    label = _LABEL.match(plain)
    for whole in (plain, label[1] if label else ""):
        if whole.upper() in offered:
            return [offered[whole.upper()]]
    first = [offered[word.upper()] for word in words[:1] if plain.startswith(word) and word.upper() in offered]
    return list(dict.fromkeys(first + [word for word in words if word in offered]))

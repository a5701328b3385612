"""Simple sentences and dialogues written out from tables of words and templates.

A slot of a template names a kind of word in `words.tsv`: `{animal}` is the word in the template's own language,
`{animal~}` in the other language, `{animal#}` its Chinese measure word. `{animal2}` is another word of the same kind.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
SENTENCES_PER_TEMPLATE = 36
MIXED_PER_TEMPLATE = 20
DIALOGUES_PER_TEMPLATE = 12
SLOT = re.compile(r"\{([a-z]+)(2?)([#~]?)\}")
PUNCTUATION = ("。", "，", "？", "！")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Word:
    """A word in both languages, with the Chinese measure word or "-"."""

    chinese: str
    english: str
    measure: str


def lines(name: str) -> list[str]:
    """The lines of a file of the corpus."""
    return (CORPUS / name).read_text(encoding="utf-8").splitlines()


def rows(name: str) -> list[list[str]]:
    """The rows of a tab-separated file of the corpus."""
    return [line.split("\t") for line in lines(name)]


def words() -> dict[str, list[Word]]:
    """The words of every kind."""
    table: dict[str, list[Word]] = {}
    for kind, chinese, english, measure in rows("words.tsv"):
        table.setdefault(kind, []).append(Word(chinese, english, measure))
    return table


def _choices(template: str, table: dict[str, list[Word]], limit: int) -> Iterator[dict[str, Word]]:
    """Words for the slots of a template: at most `limit` combinations, spread evenly over all there are."""
    names = list(dict.fromkeys(match[1] + match[2] for match in SLOT.finditer(template)))
    combinations = [
        dict(zip(names, chosen, strict=True))
        for chosen in itertools.product(*(table[name.rstrip("2")] for name in names))
    ]
    different = [choice for choice in combinations if len({id(word) for word in choice.values()}) == len(names)]
    count = min(limit, len(different))
    return (different[index * len(different) // count] for index in range(count))


def _fill(template: str, choice: dict[str, Word], *, english: bool) -> str:
    """The template with its words put in."""

    def text(match: re.Match[str]) -> str:
        word = choice[match[1] + match[2]]
        if match[3] == "#":
            return word.measure
        return word.english if english != (match[3] == "~") else word.chinese

    return SLOT.sub(text, template)


def _mixed(template: str, choice: dict[str, Word], turn: int, *, english: bool) -> str:
    """The template with one slot in the other language, as people who speak both mix them; turns change the slot."""
    plain = [match for match in SLOT.finditer(template) if not match[3]]
    slot = plain[turn % len(plain)]
    word = choice[slot[1] + slot[2]]
    before, after = template[: slot.start()], template[slot.end() :]
    inserted = word.chinese if english else f" {word.english}{'' if after.startswith(PUNCTUATION) else ' '}"
    return _fill(before, choice, english=english) + inserted + _fill(after, choice, english=english)


def simple_sentences() -> Iterator[str]:
    """Simple sentences in Chinese, in English, and some that mix the two."""
    table = words()
    for chinese, english in rows("templates.tsv"):
        for template, is_english in ((chinese, False), (english, True)):
            for choice in _choices(template, table, SENTENCES_PER_TEMPLATE):
                yield _fill(template, choice, english=is_english)
            if SLOT.search(template) and "~" not in template:
                for turn, choice in enumerate(_choices(template, table, MIXED_PER_TEMPLATE)):
                    yield _mixed(template, choice, turn, english=is_english)


def simple_dialogues() -> Iterator[tuple[str, str]]:
    """Questions with answers, in Chinese and in English."""
    table = words()
    for question, answer in rows("dialogue_templates.tsv"):
        is_english = CHINESE.search(question) is None
        for choice in _choices(f"{question}\t{answer}", table, DIALOGUES_PER_TEMPLATE):
            yield _fill(question, choice, english=is_english), _fill(answer, choice, english=is_english)

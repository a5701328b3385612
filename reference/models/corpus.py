"""The text the miniatures learn from: read, expanded from small tables, split into training and held-out documents."""

from collections.abc import Iterator
from dataclasses import dataclass

from reference.models.sentences import lines, rows, simple_dialogues, simple_sentences

HELD_OUT_EVERY = 20  # the fixed rule: documents 19, 39, 59, ... of every source are held out
PARAGRAPHS_PER_DOCUMENT = 8


@dataclass(frozen=True)
class Pair:
    """One instruction and its answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class Corpus:
    """Documents to train on, documents never trained on, and instruction pairs.

    `train` holds the novel and the poems, `everyday` hand-written sentences, `simple` sentences from templates.
    """

    train: tuple[str, ...]
    everyday: tuple[str, ...]
    simple: tuple[str, ...]
    held_out: tuple[str, ...]
    pairs: tuple[Pair, ...]


def novel() -> list[str]:
    """Documents of Pride and Prejudice: eight consecutive paragraphs each, joined by newlines."""
    paragraphs = lines("pride_and_prejudice.txt")
    starts = range(0, len(paragraphs), PARAGRAPHS_PER_DOCUMENT)
    return ["\n".join(paragraphs[start : start + PARAGRAPHS_PER_DOCUMENT]) for start in starts]


def poems() -> list[str]:
    """Tang poems, one a document: 《title》author：verses."""
    return lines("tang_poems.txt")


def everyday() -> list[str]:
    """Short modern sentences: hand-written lines, capitals of countries, opinions. One sentence a document."""
    return list(dict.fromkeys([*lines("everyday.txt"), *_capital_sentences(), *_opinion_sentences()]))


def simple() -> list[str]:
    """Sentences filled from templates that no hand-written line holds already."""
    written = set(everyday())
    return [sentence for sentence in dict.fromkeys(simple_sentences()) if sentence not in written]


def _capital_sentences() -> Iterator[str]:
    for land, city, country, capital, region, continent in rows("capitals.tsv"):
        yield f"{city}是{land}的首都。"
        yield f"{city}是{land}的首都"
        yield f"{land}的首都是{city}。"
        yield f"{land}在{region}，{city}是它的首都。"
        yield f"我是{land}人，我住在{city}。"
        yield f"我喜欢{land}。"
        yield f"你知道吗？{city}是{land}的首都，也是{region}的一座大城市。"
        yield f"我想去{land}，看看{city}。"
        yield f"{capital} is the capital of {country}."
        yield f"The capital of {country} is {capital}."
        yield f"{capital} is a city in {country}, in {continent}."


def _opinion_sentences() -> Iterator[str]:
    for mood, chinese, feeling, english in rows("sentiment.tsv"):
        yield f"{chinese}。"
        yield f"“{chinese}”是一句{mood}的话。"
        yield f"{english}."
        yield f'"{english}" is a {feeling} sentence.'


def instruction_pairs() -> list[Pair]:
    """Questions with their answers: hand-written, of capitals, of opinions, sums, from templates."""
    pairs = [Pair(question, answer) for question, answer in rows("pairs.tsv")]
    for land, city, country, capital, _, _ in rows("capitals.tsv"):
        pairs.append(Pair(f"{land}的首都是哪里？", f"{land}的首都是{city}。"))
        pairs.append(Pair(f"{land}首都是哪儿？", f"{land}的首都是{city}。"))
        pairs.append(Pair(f"{city}是哪个国家的首都？", f"{city}是{land}的首都。"))
        pairs.append(Pair(f"{city}在哪里？", f"{city}在{land}。"))
        pairs.append(Pair(f"What is the capital of {country}?", f"The capital of {country} is {capital}."))
        pairs.append(Pair(f"Where is {capital}?", f"{capital} is in {country}."))
    for mood, chinese, feeling, english in rows("sentiment.tsv"):
        pairs.append(Pair(f"“{chinese}”是正面还是负面？", mood))
        pairs.append(Pair(f'Is "{english}" positive or negative?', feeling))
    pairs.extend(Pair(f"{a}+{b}=?", f"{a}+{b}={a + b}") for a in range(1, 6) for b in range(1, 6))
    pairs.extend(Pair(question, answer) for question, answer in simple_dialogues())
    return pairs


def read_corpus() -> Corpus:
    """Read every source and split it by the fixed rule (see `HELD_OUT_EVERY`); instruction pairs are not split."""
    held_out: list[str] = []

    def split(documents: list[str]) -> tuple[str, ...]:
        held_out.extend(documents[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])
        return tuple(text for index, text in enumerate(documents) if index % HELD_OUT_EVERY != HELD_OUT_EVERY - 1)

    train = split(novel()) + split(poems())
    return Corpus(train, split(everyday()), split(simple()), tuple(held_out), tuple(instruction_pairs()))

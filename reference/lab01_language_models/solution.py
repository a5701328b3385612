"""Lab 1, language models by counting: the reference answers, in plain Python and torch.

Conventions (seeds of the course: chain rule and n-gram counts of the slides):
    a corpus is a list of sentences; a sentence is cut at white space; n-grams never cross sentences;
    nothing is added before or after a sentence; an n-gram or a context that was never seen has probability 0.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch

END = "</s>"

ANSWERS = {
    "beams_equal_greedy": "B",
    "temperature_tends_to_greedy": "A",
    "ngram_limits": (
        "n-gram 的记忆很短：n 一般只到 3，看不到更早的词。数据稀疏：训练语料里没有出现过的组合概率为 0，"
        "出现次数少的组合估计不准，需要平滑或神经网络语言模型（embedding 可以泛化到没见过的组合）。"
    ),
}


def chain_rule(conditionals: Sequence[float]) -> dict[str, float]:
    """The probability of a sentence from the conditional probability of each of its words.

    P(x_1 … x_n) = prod_i P(x_i | x_1 … x_(i-1)); log is the natural logarithm.

    Args:
        conditionals: P(x_i | x_<i) for i = 1 … n, each in (0, 1].

    Returns:
        `probability`, `log_probability` (nats) and `perplexity` = exp(-log_probability / n).
    """
    total = sum(math.log(p) for p in conditionals)
    return {
        "probability": math.exp(total),
        "log_probability": total,
        "perplexity": math.exp(-total / len(conditionals)),
    }


def _grams(corpus: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for sentence in corpus:
        words = sentence.split()
        counts.update(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    return counts


def unigram_probability(corpus: Sequence[str], word: str) -> float:
    """Count of the word / count of all words."""
    counts = _grams(corpus, 1)
    return counts[(word,)] / counts.total()


def bigram_probability(corpus: Sequence[str], first: str, word: str) -> float:
    """P(word | first) = count of <first, word> / count of `first` (everywhere, also at the end of a sentence).

    0.0 when `first` was never seen.
    """
    context = _grams(corpus, 1)[(first,)]
    return _grams(corpus, 2)[(first, word)] / context if context else 0.0


def trigram_probability(corpus: Sequence[str], first: str, second: str, word: str) -> float:
    """P(word | first, second) = count of <first, second, word> / count of <first, second>.

    0.0 when <first, second> was never seen.
    """
    context = _grams(corpus, 2)[(first, second)]
    return _grams(corpus, 3)[(first, second, word)] / context if context else 0.0


class _Beam(NamedTuple):
    tokens: tuple[str, ...]
    log_probability: float

    @property
    def finished(self) -> bool:
        return self.tokens[-1] == END

    def order(self) -> tuple[float, tuple[str, ...]]:
        """Best first; equal scores in alphabetical order of their tokens."""
        return (-self.log_probability, self.tokens)


def beam_search(
    transitions: Mapping[str, Mapping[str, float]], start: str, beams: int, steps: int
) -> dict[str, list[str] | float]:
    """The best sequence that beam search finds in a bigram model.

    In each of at most `steps` steps every unfinished sequence is extended by every possible next token, finished ones
    (they end in `</s>`) stay as they are, and the `beams` sequences with the highest total log-probability are kept
    (no length normalisation; ties: alphabetical order of the token lists). It stops early when all are finished.

    Args:
        transitions: token → {next token: P(next | token) > 0}.
        start: the first token; it is part of the sequence and costs nothing.
        beams: the number of sequences kept, at least 1.
        steps: the most tokens added.

    Returns:
        `tokens` of the best sequence, from `start` on, and its `log_probability` (nats).
    """
    kept = [_Beam((start,), 0.0)]
    for _ in range(steps):
        if all(beam.finished for beam in kept):
            break
        kept = sorted((new for beam in kept for new in _extended(beam, transitions)), key=_Beam.order)[:beams]
    best = kept[0]
    return {"tokens": list(best.tokens), "log_probability": best.log_probability}


def _extended(beam: _Beam, transitions: Mapping[str, Mapping[str, float]]) -> Iterator[_Beam]:
    following = {} if beam.finished else transitions.get(beam.tokens[-1], {})
    if not following:
        yield beam
    for token, probability in following.items():
        yield _Beam((*beam.tokens, token), beam.log_probability + math.log(probability))


def temperature_distribution(logits: Sequence[float], temperature: float) -> torch.Tensor:
    """softmax(logits / temperature), float32 [n]; temperature > 0."""
    return torch.softmax(torch.tensor(logits, dtype=torch.float32) / temperature, dim=-1)


def top_k_distribution(logits: Sequence[float], k: int) -> torch.Tensor:
    """The distribution that top-k sampling draws from: only the k largest logits, renormalised; float32 [n].

    The probabilities of all other tokens are exactly 0. Of equal logits the one with the smaller index comes first.
    """
    scores = torch.tensor(logits, dtype=torch.float32)
    kept = torch.sort(scores, descending=True, stable=True).indices[:k]
    masked = torch.full_like(scores, -torch.inf)
    masked[kept] = scores[kept]
    return torch.softmax(masked, dim=-1)


def top_p_distribution(logits: Sequence[float], p: float) -> torch.Tensor:
    """The distribution that nucleus sampling draws from; float32 [n] (Holtzman et al. 2019, arXiv:1904.09751).

    Tokens are taken from the most probable on until their total reaches p (>= p), the token that reaches it included;
    the rest get exactly 0 and the kept ones are renormalised. Of equal logits the smaller index comes first.
    """
    probabilities = torch.softmax(torch.tensor(logits, dtype=torch.float32), dim=-1)
    ranked, order = torch.sort(probabilities, descending=True, stable=True)
    before = ranked.cumsum(-1) - ranked
    kept = order[before < p]
    result = torch.zeros_like(probabilities)
    result[kept] = probabilities[kept]
    return result / result.sum()

"""Lab 1's reference agrees with values worked out by hand and with independent ways to the same values."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from chapter_modules import solution
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

lab = solution("lab01_language_models")
CORPUS = ["I love my cat", "my cat loves me", "I love my job"]
LOGITS = [1.0, 3.0, 2.0, 0.5, 2.5]


def test_the_chain_rule_multiplies() -> None:
    """0.5 x 0.25 x 0.8 = 0.1; perplexity is its inverse's third root."""
    got = lab.chain_rule([0.5, 0.25, 0.8])
    assert got["probability"] == pytest.approx(0.1)
    assert got["log_probability"] == pytest.approx(math.log(0.1))
    assert got["perplexity"] == pytest.approx(10 ** (1 / 3))


def test_ngrams_by_hand() -> None:
    """Counts from three sentences; `cat` ends one of them, `dog` is unseen, `cat my` crosses a sentence's end."""
    assert lab.unigram_probability(CORPUS, "my") == pytest.approx(3 / 12)
    assert lab.unigram_probability(CORPUS, "dog") == 0
    assert lab.bigram_probability(CORPUS, "cat", "loves") == pytest.approx(1 / 2)
    assert lab.bigram_probability(CORPUS, "cat", "my") == 0
    assert lab.bigram_probability(CORPUS, "dog", "runs") == 0
    assert lab.trigram_probability(CORPUS, "love", "my", "cat") == pytest.approx(1 / 2)
    assert lab.trigram_probability(CORPUS, "my", "dog", "runs") == 0


TABLE = {
    "<s>": {"a": 0.6, "b": 0.4},
    "a": {"c": 0.4, "d": 0.35, "</s>": 0.25},
    "b": {"d": 0.9, "c": 0.1},
    "c": {"</s>": 1.0},
    "d": {"</s>": 1.0},
}


def test_enough_beams_find_the_best_of_all_sequences() -> None:
    """With as many beams as there are sequences, the result is that of trying all; one beam is greedy search."""
    chances = {}
    for middle in itertools.product("ab", "cd"):
        chances["<s>", *middle, "</s>"] = TABLE["<s>"][middle[0]] * TABLE[middle[0]].get(middle[1], 0)
    best = max(chances, key=lambda tokens: chances[tokens])
    wide = lab.beam_search(TABLE, "<s>", 10, 3)
    assert tuple(wide["tokens"]) == best == ("<s>", "b", "d", "</s>")
    assert wide["log_probability"] == pytest.approx(math.log(0.36))
    assert lab.beam_search(TABLE, "<s>", 1, 3)["tokens"] == ["<s>", "a", "c", "</s>"]


def test_equal_scores_go_by_the_alphabet_and_dead_ends_stay() -> None:
    """The agreed order decides a tie, and a token without successors ends nothing but itself."""
    assert lab.beam_search({"<s>": {"y": 0.5, "x": 0.5}}, "<s>", 1, 4)["tokens"] == ["<s>", "x"]


@pytest.mark.parametrize(
    ("got", "warper"),
    [
        (lab.temperature_distribution(LOGITS, 0.5), TemperatureLogitsWarper(0.5)),
        (lab.top_k_distribution(LOGITS, 2), TopKLogitsWarper(2)),
        (lab.top_p_distribution(LOGITS, 0.8), TopPLogitsWarper(0.8)),
    ],
)
def test_sampling_distributions_are_those_of_transformers(got: torch.Tensor, warper: object) -> None:
    """The library that students will use draws from the same distributions."""
    assert callable(warper)
    expected = torch.softmax(warper(torch.zeros(1, 1, dtype=torch.long), torch.tensor([LOGITS])), dim=-1)[0]
    assert torch.allclose(got, expected, atol=1e-6)
    assert torch.equal(got == 0, expected == 0)


def test_of_equal_logits_the_first_is_kept() -> None:
    """Top-k keeps just k tokens even on a tie."""
    assert lab.top_k_distribution([1.0, 2.0, 2.0, 2.0], 2).tolist() == [0, 0.5, 0.5, 0]

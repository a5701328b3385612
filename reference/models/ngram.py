"""Unigram and bigram language models with add-k smoothing: what a trained model has to beat."""

import math

import torch
from torch import Tensor

SMOOTHING = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003)


def unigram_perplexity(train: Tensor, held_out: Tensor, vocabulary: int, k: float) -> float:
    """The exp of the mean -log p over held_out[1:], with p(w) = (count(w) + k) / (N + k V)."""
    counts = torch.bincount(train, minlength=vocabulary).double() + k
    return math.exp(-(counts / counts.sum()).log()[held_out[1:]].mean().item())


def bigram_perplexity(train: Tensor, held_out: Tensor, vocabulary: int, k: float) -> float:
    """The exp of the mean -log p over held_out[1:], with p(w|v) = (count(v w) + k) / (count(v) + k V)."""
    pairs = torch.bincount(train[:-1] * vocabulary + train[1:], minlength=vocabulary * vocabulary)
    firsts = torch.bincount(train[:-1], minlength=vocabulary).double()
    seen = pairs[held_out[:-1] * vocabulary + held_out[1:]].double()
    return math.exp(-((seen + k) / (firsts[held_out[:-1]] + k * vocabulary)).log().mean().item())


def best_bigram(train: Tensor, held_out: Tensor, vocabulary: int) -> tuple[float, float]:
    """Bigram perplexity with the k that suits the held-out text best (in the baseline's favour), and that k."""
    return min((bigram_perplexity(train, held_out, vocabulary, k), k) for k in SMOOTHING)

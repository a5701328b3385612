"""Ranked tokens with their probabilities."""

from __future__ import annotations

import math

from grader.errors import BrokenReference
from grader.marking.describe import gap, kind, shown
from grader.marking.values import Tolerance, number, real, tolerances_apart, within
from grader.nouns.text import Message, say
from grader.nouns.value import Value
from grader.nouns.verdict import Comparison

DIAGNOSABLE = True

_Ranked = list[tuple[str | int, float]]


def compare(
    expected: Value, got: Value, *, rtol: Tolerance = 1e-5, atol: Tolerance = 1e-8, ties: Tolerance = 0.0
) -> Comparison:
    """Whether both name the same tokens in the same order, with probabilities within the tolerance.

    Tokens are texts or ids. A token may stand at a rank where the expected probability is at most `ties` away from
    its own, so that tokens that are equally probable may come in any order.

    Args:
        expected: the reference's list of [token, probability], most probable first, no token twice.
        got: anything.
        rtol: relative tolerance of a probability.
        atol: absolute tolerance of a probability.
        ties: difference of two probabilities, absolute, up to which their tokens may swap.
    """
    truth = _ranked(expected)
    if truth is None or len({token for token, _ in truth}) < len(truth) or any(math.isnan(p) for _, p in truth):
        raise BrokenReference(
            say("`distribution` needs [token, probability] pairs, the reference gave {value}", value=shown(expected))
        )
    answer = _ranked(got)
    if answer is None:
        wanted = say("a list of [token, probability] pairs was expected, got {got}", got=kind(got))
        return Comparison(share=0.0, message=wanted)
    problem = _difference(truth, answer, rtol=rtol, atol=atol, ties=ties)
    return Comparison(share=1.0 if problem is None else 0.0, message=problem)


def distance(
    expected: Value, got: Value, *, rtol: Tolerance = 1e-5, atol: Tolerance = 1e-8, ties: Tolerance = 0.0
) -> float:
    """Return the largest distance of any probability, rank by rank; infinite where other tokens are named."""
    truth, answer = _ranked(expected), _ranked(got)
    if truth is None or answer is None:
        return math.inf
    accepted = compare(expected, got, rtol=rtol, atol=atol, ties=ties).share >= 1
    if not accepted and [token for token, _ in truth] != [token for token, _ in answer]:
        return math.inf
    return tolerances_apart([p for _, p in truth], [p for _, p in answer], rtol=rtol, atol=atol)


def _ranked(value: Value) -> _Ranked | None:
    if type(value) is not list:
        return None
    pairs: _Ranked = []
    for item in value:
        if type(item) is not list or len(item) != 2 or type(item[0]) not in {str, int}:  # noqa: PLR2004 - a pair
            return None
        probability = number(item[1])
        if probability is None:
            return None
        pairs.append((item[0], real(probability)))
    return pairs


def _difference(truth: _Ranked, answer: _Ranked, *, rtol: float, atol: float, ties: float) -> Message | None:
    """Find the first rank that is wrong."""
    if len(truth) != len(answer):
        return say("{count} tokens were expected, got {got}", count=len(truth), got=len(answer))
    probabilities = dict(truth)
    seen: set[str | int] = set()
    for rank, ((token, probability), (_, here)) in enumerate(zip(answer, truth, strict=True), 1):
        if token in seen:
            return say("the token {token} comes twice", token=shown(token))
        seen.add(token)
        right = probabilities.get(token)
        if right is None or abs(right - here) > ties:
            return say("at rank {rank} another token was expected, got {token}", rank=rank, token=shown(token))
        if not within(right, probability, rtol=rtol, atol=atol):
            return _off(rank, token, right, probability)
    return None


def _off(rank: int, token: str | int, right: float, probability: float) -> Message:
    if not math.isfinite(probability):
        return say(
            "the probability of {token} at rank {rank} is {value}",
            token=shown(token),
            rank=rank,
            value=repr(probability),
        )
    return say(
        "the probability of {token} at rank {rank} is {value}: {gap}",
        token=shown(token),
        rank=rank,
        value=shown(probability),
        gap=gap(right, probability),
    )

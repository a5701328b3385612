"""What the cases of a question earn together. Pure: nothing runs, nothing is read.

Where a question has hidden cases, they alone earn: the answers of the public ones can be written down. Where a
comparison marks parts of a value, a part that is often the same could be guessed. A part therefore earns what it is
right more often than the best constant would be, as a share of what can be beyond that: with `best` the share of cases
in which one value given every time is right, `(right - best) / (1 - best)`, and never less than nothing. This is the
correction for guessing of Cohen's kappa (1960). Cases that are right as a whole count in full.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from grader.marking import compare
from grader.nouns.question import Case, Question
from grader.nouns.value import Value

Parts = Mapping[str, float]
"""Shares by the name of the part."""


def counted(cases: Sequence[Case]) -> list[int]:
    """Return the indices of the cases that earn points: the hidden ones, or all where none is hidden."""
    return [n for n, case in enumerate(cases) if case.hidden] or list(range(len(cases)))


def earned(
    question: Question,
    key: Mapping[str, Value] | None,
    cases: Sequence[Case],
    shares: Sequence[float],
    parts: Sequence[Parts],
) -> float:
    """Return the share of a question's points that the cases earn.

    Args:
        question: whose comparison it is.
        key: case id to the true value.
        cases: those that count.
        shares: of each case.
        parts: of each case; empty where nothing was compared.
    """
    if not cases:
        return 0.0
    names = next((one.keys() for one in parts if one), None)
    if names is None or key is None or (len(cases) == 1 and not cases[0].hidden):
        return math.fsum(shares) / len(cases)
    whole = sum(share >= 1 for share in shares) / len(cases)
    if whole == 1:
        return 1.0
    best = best_constants(question, [key[case.id] for case in cases])
    credit = [_beyond(_mean(one.get(name, 0.0) for one in parts), best[name]) for name in names]
    return max(whole, _mean(credit))


def best_constants(question: Question, truth: Sequence[Value]) -> dict[str, float]:
    """Return for each part the share of cases that the best constant answer gets right.

    Args:
        question: whose comparison marks the parts; without any part where it marks none.
        truth: the true value of each case.
    """
    name, parameters = question.comparison
    parameters = compare.check_parameters(name, parameters)
    function = compare.comparison(name)
    best: dict[str, float] = {}
    for constant in truth:
        every = [function(expected, constant, **parameters).parts for expected in truth]
        for part in every[0]:
            best[part] = max(best.get(part, 0.0), _mean(one[part] for one in every))
    return best


def _beyond(right: float, best: float) -> float:
    return max(0.0, (right - best) / (1 - best)) if best < 1 else 0.0


def _mean(shares: Iterable[float]) -> float:
    values = list(shares)
    return math.fsum(values) / len(values)

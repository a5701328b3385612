"""Tolerances are measured: well above the reference's own spread, well below the nearest misconception."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from grader.audit.findings import MARGIN, Calibration, Finding
from grader.audit.subject import Subject
from grader.marking import compare
from grader.nouns.text import say
from grader.sandbox.child.variations import VARIATIONS

CHECK = "calibration"
ORDER = 5


def check(subject: Subject) -> Iterator[Calibration | Finding]:
    """Yield where each case's tolerance lies between spread and misconceptions, then what is wrong with it."""
    calibrations = _measured(subject)
    yield from calibrations
    yield from judged(subject, calibrations)


def _measured(subject: Subject) -> tuple[Calibration, ...]:
    """Every case's spread and distances, in units of its tolerance; empty where there is no truth to be near to."""
    question = subject.question
    if not subject.truth or question.call is None:
        return ()
    name, raw = question.comparison
    parameters = compare.check_parameters(name, raw)

    def units(case: str, value: object) -> float:
        return math.inf if value is None else compare.distance(name, parameters, subject.truth[case], value)

    varied = {variation: subject.run_varied(variation) for variation in VARIATIONS}
    return tuple(
        Calibration(
            chapter=subject.chapter.id,
            question=question.id,
            case=case.id,
            spread={v: units(case.id, subject.accepted(outcomes[place])) for v, outcomes in varied.items()},
            misconceptions={
                wrong: units(case.id, values[case.id]) for wrong, values in subject.wrong.items() if case.id in values
            },
        )
        for place, case in enumerate(subject.cases)
    )


def judged(subject: Subject, calibrations: Sequence[Calibration]) -> Iterator[Finding]:
    """Whether each case's tolerance is ≥ 4 x the spread and ≤ 1/4 of the distance to the nearest misconception."""
    unusable = 0
    for calibration in calibrations:
        if calibration.widest * MARGIN > 1:
            worst = max(calibration.spread, key=lambda name: calibration.spread[name])
            text = say(
                "{case}: the tolerance is too tight: with {setup} the reference itself is {widest:.2g} tolerances off; "
                "widen it or take the case out",
                case=calibration.case,
                setup=worst,
                widest=calibration.widest,
            )
            yield subject.finding(CHECK, text, ok=False)
            unusable += 1
        elif 1 < calibration.nearest < MARGIN or 0 < calibration.nearest <= 1:
            close = min(
                (name for name, d in calibration.misconceptions.items() if d > 0),
                key=lambda name: calibration.misconceptions[name],
            )
            text = say(
                "{case}: the tolerance is too wide: {misconception} is only {nearest:.2g} tolerances from the truth; "
                "narrow it or take the case out",
                case=calibration.case,
                misconception=close,
                nearest=calibration.nearest,
            )
            yield subject.finding(CHECK, text, ok=False)
            unusable += 1
    if calibrations and not unusable:
        text = say(
            "spread {spread:.2g}, nearest misconception {nearest:.3g} (tolerances)",
            spread=max(c.widest for c in calibrations),
            nearest=min(c.nearest for c in calibrations),
        )
        yield subject.finding(CHECK, text, ok=True)

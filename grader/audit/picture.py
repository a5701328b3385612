"""A question's calibration as a picture: spread, tolerance and misconceptions on one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from grader.audit.findings import MARGIN, Calibration

FLOOR = 1e-4
CEILING = 1e7


def draw(calibrations: Sequence[Calibration], file: Path) -> None:
    """Write an SVG or PNG (by the file's ending): one row a set-up or misconception, one dot a case.

    The axis is the distance from the truth in tolerances, on a log scale from 1e-4 (and less) to 1e7 (and more, or
    another shape). The tolerance is at 1; what a spread may reach and a misconception must exceed is shaded.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    rows = _rows(calibrations)
    figure = Figure(figsize=(8, 1.2 + 0.3 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for height, (_, distances, colour) in enumerate(reversed(rows)):
        places = [min(max(d, FLOOR), CEILING) for d in distances]
        axes.plot(places, [height] * len(places), "o", color=colour, alpha=0.5, markersize=5, markeredgewidth=0)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in reversed(rows)])
    axes.set_xscale("log")
    axes.set_xlim(FLOOR / 2, CEILING * 2)
    axes.axvspan(1 / MARGIN, MARGIN, color="0.9", zorder=0)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlabel(f"distance from the truth, in tolerances (nothing may lie between 1/{MARGIN:g} and {MARGIN:g})")
    axes.set_title(f"{calibrations[0].chapter} · {calibrations[0].question} · {len(calibrations)} cases", fontsize=10)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=120, metadata={"Date": None} if file.suffix == ".svg" else None)


def _rows(calibrations: Sequence[Calibration]) -> list[tuple[str, list[float], str]]:
    spread: dict[str, list[float]] = {}
    wrong: dict[str, list[float]] = {}
    for calibration in calibrations:
        for name, distance in calibration.spread.items():
            spread.setdefault(f"reference, {name}", []).append(distance)
        for name, distance in calibration.misconceptions.items():
            wrong.setdefault(name, []).append(distance)
    nearest_first = sorted(wrong.items(), key=lambda item: min((d for d in item[1] if d > 0), default=math.inf))
    return [(name, d, "tab:blue") for name, d in spread.items()] + [(n, d, "tab:red") for n, d in nearest_first]

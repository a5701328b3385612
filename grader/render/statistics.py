"""What a class's reports say about the class and about its questions."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.nouns.report import ChapterScore, QuestionScore, Report
from grader.nouns.text import Message, Text
from grader.nouns.verdict import Status

BINS = 10


@dataclass(frozen=True)
class QuestionFigures:
    """One question over the class.

    Attributes:
        success: mean share of the points, over those who handed the chapter in.
        discrimination: correlation of its mark with the rest of the student's marks (corrected item-total
            correlation, Henrysson 1963); None where one of them does not vary.
        statuses: status to count.
        misconceptions: name to (count, explanation).
        wall, wall_most: seconds of a whole question, median and largest.
        memory: bytes, the largest peak above the idle worker.
    """

    chapter: str
    id: str
    title: Text
    max_score: float
    advanced: bool
    count: int
    success: float
    discrimination: float | None
    statuses: dict[Status, int]
    misconceptions: dict[str, tuple[int, Message | None]]
    wall: float
    wall_most: float
    memory: int


@dataclass(frozen=True)
class ClassFigures:
    """The class.

    Attributes:
        shares: score over maximum of each report, in the order of the reports.
        bins: counts of shares in tenths; the last bin holds full marks too.
    """

    count: int
    mean: float
    median: float
    deviation: float
    shares: tuple[float, ...]
    bins: tuple[int, ...]
    questions: tuple[QuestionFigures, ...]


def figures(reports: Sequence[Report]) -> ClassFigures:
    """All figures of a class; zeros where nobody handed in."""
    shares = tuple(report.score / report.max_score if report.max_score else 0.0 for report in reports)
    bins = Counter(min(BINS - 1, max(0, math.floor(share * BINS + 1e-9))) for share in shares)
    groups: dict[tuple[str, str], list[tuple[Report, ChapterScore, QuestionScore]]] = {}
    for report in reports:
        for chapter in report.chapters:
            handed_in = any(question.status != "missing" for question in chapter.questions)
            for question in chapter.questions:
                counts = handed_in and not question.is_open
                rows = groups.setdefault((chapter.id, question.id), [])  # the course's order, whoever lacks a chapter
                rows += [(report, chapter, question)] if counts else []
    totals = {id(report): sum(chapter.score for chapter in report.chapters) for report in reports}
    return ClassFigures(
        count=len(reports),
        mean=statistics.fmean(shares) if shares else 0.0,
        median=statistics.median(shares) if shares else 0.0,
        deviation=statistics.pstdev(shares) if shares else 0.0,
        shares=shares,
        bins=tuple(bins[n] for n in range(BINS)),
        questions=tuple(_question(rows, totals) for rows in groups.values() if rows),
    )


def _question(rows: Sequence[tuple[Report, ChapterScore, QuestionScore]], totals: dict[int, float]) -> QuestionFigures:
    _, chapter, first = rows[0]
    scores = [question.score for _, _, question in rows]
    rest = [totals[id(report)] - question.score for report, _, question in rows]
    walls = [sum(case.usage.wall for case in question.cases) for _, _, question in rows]
    named = [question for _, _, question in rows if question.misconception]
    counts = Counter(str(question.misconception) for question in named)
    diagnoses = {str(question.misconception): question.diagnosis for question in named}
    return QuestionFigures(
        chapter=chapter.id,
        id=first.id,
        title=first.title,
        max_score=first.max_score,
        advanced=first.advanced,
        count=len(rows),
        success=statistics.fmean(scores) / first.max_score,
        discrimination=correlation(scores, rest),
        statuses=dict(Counter(question.status for _, _, question in rows)),
        misconceptions={name: (count, diagnoses[name]) for name, count in counts.most_common()},
        wall=statistics.median(walls),
        wall_most=max(walls),
        memory=max((case.usage.memory for _, _, question in rows for case in question.cases), default=0),
    )


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's correlation; None where either does not vary."""
    if len(xs) < 2 or max(xs) - min(xs) < 1e-12 or max(ys) - min(ys) < 1e-12:  # noqa: PLR2004 - two points
        return None
    return max(-1.0, min(1.0, statistics.correlation(xs, ys)))

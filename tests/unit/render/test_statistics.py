"""The class page's figures against their definitions."""

from __future__ import annotations

import statistics

import pytest

from grader.render.statistics import correlation, figures


def test_bins_and_means(reports) -> None:
    """Every report is in one bin; full marks are in the last one."""
    found = figures(reports)
    assert sum(found.bins) == len(reports) == found.count
    assert found.mean == pytest.approx(statistics.fmean(r.score / 60 for r in reports))
    full = reports[0].model_copy(update={"score": 60.0})
    assert figures([full]).bins[9] == 1


def test_discrimination_leaves_the_question_itself_out(reports) -> None:
    """It is the correlation with the rest of the marks."""
    question = next(q for q in figures(reports).questions if q.id == "top_tokens")
    mine = [r.chapters[0].questions[1].score for r in reports]
    rest = [r.score - m for r, m in zip(reports, mine, strict=True)]
    assert question.discrimination == pytest.approx(statistics.correlation(mine, rest))


def test_no_variation_has_no_correlation() -> None:
    """A question that everybody solved discriminates nobody: None, not an error."""
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1], [2]) is None


def test_an_empty_class() -> None:
    """A page can be made before the first hand-in."""
    assert figures([]).bins == (0,) * 10


def test_questions_stand_in_the_course_s_order(reports) -> None:
    """Also when the first report lacks the first chapter, which then counts for nothing there."""
    first, second = reports[0].chapters
    missing = tuple(question.model_copy(update={"status": "missing"}) for question in first.questions)
    lacking = reports[0].model_copy(
        update={"chapters": (first.model_copy(update={"questions": missing, "score": 0.0}), second)}
    )
    found = figures([lacking, *reports[1:]]).questions
    assert [q.chapter for q in found] == [first.id] * 4 + [second.id] * 4
    assert {q.count for q in found if q.chapter == first.id} == {len(reports) - 1}

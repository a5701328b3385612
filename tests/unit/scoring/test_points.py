"""Points: shares become marks in one place, and tables add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.nouns.course import Chapter, Course
from grader.nouns.verdict import Verdict
from grader.scoring.points import score_chapter

COURSE = Course.model_validate({"id": "c", "title": {"zh": "课", "en": "c"}, "chapters": ["ch"]})


def chapter(points: list[float]) -> Chapter:
    return Chapter.model_validate(
        {
            "id": "ch",
            "title": {"zh": "章", "en": "ch"},
            "questions": [
                {"id": f"q{n}", "title": {"zh": "题", "en": "q"}, "points": p, "answer": f"q{n}"}
                for n, p in enumerate(points)
            ],
        }
    )


@given(st.lists(st.tuples(st.sampled_from([1, 2.5, 5, 10, 33]), st.floats(0, 1)), min_size=1, max_size=12))
def test_a_chapter_is_the_sum_of_what_its_table_shows(rows: list[tuple[float, float]]) -> None:
    """For any points and shares, the total equals the sum of the rounded marks and lies between 0 and the maximum."""
    verdicts = {f"q{n}": Verdict(question=f"q{n}", share=s, status="partial") for n, (_, s) in enumerate(rows)}
    scored = score_chapter(COURSE, chapter([p for p, _ in rows]), verdicts)
    assert scored.score == round(sum(q.score for q in scored.questions), 2)
    assert 0 <= scored.score <= scored.max_score == sum(p for p, _ in rows)
    for question, (points, share) in zip(scored.questions, rows, strict=True):
        assert abs(question.score - points * share) <= 0.005 + 1e-9


def test_questions_that_were_not_asked_for_are_left_out() -> None:
    """`check --question` scores that question alone."""
    verdicts = {"q1": Verdict(question="q1", share=1, status="correct")}
    scored = score_chapter(COURSE, chapter([1, 2, 3]), verdicts)
    assert [q.id for q in scored.questions] == ["q1"]
    assert scored.max_score == 2

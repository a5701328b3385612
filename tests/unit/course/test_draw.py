"""Drawing hidden cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.draw import PUBLIC_SECRET, all_cases, cases_for, course_secret, draw
from grader.errors import GraderError
from grader.nouns.question import Question


def question(pool: int = 12, count: int | None = 4) -> Question:
    return Question.model_validate(
        {
            "id": "q",
            "title": {"zh": "题", "en": "q"},
            "points": 1,
            "call": "f(text)",
            "cases": {
                "public": [{"text": "shown"}],
                "hidden": {"pool": [{"text": f"hidden {n}"} for n in range(pool)], "draw": count},
            },
            "compare": {"exact": {}},
        }
    )


@given(student=st.text(), secret=st.binary(min_size=1))
def test_a_draw_is_stable_and_of_the_stated_size(student: str, secret: bytes) -> None:
    """Any student, any secret: the same draw twice, the stated number of distinct cases, all from the pool."""
    first = draw(question(), student, secret)
    assert first == draw(question(), student, secret)
    assert len({case.id for case in first}) == 4
    pool = {case.id for case in all_cases(question()) if case.hidden}
    assert {case.id for case in first} <= pool


def test_students_and_secrets_draw_differently() -> None:
    """Nobody can work out another's cases: over 30 students and over 30 secrets, draws differ."""
    by_student = {tuple(c.id for c in draw(question(), f"s{n}", b"k")) for n in range(30)}
    by_secret = {tuple(c.id for c in draw(question(), "s", bytes([n + 1]))) for n in range(30)}
    assert len(by_student) > 20
    assert len(by_secret) > 20


def test_adding_to_the_pool_moves_a_draw_little() -> None:
    """A case added at the end of a pool replaces at most one case of a student's draw."""
    for n in range(20):
        before = {repr(c.inputs) for c in draw(question(12), f"s{n}", b"k")}
        after = {repr(c.inputs) for c in draw(question(13), f"s{n}", b"k")}
        assert len(before - after) <= 1


def test_a_self_check_has_public_cases_only() -> None:
    """`check` never touches a hidden case; grading has both."""
    assert [c.id for c in cases_for(question(), "s", b"k", hidden=False)] == ["public-1"]
    assert len(cases_for(question(), "s", b"k", hidden=True)) == 5


def test_without_a_draw_every_student_gets_the_whole_pool() -> None:
    """`draw` absent means all."""
    assert len(draw(question(count=None), "s", b"k")) == 12


def test_the_secret_comes_from_the_environment_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Environment first, then the file; a missing or empty file is an error, never the public default."""
    assert course_secret() == PUBLIC_SECRET
    file = tmp_path / "secret"
    monkeypatch.setenv("GRADER_SECRET_FILE", str(file))
    with pytest.raises(GraderError, match="cannot be read"):
        course_secret()
    file.write_text("\n")
    with pytest.raises(GraderError, match="empty"):
        course_secret()
    file.write_text("from a file\n")
    assert course_secret() == b"from a file"
    monkeypatch.setenv("GRADER_SECRET", "from the environment")
    assert course_secret() == b"from the environment"

"""The dry run: everybody in the roster has one line, whoever is not there has one too."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.nouns.claim import Claim, Rank
from grader.nouns.intake import Intake, Problem, Roster, Student
from grader.nouns.submission import Submission
from grader.nouns.text import say
from grader.render.intake_table import problem_lines, submission_table

ROSTER = Roster(students=tuple(Student(id=f"202300{n}", name=f"name{n}") for n in range(1, 7)))


def _submission(student: str, **more: object) -> Submission:
    return Submission(id=student, student=student, folder=Path("f"), modules={"ch01": "ch01.py"}, **more)


def _problem(kind: str, *students: str) -> Problem:
    claim = Claim(student=students[0], rank=Rank.PART) if students else None
    return Problem(kind=kind, where=f"{kind}.zip", message=say("refused"), students=students, claim=claim)


TAKEN = Intake(
    submissions=(
        _submission("2023001"),
        _submission("2023001", attempt=2),
        _submission("team", members=("2023002", "9999999")),
        _submission("stranger"),
    ),
    problems=(
        _problem("refused", "2023003"),
        _problem("conflict", "2023004", "2023001"),
        _problem("refused", "2023004"),
        _problem("unmapped", "2023006"),
        _problem("refused"),
        _problem("duplicate", "2023005"),
    ),
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_line_each(language) -> None:
    """Taken, refused, conflict or nothing handed in; then those who are in no roster."""
    lines = submission_table(TAKEN, language, roster=ROSTER, width=160).splitlines()[1:]
    for student in [*(s.id for s in ROSTER.students), "stranger", "9999999", "refused.zip"]:
        assert sum(student in line.split() for line in lines) == 1, student
    if language == "en":
        by_student = {s.id: next(line for line in lines if s.id in line) for s in ROSTER.students}
        assert [by_student[f"202300{n}"].split("  ")[0] for n in range(1, 7)] == [
            "taken", "taken", "refused", "conflict", "nothing handed in", "nothing handed in",
        ]  # fmt: skip


def test_without_a_roster_there_are_those_who_handed_in() -> None:
    """Nobody is missing from a class that nobody listed."""
    text = submission_table(TAKEN, "en", width=160)
    assert "nothing handed in" not in text
    assert "stranger" in text


def test_problems_have_a_line_and_a_colour() -> None:
    """What was not graded is red."""
    colours = {line.split(":")[0]: colour for line, colour in problem_lines(TAKEN, "en")}
    assert colours == {"refused": "red", "conflict": "red", "unmapped": "yellow", "duplicate": None}

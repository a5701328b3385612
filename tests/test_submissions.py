"""Every sample submission gets the verdict it declares.

A sample is a folder in `tests/submissions/` with chapter files and an `expect.yaml`: what the sample is, and for each
chapter every question's status and score. Adding a sample is adding a folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.course.load import load_chapters, load_course
from grader.nouns.binding import ModelChoice
from grader.nouns.submission import Submission
from grader.pipeline import Grading

SAMPLES = Path(__file__).parent / "submissions"


def expectations() -> list[Any]:
    cases = []
    for file in sorted(SAMPLES.glob("*/expect.yaml")):
        expect = yaml.safe_load(file.read_text(encoding="utf-8"))
        for chapter, questions in expect["chapters"].items():
            cases.append(pytest.param(file.parent, chapter, questions, id=f"{file.parent.name}-{chapter}"))
    return cases


@pytest.fixture(scope="session")
def grading(assignments: Path) -> Iterator[Grading]:
    """The course opened once: one warm sandbox for all samples."""
    course = load_course(assignments)
    with Grading(course, load_chapters(course), ModelChoice()) as opened:
        yield opened


@pytest.mark.parametrize(("folder", "chapter_id", "expected"), expectations())
def test_the_sample_gets_its_declared_verdict(
    grading: Grading, folder: Path, chapter_id: str, expected: dict[str, dict[str, Any]]
) -> None:
    """Status and score of every question of the chapter are those that `expect.yaml` declares."""
    chapter = next(chapter for chapter in grading.chapters if chapter.id == chapter_id)
    assert set(expected) == {question.id for question in chapter.questions}, "expect.yaml names every question"
    modules = {c.id: c.module for c in grading.chapters if (folder / c.module).is_file()}
    submission = Submission(id=folder.name, student=folder.name, folder=folder, modules=modules)
    verdicts = grading.grade(submission, chapters=[chapter.id]).verdicts[chapter.id]
    points = {question.id: question.points for question in chapter.questions}
    got = {
        name: {"status": verdict.status, "score": round(points[name] * verdict.share, 2)}
        for name, verdict in verdicts.items()
    }
    assert got == expected, {name: verdicts[name].message for name in got if got[name] != expected.get(name)}


def test_every_sample_declares_a_verdict() -> None:
    """No sample is in the folder for show."""
    folders = [folder for folder in SAMPLES.iterdir() if folder.is_dir() and folder.name != "__pycache__"]
    assert [folder.name for folder in folders if not (folder / "expect.yaml").is_file()] == []

"""Chapters 1 and 2 on a real pre-trained model: the same grader, another binding.

Run by `make test-real`, which names the model's directory in GRADER_REAL_MODEL.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from grader.course.load import load_chapters, load_course, select_chapters
from grader.nouns.binding import ModelChoice
from grader.nouns.submission import Submission
from grader.pipeline import Grading

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]
SAMPLES = Path(__file__).parent.parent / "submissions"
OF_THE_MINIATURE = {"token_similarity"}
"""Its public tokens are both unknown to this vocabulary, so that any answer of 1, the cosine of a vector with itself,
is right here."""


@pytest.fixture(scope="module", params=[True, False], ids=["hidden", "public"])
def opened(request: pytest.FixtureRequest, assignments: Path) -> Iterator[Grading]:
    """Chapters 1 and 2 on the real model, with hidden cases or without."""
    directory = Path(os.environ["GRADER_REAL_MODEL"])
    course = load_course(assignments)
    chapters = select_chapters(load_chapters(course), ["ch01", "ch02"])
    choice = ModelChoice(directories={"ernie-4.5-0.3b": directory, "ernie-4.5-0.3b-base": directory})
    with Grading(course, chapters, choice, hidden=request.param) as grading:
        yield grading


def test_the_reference_earns_full_marks(opened: Grading, tmp_path: Path) -> None:
    """The reference, handed in as a submission, is right on every case of the real model."""
    grading = opened
    for chapter in grading.chapters:
        folder = tmp_path / chapter.id
        shutil.copytree(grading.course.reference_folder(chapter), folder)
        shutil.copy(folder / "solution.py", folder / chapter.module)
        work = Submission(id="reference", student="reference", folder=folder, modules={chapter.id: chapter.module})
        for name, verdict in grading.grade(work, chapters=[chapter.id]).verdicts[chapter.id].items():
            assert verdict.share == 1, (name, verdict.message)


def test_wrong_samples_are_wrong_on_the_real_model_too(opened: Grading) -> None:
    """What a sample declares as wrong on the miniatures earns no full mark here, on public cases."""
    grading = opened
    if grading.selection.hidden:
        pytest.skip("the public cases are enough, and each takes seconds on this model")
    looked_at = 0
    for file in sorted(SAMPLES.glob("*/expect.yaml")):
        expected = yaml.safe_load(file.read_text(encoding="utf-8"))["chapters"]
        for chapter in grading.chapters:
            declared = {q for q, e in expected.get(chapter.id, {}).items() if e["status"] == "wrong"}
            wrong = declared - OF_THE_MINIATURE
            if not wrong:
                continue
            work = Submission(
                id=file.parent.name, student="s", folder=file.parent, modules={chapter.id: chapter.module}
            )
            verdicts = grading.grade(work, chapters=[chapter.id]).verdicts[chapter.id]
            assert {q: verdicts[q].share < 1 for q in wrong} == dict.fromkeys(wrong, True), file.parent.name
            looked_at += len(wrong)
    assert looked_at > 0


def test_the_report_names_the_binding(opened: Grading) -> None:
    """Nobody takes this for the original or the miniature: source and fingerprint are those of the directory."""
    model = next(m for m in opened.runtime.environment.models if m.name == "ernie-4.5-0.3b")
    assert model.source == os.environ["GRADER_REAL_MODEL"]
    assert len(model.fingerprint) == 12

"""Results are written where no student can have put anything, and through no link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.ci.results import results_folder, write_results
from grader.errors import GraderError
from grader.nouns.course import Course
from grader.nouns.report import Environment, Report

COURSE = Course.model_validate({"id": "c", "title": {"zh": "课", "en": "Course"}, "chapters": ["ch"]})
NAMES = ("report.json", "report.data.json", "junit.xml", "summary.md")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a folder, a link to a folder outside and a link to nothing."""
    folder = tmp_path / "work"
    (folder / "deep").mkdir(parents=True)
    (tmp_path / "outside/deeper").mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path / "outside/deeper")
    (folder / "nowhere").symlink_to(tmp_path / "made")
    return folder


def write(out: Path) -> None:
    """Write the results of an empty report."""
    environment = Environment(grader="0", python="3", torch="2", transformers="5", platform="x", models=())
    whole = Report(
        submission="s", student="s", score=0, max_score=0, isolation=None, environment=environment, chapters=()
    )
    write_results(out, whole, course=COURSE, language="en")


INSIDE = (
    "",
    "results",
    "deep/results",
    "link",
    "link/results",
    "nowhere",
    "link/../results",
    "deep/../../work/results",
)


@pytest.mark.parametrize("inside", INSIDE)
def test_a_folder_in_the_checkout_is_refused(inside: str, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkout itself, folders in it, and whatever links in it lead to; by relative paths too."""
    monkeypatch.chdir(checkout.parent)
    for out, folder in ((checkout / inside, checkout), (Path("work", inside), Path("work"))):
        with pytest.raises(GraderError, match="not written into the checkout"):
            results_folder(out, folder)


def test_a_link_is_refused(checkout: Path) -> None:
    """The folder itself may not be a link, wherever it leads; nor may the checkout be reached by another name."""
    (checkout.parent / "results").symlink_to(checkout.parent / "outside")
    (checkout.parent / "alias").symlink_to(checkout)
    for out in (checkout.parent / "results", checkout.parent / "alias", checkout.parent / "alias/results"):
        with pytest.raises(GraderError, match="not written into the checkout"):
            results_folder(out, checkout)


@pytest.mark.parametrize("beside", ["results", "results/new", "work-results", "work/../results"])
def test_a_folder_beside_the_checkout_is_taken(beside: str, checkout: Path) -> None:
    """The control: also a path that passes by the checkout and leaves it again."""
    assert results_folder(checkout.parent / beside, checkout) == Path(os.path.normpath(checkout.parent / beside))


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    """It is replaced, as the file of an earlier run is, and what it led to stays as it was."""
    out, target = tmp_path / "results", tmp_path / "target"
    out.mkdir()
    target.write_text("the runner's", encoding="utf-8")
    (out / NAMES[0]).symlink_to(target)
    (out / NAMES[1]).symlink_to(tmp_path / "not there")
    (out / NAMES[2]).write_text("old", encoding="utf-8")
    os.link(target, out / NAMES[3])
    write(out)
    assert target.read_text(encoding="utf-8") == "the runner's"
    assert not (tmp_path / "not there").exists()
    for name in NAMES:
        assert (out / name).is_file()
        assert not (out / name).is_symlink()
        assert (out / name).read_text(encoding="utf-8") != "old"


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    """An error with the file's name, and not a traceback."""
    (tmp_path / NAMES[0]).mkdir()
    with pytest.raises(GraderError, match="cannot be written"):
        write(tmp_path)

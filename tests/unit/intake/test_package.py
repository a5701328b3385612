"""Package rules of the CS2916 course: what a hand-in lacks is said in both languages, and costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import zipped

from grader.course.load import load_chapters, load_course
from grader.intake.gather import gather
from grader.language.speak import speak

COURSE = Path(__file__).parents[2] / "courses" / "cs2916"
FULL = {
    "hw2/code/hw2.py": b"ANSWERS = {}\n",
    "hw2/outputs/a.jsonl": b"{}\n",
    "hw2/report.pdf": b"%PDF-1.7\n",
    "hw2/github.txt": b"https://github.com/team/lima\n",
}


def _notes(tmp_path: Path, files: dict[str, bytes]) -> list[str]:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "2023001.zip").write_bytes(zipped(files))
    chapters = load_chapters(load_course(COURSE))
    taken = gather(
        [folder],
        {c.id: c.module for c in chapters},
        work=tmp_path / "w",
        packages={c.id: c.package for c in chapters},
    )
    (one,) = taken.submissions
    assert one.modules == {"hw2": "hw2.py"}
    return [speak(note, "en") for note in one.notes]


def test_a_full_package(tmp_path: Path) -> None:
    """Nothing to say, although everything is one folder too deep."""
    assert _notes(tmp_path, FULL) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hw2/report.pdf": None}, "lacks report.pdf"),
        ({"hw2/report.pdf": b"PK docx"}, "not a PDF"),
        ({"hw2/github.txt": b"later"}, "does not hold"),
        ({"hw2/outputs/a.jsonl": None}, "lacks outputs/"),
    ],
)
def test_what_is_lacking_is_named(tmp_path: Path, change: dict[str, bytes | None], said: str) -> None:
    """A missing or wrong file is one note."""
    files = {name: body for name, body in {**FULL, **change}.items() if body is not None}
    (note,) = _notes(tmp_path, files)
    assert said in note

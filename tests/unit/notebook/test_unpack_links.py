"""A notebook's module is put into a copy of the hand-in, whatever already has its name there."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.notebook.convert import RUNNER
from grader.notebook.unpack import unpacked


@pytest.mark.parametrize("name", ["work.py", RUNNER])
@pytest.mark.parametrize("dangling", [False, True])
def test_a_file_is_never_written_through_a_link(tmp_path: Path, name: str, *, dangling: bool) -> None:
    """A link with the name of a file that the grader writes is replaced; what it points at is left as it is."""
    folder, outside = tmp_path / "handed_in", tmp_path / "outside.txt"
    folder.mkdir()
    (folder / "work.ipynb").write_text("{}", encoding="utf-8")
    (folder / name).symlink_to(outside)
    if not dangling:
        outside.write_text("the staff's", encoding="utf-8")
    with unpacked(folder, "work.ipynb", "x = 1\n") as run:
        assert (run / "work.py").read_text("utf-8") == "x = 1\n"
        assert not (run / name).is_symlink()
    assert outside.exists() is not dangling
    assert dangling or outside.read_text("utf-8") == "the staff's"

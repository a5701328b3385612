"""A module and a notebook of one chapter in one hand-in."""

from __future__ import annotations

from pathlib import Path

from grader.intake.modules import find

UNTOUCHED = "def f():\n    raise NotImplementedError\n"
DONE = "def f():\n    return 1\n"


def test_the_one_with_less_left_to_write_counts(tmp_path: Path) -> None:
    """A filled-in notebook beside the untouched module is the work, and the reverse; equal ones: the module."""
    for module, notebook, chosen in ((UNTOUCHED, DONE, ".ipynb"), (DONE, UNTOUCHED, ".py"), (DONE, DONE, ".py")):
        (tmp_path / "ch01.py").write_text(module)
        (tmp_path / "ch01.ipynb").write_text(notebook)
        assert find(tmp_path, {"ch01": "ch01.py"}).modules == {"ch01": f"ch01{chosen}"}

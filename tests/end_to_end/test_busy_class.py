"""A class gets the same marks on an idle machine and on a busy one, whatever `--jobs` says, frozen or not."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

import psutil
from support.busy import freeze, graded, load, scores, write_class

STUDENTS = 4


def test_a_busy_machine_gives_the_same_marks(tmp_path: Path) -> None:
    """A second of computing under `limits: {wall: 4}`: one job a processor, then 16 under load with a pause of 4.5 s.

    Of the honest everybody has full marks; the one that loops and the one that sleeps have none, and are told apart.
    """
    write_class(tmp_path, STUDENTS)
    with graded(tmp_path, tmp_path / "idle", 2) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said
    with load(3 * (os.cpu_count() or 1)), graded(tmp_path, tmp_path / "busy", 16) as process:
        time.sleep(5)
        freeze(psutil.Process(process.pid), 4.5)
        _, told = process.communicate()
    assert process.returncode == 0, told
    assert scores(tmp_path / "busy") == scores(tmp_path / "idle")
    with (tmp_path / "busy/scores.csv").open(encoding="utf-8-sig") as stream:
        marks = {row["student"]: float(row["score"]) for row in csv.DictReader(stream)}
    assert sorted(marks.values()) == [0.0] * 2 + [10.0] * (STUDENTS - 2)
    for words in (said, told):
        assert "2023001: busy/work, case public-1: timed out after 0.0 of 4 seconds of computing" in words
        assert "2023000: busy/work" not in words, "a loop that had its processor is nothing to look at"

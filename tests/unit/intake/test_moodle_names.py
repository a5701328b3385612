"""In Moodle's flat names the platform's part decides, and nothing that a student chose."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import WORK

from grader.intake.gather import gather
from grader.intake.roster import read_roster
from grader.nouns.intake import Intake

MARK = "assignsubmission_file"


@pytest.fixture
def take(tmp_path: Path, chapters):
    roster = tmp_path / "roster.csv"
    roster.write_text("学号,姓名,participant\n2023001,张三,901\n2023002,李四,902\n2023003,王五,903\n", encoding="utf-8")

    def taken(path: Path) -> Intake:
        return gather([path], chapters, read_roster(roster), work=tmp_path / "work", come_from="moodle")

    return taken


def _students(taken: Intake) -> set[str]:
    return {s.student for s in taken.submissions}


@pytest.mark.parametrize(
    "name",
    [
        f"李四_902_{MARK}_张三_901_{MARK}_ch01_overview.py",
        f"李四_902_{MARK}_张三_901_file_ch01_overview.py",
        "李四_902_file_901_file_ch01_overview.py",
        f"张三_901_{MARK}_李四_902_{MARK}_ch01_overview.py",
        f"李四_902_{MARK}_901_{MARK}_ch01_overview.py",
        f"李四_902_{MARK}_/_901_{MARK}_".replace("/", ""),
        f"李四_902_{MARK}_９０１_{MARK}_ch01_overview.py",
        f"Li_902_assignsubmission_files__901_{MARK}_ch01_overview.py",
        f"Li_902_ASSIGNSUBMISSION_FILE__901_{MARK}_ch01_overview.py",
        f"Li_902_assignsubmission_onlineaudio_x_901_{MARK}_ch01_overview.py",
    ],
)
def test_two_participants_in_a_name_are_refused(put, take, name) -> None:
    """Neither of them is credited; a classmate is."""
    root = put({name: WORK, f"王五_903_{MARK}_ch01_overview.py": WORK})
    taken = take(root)
    assert _students(taken) == {"2023003"}
    assert [(p.kind, p.where) for p in taken.problems] == [("refused", name)]


@pytest.mark.parametrize("file", ["ch01_overview_901.py", "901_ch01_overview.py", "张三_ch01_overview.py"])
def test_numbers_in_the_students_part_mean_nothing(put, take, file) -> None:
    """The first participant is meant, whatever the file is called."""
    (one,) = take(put({f"李四_902_{MARK}_{file}": WORK})).submissions
    assert (one.student, one.account) == ("2023002", "902")


def test_two_names_of_one_participant_are_a_conflict(put, take) -> None:
    """Nothing says which is right, so that none is graded and both are named."""
    names = (f"李四_902_{MARK}_ch01_overview.py", f"张三_902_{MARK}_ch02_tokenizer.py")
    taken = take(put({**dict.fromkeys(names, WORK), f"王五_903_{MARK}_ch01_overview.py": WORK}))
    assert _students(taken) == {"2023003"}
    assert {(p.kind, p.where, p.students) for p in taken.problems} == {("conflict", n, ("2023002",)) for n in names}


@pytest.mark.parametrize(
    "names",
    [
        (f"李四_902_{MARK}_ch01_overview.py", f"李四_902_{MARK}/ch01_overview.py"),
        (f"李四_902_{MARK}_ch01_overview.py", f"李四_902_{MARK}_CH01_overview.py"),
        (f"李四_902_{MARK}_ch01_overview.py", "李四_902_file_ch01_overview.py"),
    ],
)
def test_nothing_is_overwritten(put, take, names) -> None:
    """Two entries that would become one file are a conflict."""
    taken = take(put(dict(zip(names, (WORK, b"ANSWERS = {'other': 1}\n"), strict=True))))
    assert not taken.submissions
    assert {p.kind for p in taken.problems} == {"conflict"}
    assert len(taken.problems) == 2

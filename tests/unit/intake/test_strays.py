"""One stray entry does not change how a class is read, and work that a source does not know is never passed over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from archives import WORK

from grader.intake.gather import gather
from grader.intake.sources import detect
from grader.nouns.intake import Intake, Roster, Student

MODULE = "ch01_overview.py"
CLASS = [f"202310{n}" for n in range(1, 6)]
MARK = "assignsubmission_file"


@pytest.fixture
def take(tmp_path: Path, chapters):
    def taken(root: Path, roster: Roster | None = None, **options: str | None) -> Intake:
        return gather([root], chapters, roster, work=tmp_path / "work", come_from=options.get("come_from"))

    return taken


def _students(taken: Intake) -> set[str]:
    return {s.student for s in taken.submissions}


@pytest.mark.parametrize(
    "stray",
    [
        "2023103_103_5003_warmup.py",
        "evil_103_5003_warmup.py",
        "evil_LATE_103_5003_ch01_overview.py",
        f"evil_901_{MARK}_ch01_overview.py",
        "submission_metadata.yml",
        "evil.bundle",
    ],
)
def test_one_entry_does_not_say_what_a_class_is(put, take, chapters, stray) -> None:
    """Every student's folder is taken in, with the stray entry and without."""
    folders = {f"{student}/{MODULE}": WORK for student in CLASS}
    assert set(CLASS) == _students(take(put(folders)))
    root = put({stray: b"submission_1:\n  :submitters: []\n"})
    assert detect(root, chapters) == "folder"
    taken = take(root)
    stopped = {student for problem in taken.problems if problem.stops for student in problem.students}
    assert set(CLASS) <= _students(taken) | stopped
    assert len(set(CLASS) & _students(taken)) >= len(CLASS) - ("2023103" in stray)


@pytest.mark.parametrize("stray", [f"2023109/{MODULE}", "2023109/a/b/notes.ipynb", "2023109/work.rar", "2023109.py",
                                   "2023109.zip"])  # fmt: skip
@pytest.mark.parametrize("source", ["canvas", "moodle", "gradescope"])
def test_work_that_is_not_of_the_downloads_kind_is_refused(put, take, source, stray) -> None:
    """Told with the student it may be of; what holds no work is ignored, and the others are taken in."""
    honest = {
        "canvas": {f"san_50{n}_7{n}_{MODULE}": WORK for n in (1, 2)},
        "moodle": {f"san_90{n}_{MARK}_{MODULE}": WORK for n in (1, 2)},
        "gradescope": {f"submission_{n}/{MODULE}": WORK for n in (1, 2)}
        | {"submission_metadata.yml": b"".join(b"submission_%d:\n  :submitters: []\n" % n for n in (1, 2))},
    }[source]
    root = put({**honest, "readme.txt": b"", "pictures/a.png": b"", stray: WORK})
    roster = Roster(students=tuple(Student(id=student) for student in ("2023108", "2023109")))
    taken = take(root, roster, come_from=source)
    assert len(taken.submissions) == 2
    entry = stray.split("/")[0]
    stops = [problem for problem in taken.problems if problem.stops]
    assert [(p.kind, p.where, p.students, p.claim) for p in stops] == [("refused", entry, ("2023109",), None)]
    assert "--from" in str(stops[0].message)
    assert {p.where for p in taken.problems if p.kind == "ignored"} == {"readme.txt", "pictures"}


def test_a_plain_folder_among_repositories_is_taken_in(put, take, chapters) -> None:
    """It is work as much as what is committed; a folder without work is ignored, an archive refused."""
    root = put({f"{student}/{MODULE}": WORK for student in CLASS})
    for student in CLASS[1:]:
        git = ["git", "-C", str(root / student), "-c", "user.name=x", "-c", "user.email=x@y.cn"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "work"]):
            subprocess.run([*git, *command], check=True)
    put({"pictures/a.png": b"", "2023109.zip": {MODULE: WORK}})
    assert detect(root, chapters) == "git"
    taken = take(root)
    assert _students(taken) == set(CLASS)
    assert {(p.kind, p.where) for p in taken.problems} == {("ignored", "pictures"), ("refused", "2023109.zip")}
    (root / CLASS[0] / "link.py").symlink_to(root / CLASS[1] / MODULE)
    taken = take(root)
    assert _students(taken) == set(CLASS[1:])
    assert ("refused", CLASS[0]) in {(p.kind, p.where) for p in taken.problems}


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("later", [f"_902_{MARK}_", "_902_file_", f"_902_{MARK}_x_903_{MARK}_"])
def test_a_refused_name_stands_against_its_first_participant_only(put, take, later, is_known) -> None:
    """A victim named in the student's own part is graded; the first participant is told."""
    victim = Student(id="2023002", name="Li Si", platforms=(("moodle", "902"),))
    roster = Roster(students=(victim,)) if is_known else None
    honest = f"Li Si_902_{MARK}_{MODULE}"
    attack = f"Mal Evil_901_{MARK}_x{later}{MODULE}"
    (before,) = take(put({honest: WORK}), roster).submissions
    taken = take(put({attack: WORK}), roster, come_from="moodle")
    assert [s.student for s in taken.submissions] == [before.student]
    assert [(p.kind, p.where, p.students) for p in taken.problems if p.stops] == [("refused", attack, ("901",))]


def test_an_account_that_is_a_number_of_the_roster_stands_against_nobody(put, take) -> None:
    """A refused account 901 is not the student 901, whose own work counts."""
    roster = Roster(students=(Student(id="901", platforms=(("moodle", "7"),)),))
    root = put({f"San_7_{MARK}_{MODULE}": WORK})
    assert _students(take(root, roster, come_from="moodle")) == {"901"}
    put({f"Mal_901_{MARK}_x_7_{MARK}_{MODULE}": WORK})
    assert _students(take(root, roster, come_from="moodle")) == {"901"}

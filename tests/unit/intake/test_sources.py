"""Every source takes in what its LMS exports: who, when, which files."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archives import WORK, zipped

from grader.errors import IntakeError
from grader.intake.gather import gather
from grader.intake.roster import read_roster
from grader.intake.sources import detect
from grader.nouns.intake import Intake, Roster
from grader.nouns.submission import Submission

ROSTER = """学号,姓名,邮箱,小组,Canvas ID,participant,github
2023001,张三,zhang@x.cn,红队,501,901,zhangsan-git
2023002,李四,li@x.cn,红队,502,902,lisi-git
2023003,San Zhang,san@x.cn,蓝队,503,903,sanz
2023004,王伟,w1@x.cn,,504,904,
2023005,王伟,w2@x.cn,,505,905,
"""


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    file = tmp_path / "roster.csv"
    file.write_bytes(ROSTER.encode("gb18030"))
    return read_roster(file)


@pytest.fixture
def take(tmp_path: Path, chapters):
    def taken(path: Path, roster: Roster | None = None, **options) -> Intake:
        return gather([path], chapters, roster, work=tmp_path / "work", **options)

    return taken


def _by_student(taken: Intake) -> dict[str, Submission]:
    return {s.student: s for s in taken.submissions}


def _kinds(taken: Intake) -> list[tuple[str, str]]:
    return [(p.kind, p.where) for p in taken.problems]


def test_a_folder_per_student(put, take, chapters) -> None:
    """What runs is a copy; a stray file is told; names say who it is."""
    root = put({"2023001_张三/ch01_overview.py": WORK, "bob/ch01_overview.py": WORK, "readme.txt": b""})
    assert detect(root, chapters) == "folder"
    taken = take(root)
    students = _by_student(taken)
    assert set(students) == {"2023001", "bob"}
    assert students["2023001"].name == "张三"
    assert (students["bob"].folder / "ch01_overview.py").read_bytes() == WORK
    assert not students["bob"].folder.is_relative_to(root)
    assert _kinds(taken) == [("ignored", "readme.txt")]


def test_one_submission(put, take) -> None:
    """A folder with a chapter in it, and a file, are one submission each."""
    root = put({"ch01_overview.py": WORK})
    (one,) = take(root).submissions
    assert (one.student, one.modules) == ("class", {"ch01_overview": "ch01_overview.py"})
    (two,) = take(root / "ch01_overview.py").submissions
    assert two.modules == {"ch01_overview": "ch01_overview.py"}


def test_zip_of_zips(put, take, tmp_path) -> None:
    """Inner archives are students; one attack is refused and the others are graded."""
    body = zipped(
        {
            "2023001_张三.zip": zipped({"hw/ch01_overview.py": WORK}),
            "2023002_李四.zip": zipped({"../../evil.py": WORK}),
            "__MACOSX/._2023001_张三.zip": b"junk",
            "2023003.tar.gz": b"broken",
            "2023004.rar": b"Rar!",
        }
    )
    root = put({"all.zip": body})
    taken = take(root / "all.zip")
    assert set(_by_student(taken)) == {"2023001"}
    refused = {p.where: str(p.message) for p in taken.problems}
    assert set(refused) == {"2023002_李四.zip", "2023003.tar.gz", "2023004.rar"}
    assert "evil.py" in refused["2023002_李四.zip"]
    assert not list(tmp_path.rglob("evil.py"))


def test_a_bad_entry_of_the_download_does_not_stop_the_class(put, take) -> None:
    """An unsafe entry of the outer archive is left out by name."""
    root = put({"all.zip": {"../x.zip": b"x", "2023001.zip": zipped({"ch01_overview.py": WORK})}})
    taken = take(root / "all.zip")
    assert set(_by_student(taken)) == {"2023001"}
    assert "../x.zip" in str(taken.problems[0].message)


def test_the_newest_copy_wins_and_the_other_is_told(put, take) -> None:
    """`hw (1).zip` is newer than `hw.zip`; the note says which attempt counts."""
    old, new = zipped({"ch01_overview.py": b"A = 1\n"}), zipped({"ch01_overview.py": b"A = 2\n"})
    root = put({"2023001_hw.zip": old, "2023001_hw (1).zip": new})
    taken = take(root)
    (one,) = taken.submissions
    assert (one.folder / "ch01_overview.py").read_bytes() == b"A = 2\n"
    assert one.attempt == 2
    assert any(note.values.get("count") == 2 for note in one.notes)
    assert [p.kind for p in taken.problems] == ["duplicate"]


def test_all_attempts_are_kept_for_best(put, take) -> None:
    """With the policy `best` both attempts are graded."""
    root = put({"2023001 (1).zip": {"ch01_overview.py": WORK}, "2023001.zip": {"ch01_overview.py": WORK}})
    taken = take(root, attempts="best")
    assert sorted(s.attempt for s in taken.submissions) == [1, 2]
    assert len({s.id for s in taken.submissions}) == 2


def test_chapters_from_two_downloads_add_up(put, tmp_path, chapters) -> None:
    """A later hand-in for another chapter does not throw the earlier one away."""
    root = put({"hw1/2023001/ch01_overview.py": WORK, "hw1/9/ch01_overview.py": WORK,
                "hw2/2023001/ch02_tokenizer.py": WORK, "hw2/9/ch02_tokenizer.py": WORK})  # fmt: skip
    taken = gather([root / "hw1", root / "hw2"], chapters, work=tmp_path / "w")
    own = [s.modules for s in taken.submissions if s.student == "2023001"]
    assert own == [{"ch01_overview": "ch01_overview.py"}, {"ch02_tokenizer": "ch02_tokenizer.py"}]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("ch01 (1).py", "ch01 (1).py"),
        ("CH01_Overview.py", "CH01_Overview.py"),
        ("ch01_overview.ipynb", "ch01_overview.ipynb"),
        ("ch01_overview-2.py", "ch01_overview-2.py"),
        ("hw/deep/ch01_overview.py", "ch01_overview.py"),
        ("2023001_ch01_overview.py", "2023001_ch01_overview.py"),
        ("ch01_overview - 副本.py", "ch01_overview - 副本.py"),
    ],
)
def test_modules_are_found_however_they_are_called(put, take, name, asked) -> None:
    """Copies, another case, a notebook, one folder too many; what differs is noted."""
    (one,) = take(put({f"2023001/{name}": WORK, "2023002/ch01_overview.py": WORK})).submissions[:1]
    assert one.modules == {"ch01_overview": asked}
    assert bool(one.notes) == (asked != "ch01_overview.py")


def test_an_exact_name_is_preferred_and_the_rest_is_told(put, take) -> None:
    """The file asked for counts, not its copy or notebook."""
    files = ("ch01_overview.py", "ch01_overview (1).py", "ch01_overview.ipynb")
    taken = take(put({f"2023001/{name}": WORK for name in files} | {"x/ch01_overview.py": WORK}))
    one = _by_student(taken)["2023001"]
    assert one.modules["ch01_overview"] == "ch01_overview.py"
    assert "ch01_overview (1).py" in str(one.notes[0].values["others"])


def test_links_in_a_folder_are_refused(put, take) -> None:
    """A link to another student's work is not followed."""
    root = put({"1111111/ch01_overview.py": WORK, "2222222/other.py": WORK})
    (root / "2222222" / "ch01_overview.py").symlink_to(root / "1111111" / "ch01_overview.py")
    (root / "3333333").symlink_to(root / "1111111")
    taken = take(root)
    assert set(_by_student(taken)) == {"1111111"}
    assert sorted(_kinds(taken)) == [("refused", "2222222"), ("refused", "3333333")]


def test_canvas(put, take, roster, chapters) -> None:
    """User ids map to the roster; LATE, renamed copies, online text and anonymous users are understood."""
    root = put(
        {
            "张三_501_8801_ch01_overview.py": WORK,
            "张三_501_8802_ch02_tokenizer-1.py": WORK,
            "zhangsan_LATE_503_8803_hw.zip": {"ch01_overview.py": WORK},
            "李四_502_text.html": b"<p>see my repo</p>",
            "anon_x7Gh2_8805_ch01_overview.py": WORK,
        }
    )
    assert detect(root, chapters) == "canvas"
    taken = take(root, roster)
    students = _by_student(taken)
    assert set(students) == {"2023001", "2023002", "2023003", "anon_x7Gh2"}
    assert set(students["2023001"].modules) == set(chapters)
    assert [students[s].late for s in ("2023001", "2023003")] == [False, True]
    assert students["2023001"].account == "501"
    assert not students["2023002"].modules
    assert students["2023002"].notes[0].values["name"] == "李四_502_text.html"
    assert _kinds(taken) == [("unmapped", "anon_x7Gh2_8805_ch01_overview.py")]


def test_canvas_group(put, take, roster) -> None:
    """A group's name stands for its members."""
    taken = take(put({"红队_77_8801_ch01_overview.py": WORK, "san_503_1_ch01_overview.py": WORK}), roster)
    team = next(s for s in taken.submissions if s.team == "红队")
    assert team.members == ("2023001", "2023002")


@pytest.mark.parametrize("tail", ["_assignsubmission_file_", "_assignsubmission_file"])
def test_moodle(put, take, roster, chapters, tail) -> None:
    """Folders a participant, with and without the trailing underscore."""
    root = put(
        {
            f"张三_901{tail}/ch01_overview.py": WORK,
            f"Zhang San_903{tail}/work.zip": {"ch01_overview.py": WORK},
            "李四_902_assignsubmission_onlinetext_/onlinetext.html": b"hello",
            "李四_902_assignsubmission_file_/ch01_overview.py": WORK,
        }
    )
    assert detect(root, chapters) == "moodle"
    students = _by_student(take(root, roster))
    assert set(students) == {"2023001", "2023002", "2023003"}
    assert all(set(s.modules) == {"ch01_overview"} for s in students.values())
    assert students["2023003"].account == "903"


WORKSHEETS = {
    "english": (
        "Identifier,Full name,ID number,Status,Grade,Last modified (submission),Last modified (grade)\n"
        'Participant 901,张三,2023001,Submitted for grading,,"Thursday, 28 March 2024, 11:58 PM",-\n'
        "Participant 902,李四,2023002,No submission,,-,-\n"
    ),
    "american": (
        "Identifier,Full name,ID number,Grade,Last modified (submission)\n"
        'Participant 901,张三,2023001,,"Thursday, March 28, 2024, 11:58 PM"\n'
        "Participant 902,李四,2023002,,-\n"
    ),
    "chinese": (
        "编号,全名,学号,成绩,最后修改（提交）\n"
        "参与者901,张三,2023001,,2024年03月28日 星期四 23:58\n"
        "参与者902,李四,2023002,,-\n"
    ),
}


@pytest.mark.parametrize("worksheet", WORKSHEETS)
def test_moodle_times_come_from_the_worksheet(put, take, tmp_path, worksheet) -> None:
    """A download says no times; the grading worksheet, given as the roster, does, in the site's language."""
    file = tmp_path / "worksheet.csv"
    file.write_text(WORKSHEETS[worksheet], encoding="utf-8-sig")
    root = put({f"{name}_assignsubmission_file_/ch01_overview.py": WORK for name in ("张三_901", "李四_902")})
    students = _by_student(take(root, read_roster(file)))
    assert students["2023001"].submitted == datetime(2024, 3, 28, 23, 58)  # noqa: DTZ001 - Moodle writes no zone
    assert students["2023002"].submitted is None


def test_moodle_flat_and_groups(put, take, roster) -> None:
    """The flat variant names the file at the end; a group's name may stand before the person's."""
    root = put(
        {
            "张三_901_assignsubmission_file_ch01_overview.py": WORK,
            "蓝队-San Zhang_903_assignsubmission_file_ch01_overview.py": WORK,
        }
    )
    students = _by_student(take(root, roster))
    assert set(students) == {"2023001", "2023003"}
    assert students["2023003"].team == "蓝队"


def test_gradescope(put, take, roster, chapters) -> None:
    """Ruby's symbols and times are read; groups become teams."""
    metadata = b"""---
submission_11:
  :submitters:
  - :name: Zhang San
    :sid: '2023001'
    :email: zhang@x.cn
  - :name: Li Si
    :sid: ''
    :email: li@x.cn
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2024-03-28 15:00:00.123 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Asia/Shanghai
  :score: 3.0
  :status: processed
  :history:
  - :id: 5
submission_12:
  :submitters:
  - :name: New Person
    :sid: '777'
    :email: new@x.cn
  :created_at: 2024-03-28 16:00:00 +0000
"""
    root = put({"assignment_1_export/submission_metadata.yml": metadata,
                "assignment_1_export/submission_11/ch01_overview.py": WORK,
                "assignment_1_export/submission_12/ch01_overview.py": WORK,
                "assignment_1_export/submission_13/ch01_overview.py": WORK})  # fmt: skip
    assert detect(root, chapters) == "gradescope"
    taken = take(root, roster)
    students = _by_student(taken)
    assert set(students) == {"2023001", "777"}
    assert students["2023001"].members == ("2023001", "2023002")
    assert students["2023001"].submitted == datetime(2024, 3, 28, 15, 0, 0, 123000, tzinfo=UTC)
    assert students["777"].submitted == datetime(2024, 3, 28, 16, tzinfo=UTC)
    assert sorted(_kinds(taken)) == [("refused", "submission_13"), ("unmapped", "submission_12")]


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=li@x.cn", *words], cwd=folder, check=True,
                   capture_output=True)  # fmt: skip


def test_git_clones_and_bundles(put, take, roster, chapters, tmp_path) -> None:
    """HEAD counts, not the working tree; bundles are opened; nothing that a repository configures is run."""
    root = put({"hw1-zhangsan-git/ch01_overview.py": WORK, "clone2/ch01_overview.py": WORK, "empty/a.py": WORK})
    marker = tmp_path / "ran"
    for name in ("hw1-zhangsan-git", "clone2", "empty"):
        _git(root / name, "init", "-q", "-b", "main")
        if name != "empty":
            _git(root / name, "add", "-A")
            _git(root / name, "commit", "-qm", "work", "--date=2024-03-28T10:00:00Z")
        for key in ("core.fsmonitor", "core.pager", "gpg.program"):
            _git(root / name, "config", key, f"touch {marker}")
        _git(root / name, "config", "log.showSignature", "true")
    _git(root / "clone2", "bundle", "create", "../repo-sanz.bundle", "main")
    (root / "clone2" / "ch01_overview.py").write_bytes(b"not committed")
    assert detect(root, chapters) == "git"
    taken = take(root, roster)
    students = _by_student(taken)
    assert set(students) == {"2023001", "2023002", "2023003"}
    assert (students["2023002"].folder / "ch01_overview.py").read_bytes() == WORK
    assert students["2023001"].submitted is None, "a committer writes what date they like"
    assert students["2023001"].claimed is not None
    assert _kinds(taken) == [("refused", "empty")]
    assert not marker.exists()


def test_two_students_of_one_name_are_not_guessed(put, take, roster) -> None:
    """An ambiguous name maps to nobody and is reported."""
    taken = take(put({"王伟_1_8801_ch01_overview.py": WORK, "张三_501_1_ch01_overview.py": WORK}), roster)
    assert _kinds(taken) == [("unmapped", "王伟_1_8801_ch01_overview.py")]


def test_a_roster_without_numbers_is_an_error(tmp_path) -> None:
    """The message says which headers are known."""
    file = tmp_path / "r.csv"
    file.write_text("foo,bar\n1,2\n")
    with pytest.raises(IntakeError, match="学号"):
        read_roster(file)


def test_nothing_at_a_path(take, tmp_path) -> None:
    """A wrong path is the staff's error."""
    with pytest.raises(IntakeError, match="no such"):
        take(tmp_path / "absent")


def test_unknown_source(put, take) -> None:
    """`--from` names one of the modules."""
    with pytest.raises(IntakeError, match="canvas, folder, git"):
        take(put({"a/ch01_overview.py": WORK}), come_from="blackboard")


def test_names_that_are_no_text_stop_nobody(put, take) -> None:
    """A folder called in GBK bytes is read as GBK; what it gives can be written down."""
    import os

    root = put({"bob/ch01_overview.py": WORK})
    folder = os.fsencode(root) + b"/" + "王五".encode("gbk")
    Path(os.fsdecode(folder)).mkdir()
    (root / os.fsdecode("王五".encode("gbk")) / "ch01_overview.py").write_bytes(WORK)
    taken = take(root)
    assert set(_by_student(taken)) == {"bob", "王五"}
    assert all(s.model_dump_json() for s in taken.submissions)

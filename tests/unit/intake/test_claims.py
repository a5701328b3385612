"""Several claims on one student are attempts of one person, or a conflict; never a silent win."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import WORK

from grader.intake.gather import gather
from grader.intake.roster import read_roster
from grader.nouns.claim import Rank
from grader.nouns.intake import Intake, Roster

ROSTER = """学号,姓名,login,小组,canvas id,participant,email
2023001,Alice Martin,amartin,red,501,901,alice@x.cn
2023002,Bob Lee,blee,red,502,902,bob@x.cn
2023003,张三,zhangsan,,503,903,z3@x.cn
20230011,李四,lisi,,504,904,l4@x.cn
"""
OWN, OTHER = b"ANSWERS = {'own': 1}\n", b"ANSWERS = {'other': 1}\n"


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    return read_roster(file)


@pytest.fixture
def take(tmp_path: Path, chapters):
    def taken(path: Path, roster: Roster | None = None, **options) -> Intake:
        return gather([path], chapters, roster, work=tmp_path / "work", **options)

    return taken


def _credited(taken: Intake) -> dict[str, bytes]:
    return {s.student: (s.folder / next(iter(s.modules.values()))).read_bytes() for s in taken.submissions}


def _conflicts(taken: Intake) -> set[str]:
    return {p.where for p in taken.problems if p.kind == "conflict"}


ATTEMPTS = [
    ("2023001.zip", "2023001 (1).zip"),
    ("2023001_hw1.zip", "2023001_hw1 (1).zip"),
    ("2023001_final.zip", "2023001_new_v2.zip"),
    ("2023001_attempt_2024-03-28-10-00-00.zip", "2023001_attempt_2024-03-29-10-00-00.zip"),
    ("张三_作业.zip", "张三_作业 - 副本.zip"),
    ("alice_ch01.zip", "alice_ch01 (2).zip"),
]


@pytest.mark.parametrize("names", ATTEMPTS)
@pytest.mark.parametrize("known", [True, False])
def test_a_resubmission_is_an_attempt(put, take, roster, names, known) -> None:
    """Names that differ in copy mark, time, chapter or words for work are one person's attempts."""
    root = put({name: {"ch01_overview.py": WORK} for name in (*names, "2023002.zip")})
    taken = take(root, roster if known else None)
    assert not _conflicts(taken)
    assert len([p for p in taken.problems if p.kind == "duplicate"]) == 1


CONFLICTS = {
    "two words": ("2023001_xenia.zip", "2023001_xavier.zip"),
    "number and name": ("2023001.zip", "Alice Martin.zip"),
    "full width": ("2023001.zip", "２０２３００１.zip"),
    "archive and folder": ("2023001.zip", "2023001/"),
    "archive and module": ("2023001.zip", "2023001_ch01_overview.py"),
    "login and name": ("amartin.zip", "Martin, Alice.zip"),
}


@pytest.mark.parametrize("names", CONFLICTS.values(), ids=CONFLICTS)
def test_equal_claims_on_one_student_are_a_conflict(put, take, roster, names) -> None:
    """None of them is graded, all are named, and an honest classmate is graded as ever."""
    files = {_content(name): {"ch01_overview.py": OWN} if name.endswith(".zip") else OWN for name in names}
    taken = take(put(files | {"2023003.zip": {"ch01_overview.py": OTHER}}), roster)
    assert _credited(taken) == {"2023003": OTHER}
    assert _conflicts(taken) == {name.rstrip("/") for name in names}
    assert {p.students for p in taken.problems if p.kind == "conflict"} == {("2023001",)}


def test_equal_claims_without_a_roster(put, take) -> None:
    """One number with two names, and one name in two cases."""
    taken = take(put({name: {"ch01_overview.py": WORK} for name in
                      ("2023001_bob.zip", "2023001_alice.zip", "Carol.zip", "carol.zip", "dan.zip")}))  # fmt: skip
    assert set(_credited(taken)) == {"dan"}
    assert _conflicts(taken) == {"2023001_bob.zip", "2023001_alice.zip", "Carol.zip", "carol.zip"}


def _content(name: str) -> str:
    return f"{name}ch01_overview.py" if name.endswith("/") else name


@pytest.mark.parametrize("name", ["2023001_bob.zip", "2023001_x.zip", "hello_amartin.zip", "2023001 Bob Lee.zip"])
def test_a_part_of_a_name_never_beats_the_whole(put, take, roster, name) -> None:
    """A number inside somebody's file name takes nothing over; what claims it is named and not graded."""
    taken = take(put({"2023001.zip": {"ch01_overview.py": OWN}, name: {"ch01_overview.py": OTHER}}), roster)
    assert _credited(taken) == {"2023001": OWN}
    assert _conflicts(taken) == {name}


@pytest.mark.parametrize(
    "name",
    [
        "2023001_2023002.zip", "2023001_bob.zip", "Alice Martin_Bob Lee.zip", "amartin blee.zip", "2023001_张三.zip",
        "2023001_2099999.zip", "张三_20230011.zip", "2023001+zhangsan.zip",
    ],
)  # fmt: skip
def test_a_name_with_two_people_stands_for_nobody(put, take, roster, name) -> None:
    """Two numbers, a team mate's name, a number that the roster does not know: a person has to say whose it is."""
    taken = take(put({name: {"ch01_overview.py": WORK}, "lisi.zip": {"ch01_overview.py": OWN}}), roster)
    assert _credited(taken) == {"20230011": OWN}
    assert _conflicts(taken) == {name}


def test_two_numbers_without_a_roster(put, take) -> None:
    """A date beside a number is no second person."""
    taken = take(put({"2023001_2023002.zip": {"ch01_overview.py": WORK}, "2023003_20240328.zip":
                      {"ch01_overview.py": OWN}}))  # fmt: skip
    assert _credited(taken) == {"2023003": OWN}
    assert _conflicts(taken) == {"2023001_2023002.zip"}


def test_a_number_that_begins_like_another(put, take, roster) -> None:
    """A longer number is another student's."""
    taken = take(put({"20230011_hw.zip": {"ch01_overview.py": OTHER}, "2023001_hw.zip": {"ch01_overview.py": OWN}}),
                 roster)  # fmt: skip
    assert _credited(taken) == {"20230011": OTHER, "2023001": OWN}
    assert not _conflicts(taken)


@pytest.mark.parametrize("inner", ["alice_2023001", "2023001", "Alice Martin"])
@pytest.mark.parametrize("known", [True, False])
def test_what_lies_in_an_archive_says_nothing_about_its_owner(put, take, roster, inner, known) -> None:
    """`bob.zip` with a folder of another student's name is Bob's, alone or beside others."""
    bob = {f"{inner}/ch01_overview.py": OTHER}
    root = put({"blee.zip": bob, "2023003.zip": {"ch01_overview.py": OWN}})
    alone = take(root / "blee.zip", roster if known else None)
    assert set(_credited(alone)) == {"2023002" if known else "blee"}
    assert set(_credited(take(root, roster if known else None))) == {"2023002" if known else "blee", "2023003"}


def test_an_archive_of_all_is_named_by_its_folder_at_the_lowest_rank(put, take, roster) -> None:
    """Where the archive's own name says nothing, the folder in it counts, and a surer claim beats it."""
    root = put({"homework.zip": {"2023001/ch01_overview.py": WORK}})
    (one,) = take(root / "homework.zip", roster).submissions
    assert (one.student, one.claim.rank) == ("2023001", Rank.INNER)


def test_the_platform_beats_every_name(put, tmp_path, chapters, roster) -> None:
    """A file called after a student beside the student's own Canvas hand-in is named and not graded."""
    canvas = put({"c/alicemartin_501_8801_ch01_overview.py": OWN, "c/leebob_502_8802_ch01_overview.py": OTHER,
                  "z/2023001.zip": {"ch01_overview.py": OTHER}})  # fmt: skip
    for paths in ([canvas / "c", canvas / "z"], [canvas / "z", canvas / "c"]):
        taken = gather(paths, chapters, roster, work=tmp_path / "w")
        assert _credited(taken) == {"2023001": OWN, "2023002": OTHER}
        assert _conflicts(taken) == {"2023001.zip"}


def test_a_refused_hand_in_is_not_replaced_by_a_lesser_claim(put, tmp_path, chapters, roster) -> None:
    """Nothing takes the place of a platform's hand-in that could not be read."""
    root = put({"c/alicemartin_501_8801_hw.zip": b"no zip", "c/leebob_502_8802_ch01_overview.py": OTHER,
                "z/2023001.zip": {"ch01_overview.py": OTHER}})  # fmt: skip
    taken = gather([root / "c", root / "z"], chapters, roster, work=tmp_path / "w")
    assert _credited(taken) == {"2023002": OTHER}
    assert {(p.kind, p.where) for p in taken.problems} == {
        ("refused", "alicemartin_501_8801_hw.zip"),
        ("conflict", "2023001.zip"),
    }


@pytest.mark.parametrize("name", ["alicemartin", "martinalice", "2023001", "amartin", "red-Alice Martin"])
@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_a_display_name_is_no_evidence_where_the_roster_knows_the_account(put, take, roster, name, platform) -> None:
    """Somebody else's account under a student's name is somebody else."""
    names = {
        "canvas": (f"{name}_777_8801_ch01_overview.py", "leebob_502_8802_ch01_overview.py"),
        "moodle": (f"{name}_777_assignsubmission_file_/ch01_overview.py",
                   "Bob Lee_902_assignsubmission_file_/ch01_overview.py"),
    }[platform]  # fmt: skip
    taken = take(put(dict.fromkeys(names, OTHER)), roster, come_from=platform)
    assert set(_credited(taken)) == {"777", "2023002"}
    assert [p.kind for p in taken.problems] == ["unmapped"]


def test_an_account_counts_on_its_own_platform_only(put, take, roster) -> None:
    """Canvas user 902 is not Moodle participant 902, and not student 902."""
    taken = take(put({"somebody_902_8801_ch01_overview.py": OTHER, "leebob_502_1_ch01_overview.py": OWN}), roster)
    assert _credited(taken) == {"902": OTHER, "2023002": OWN}


def test_an_account_that_is_a_student_number_is_a_conflict(put, take, roster) -> None:
    """A platform's number that looks like a student's is not the student."""
    taken = take(put({"x_2023001_8801_ch01_overview.py": OTHER, "leebob_502_1_ch01_overview.py": OWN}), roster)
    assert _credited(taken) == {"2023002": OWN}
    assert _conflicts(taken) == {"x_2023001_8801_ch01_overview.py"}


def test_a_team_is_not_taken_over_by_a_display_name(put, take, roster) -> None:
    """Who is called like a team but is known by account hands in alone; a team's prefix makes nobody a member."""
    taken = take(put({"red_503_8801_ch01_overview.py": OTHER, "leebob_502_1_ch01_overview.py": OWN}), roster)
    assert {s.student: s.members for s in taken.submissions} == {"2023003": (), "2023002": ()}
    taken = take(put({"m/red-张三_903_assignsubmission_file_/ch01_overview.py": OTHER,
                      "m/red-Nobody_999_assignsubmission_file_/ch01_overview.py": OTHER}) / "m",
                 roster, come_from="moodle")  # fmt: skip
    assert {s.student: s.members for s in taken.submissions} == {"2023003": (), "999": ()}


def test_a_team_by_name_beside_a_members_own(put, tmp_path, chapters, roster) -> None:
    """What is in a team's name by nobody in particular gives way to a member's own hand-in of that chapter."""
    root = put({"c/alicemartin_501_8801_ch01_overview.py": OWN, "c/leebob_502_1_ch02_tokenizer.py": OWN,
                "z/red.zip": {"ch01_overview.py": OTHER}, "z/2023003.zip": {"ch01_overview.py": OWN}})  # fmt: skip
    taken = gather([root / "c", root / "z"], chapters, roster, work=tmp_path / "w")
    assert _credited(taken) == {"2023001": OWN, "2023002": OWN, "2023003": OWN}
    assert _conflicts(taken) == {"red.zip"}


@pytest.mark.parametrize(
    "names",
    [
        [f"hw_1_{2023001 + n}_{who}.zip" for n, who in enumerate(("ann", "bea", "cid", "dan", "eve", "fay"))],
        [f"作业_1_{2023001 + n}_第{n}章.zip" for n in range(6)],
        [f"spring_7_{n}_20239{n:02}.zip" for n in range(6)],
        [f"x_7_88_{who}.zip" for who in ("ann", "bea")],
    ],
)
@pytest.mark.parametrize("suffix", [".zip", ".py"])
def test_many_people_never_become_one(put, take, names, suffix) -> None:
    """Names that only look like one Canvas user's are not one submission, in silence."""
    files = {n: {"ch01_overview.py": n.encode()} for n in names}
    if suffix == ".py":
        files = {n.replace(".zip", "_ch01_overview.py"): n.encode() for n in names}
    taken = take(put(files))
    assert len(taken.submissions) in {0, len(names)}
    if not taken.submissions:
        assert all(p.kind in {"conflict", "refused"} for p in taken.problems)
        assert {p.where for p in taken.problems} == set(files)


@pytest.mark.parametrize("known", [True, False])
def test_flat_modules_of_several_people_are_a_class(put, take, roster, known) -> None:
    """Modules called after people beside each other are each their own; one without a name is refused."""
    root = put({"2023001_ch01_overview.py": OWN, "2023001_ch02_tokenizer.py": OWN, "张三 ch01_overview.py": OTHER,
                "ch01_overview.py": WORK})  # fmt: skip
    taken = take(root, roster if known else None)
    assert {s.student for s in taken.submissions} == {"2023001", "2023003" if known else "张三"}
    assert [(p.kind, p.where) for p in taken.problems] == [("refused", "ch01_overview.py")]


def test_a_stray_module_does_not_make_a_class_one_submission(put, take) -> None:
    """Folders of students beside a module at the top are still a class."""
    root = put({"ch01_overview.py": WORK, "ann/ch01_overview.py": OWN, "code/ch01_overview.py": OWN})
    taken = take(root)
    assert "ann" in _credited(taken)
    assert len(taken.submissions) == 2


def test_a_time_in_a_name_is_noted_and_never_when_it_was_handed_in(put, take, tmp_path) -> None:
    """The worksheet's time counts; a claimed one only orders the attempts."""
    file = tmp_path / "worksheet.csv"
    file.write_text("学号,姓名,提交时间\n2023001,A,2024年03月28日 23:58\n2023002,B,-\n", encoding="utf-8")
    root = put({f"{who}_2020-01-01-00-00-00.zip": {"ch01_overview.py": WORK} for who in ("2023001", "2023002")})
    found = {s.student: s for s in take(root, read_roster(file)).submissions}
    assert found["2023001"].submitted.year == 2024
    assert found["2023002"].submitted is None
    assert found["2023002"].claimed.year == 2020
    assert any("2020-01-01" in str(note) for note in found["2023002"].notes)


@pytest.mark.parametrize("name", ["2023001_2023003", "Alice Martin Bob Lee", "2023001"])
def test_a_contradictory_hand_in_keeps_nobodys_own_from_counting(put, take, roster, name) -> None:
    """An unknown account with several people's names, or a file with them, blocks none of those people."""
    taken = take(put({f"{name}_2023001_8801_ch01_overview.py": OTHER, "alicemartin_501_1_ch01_overview.py": OWN,
                      "leebob_502_2_ch01_overview.py": OWN}), roster)  # fmt: skip
    assert _credited(taken) == {"2023001": OWN, "2023002": OWN}
    assert len(_conflicts(taken)) == 1


@pytest.mark.parametrize("mail", ["alice@x.cn", "bob@x.cn"])
def test_metadata_that_contradict_themselves(put, take, roster, mail) -> None:
    """A student number of one and an address of another person: that hand-in waits, others count."""
    sid = {"alice@x.cn": "2023002", "bob@x.cn": "2023001"}[mail]
    metadata = f"""---
submission_1:
  :submitters:
  - {{":name": X, ":sid": '{sid}', ":email": {mail}}}
  :created_at: 2024-03-28 16:00:00 +0000
submission_2:
  :submitters:
  - {{":name": Alice, ":sid": '2023001', ":email": alice@x.cn}}
  :created_at: 2024-03-28 16:00:00 +0000
"""
    taken = take(put({"e/submission_metadata.yml": metadata.encode(), "e/submission_1/ch01_overview.py": OTHER,
                      "e/submission_2/ch01_overview.py": OWN}), roster)  # fmt: skip
    assert _credited(taken) == {"2023001": OWN}
    assert _conflicts(taken) == {"submission_1"}

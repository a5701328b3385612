"""A graded class as a pandas frame: a row a question, dtypes to compute with, and refusals that say what to do."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import grader
from grader.bulk.grade import grade_all
from grader.course.load import load_chapter, load_course
from grader.errors import LedgerError
from grader.execute.runtime import Runtime
from grader.nouns.binding import ModelChoice
from grader.nouns.report import Report
from grader.nouns.submission import Submission
from grader.pipeline import Grading

SMALL = Path(__file__).parents[2] / "courses/small"
RIGHT = """\
ANSWERS = {"which": "B"}
def mean(numbers):
    return sum(numbers) / len(numbers)
def shout(text):
    return text.upper()
"""
WORK = {
    "0007": RIGHT,
    "0012": RIGHT.replace(" / len(numbers)", ""),
    "0013": RIGHT.replace("text.upper()", "text.upper() if text == 'llm' else text"),
    "0020": RIGHT.replace("text.upper()", "text / 2").replace('"B"', '"A"'),
}
NAMES = {"0007": "王芳", "0012": "Ann"}
TIMES = {
    "0007": datetime(2024, 3, 28, 23, 0, 0),  # noqa: DTZ001 - as a file name says it, without a zone
    "0012": datetime(2024, 3, 30, 12, 0, 0, tzinfo=UTC),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, light: Callable[[], Runtime]) -> tuple[Path, tuple[Report, ...]]:
    """A class of four, graded by its sandbox: the folder of its results, and its reports."""
    base = tmp_path_factory.mktemp("class")
    submissions = []
    for student, source in WORK.items():
        (base / student).mkdir()
        (base / student / "warmup.py").write_text(source, encoding="utf-8")
        submissions.append(
            Submission(
                id=f"{student}-warmup",
                student=student,
                folder=base / student,
                modules={"warmup": "warmup.py"},
                name=NAMES.get(student, ""),
                submitted=TIMES.get(student),
            )
        )
    course = load_course(SMALL)
    with Grading(course, [load_chapter(course, "warmup")], ModelChoice(), runtime=light()) as grading:
        result = grade_all(grading, submissions, base / "results", jobs=1)
    assert result.failed == ()
    return base / "results", result.reports


@pytest.fixture
def frame(graded: tuple[Path, tuple[Report, ...]]) -> pd.DataFrame:
    return grader.results(graded[0])


def test_a_row_holds_what_the_report_says_of_a_question(
    frame: pd.DataFrame, graded: tuple[Path, tuple[Report, ...]]
) -> None:
    """Every question of every report, in the order of the reports, and nothing else."""
    expected = [
        (report.student, report.submission, chapter.id, q.id, q.status, q.score, q.max_score)
        for report in graded[1]
        for chapter in report.chapters
        for q in chapter.questions
    ]
    columns = ["student", "submission", "chapter", "question", "status", "score", "max_score"]
    assert list(frame[columns].itertuples(index=False, name=None)) == expected
    assert len(expected) == 12


def test_a_fault_is_told_from_a_wrong_answer(frame: pd.DataFrame) -> None:
    """Status, share, misconception and counts of cases, for each kind of work."""
    rows = {(row["student"], row["question"]): row for row in frame.to_dict("records")}
    assert rows["0012", "mean"]["misconception"] == "sum"
    assert frame["misconception"].count() == 1, "missing wherever no misconception explains the answer"
    assert rows["0020", "shout"]["status"] == "error"
    assert rows["0020", "which"]["status"] == "wrong"
    half = rows["0013", "shout"]
    assert (half["status"], half["cases_correct"]) == ("partial", 1)
    assert half["share"] == pytest.approx(half["score"] / half["max_score"])
    assert [rows["0007", question]["share"] for question in ("mean", "shout", "which")] == [1.0, 1.0, 1.0]
    assert rows["0007", "mean"]["cases"] == 4, "public and hidden ones"


def test_columns_have_dtypes_to_compute_with(frame: pd.DataFrame) -> None:
    """Ids keep their zeros, times are times, numbers are numbers, and an unknown name or time is missing."""
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == {
        "submission": "str",
        "student": "str",
        "name": "str",
        "team": "str",
        "submitted": "datetime64[us, UTC]",
        "days_late": "int64",
        "attempt": "int64",
        "chapter": "category",
        "question": "category",
        "advanced": "bool",
        "status": "category",
        "score": "float64",
        "max_score": "float64",
        "share": "float64",
        "misconception": "str",
        "cases": "int64",
        "cases_correct": "int64",
        "wall_seconds": "float64",
        "cpu_seconds": "float64",
        "memory_bytes": "int64",
    }
    people = frame.groupby("student").first()
    assert people.index.tolist() == ["0007", "0012", "0013", "0020"]
    assert people["name"].isna().tolist() == [False, False, True, True]
    assert people["submitted"].isna().tolist() == [False, False, True, True]
    assert people["team"].isna().all()
    assert people["days_late"].tolist() == [0, 2, 0, 0]
    called = frame[frame["question"] != "which"]
    assert (called["wall_seconds"] > 0).all()


def test_tables_keep_the_order_of_the_course(frame: pd.DataFrame) -> None:
    """A pivot has questions as the course has them, not by the alphabet; a status nobody has counts zero."""
    table = frame.pivot_table(index="student", columns="question", values="score", observed=False)
    assert list(table.columns) == ["mean", "shout", "which"]
    counts = frame["status"].value_counts()
    assert (counts["correct"], counts["timeout"]) == (8, 0)


def test_times_without_a_zone_are_in_the_zone_that_is_named(graded: tuple[Path, tuple[Report, ...]]) -> None:
    """A time that came with a zone is the same moment in every zone; one without is a time of day in it."""
    here = grader.results(graded[0], zone="Asia/Shanghai").groupby("student")["submitted"].first()
    assert here["0007"] == pd.Timestamp("2024-03-28 23:00", tz="Asia/Shanghai")
    assert here["0012"] == pd.Timestamp("2024-03-30 20:00", tz="Asia/Shanghai")
    there = grader.results(str(graded[0])).groupby("student")["submitted"].first()
    assert there["0007"] == pd.Timestamp("2024-03-28 23:00", tz="UTC")
    assert there["0012"] == here["0012"]


def test_a_folder_without_results_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """An empty folder and one that is not there: which file was looked for, what to run, and no ledger is made."""
    for folder in (tmp_path, tmp_path / "mistyped"):
        with pytest.raises(LedgerError, match=r"ledger\.sqlite: nothing has been graded here yet; run `grader grade`"):
            grader.results(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_killed_before_its_scores_has_no_results(tmp_path: Path) -> None:
    """A ledger without scores is named as such, instead of an empty frame."""
    from grader.store.ledger import FILE, Ledger

    with Ledger(tmp_path / FILE) as ledger:
        ledger.begin("grade", {})
    with pytest.raises(LedgerError, match="nothing has been graded here yet"):
        grader.results(tmp_path)


WITHOUT_PANDAS = """\
import sys
class NoPandas:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ImportError("not installed")
if sys.argv[2] == "without":
    sys.meta_path.insert(0, NoPandas())
import grader
from grader.errors import GraderError
assert {name for name in sys.modules if name.partition(".")[0] == "grader"} == {"grader", "grader.errors"}
assert not {"pandas", "numpy", "torch", "pydantic", "click"} & set(sys.modules)
try:
    print(len(grader.results(sys.argv[1])))
except GraderError as error:
    print(error)
assert "torch" not in sys.modules
"""


@pytest.mark.parametrize(
    ("installed", "said"),
    [("with", "12"), ("without", "a frame of results needs the extra: pip install '.[analysis]'")],
)
def test_pandas_is_needed_only_when_results_are_asked_for(
    graded: tuple[Path, tuple[Report, ...]], installed: str, said: str
) -> None:
    """`import grader` loads nothing; without pandas the error names the extra; torch is never needed."""
    words = [sys.executable, "-c", WITHOUT_PANDAS, str(graded[0]), installed]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == said


def test_the_example_of_the_handbook_runs(
    graded: tuple[Path, tuple[Report, ...]], assignments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Word for word, beside a folder `results/`; its frame is that of the class."""
    handbook = (assignments / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^    .*\n|^\n)+", handbook, re.MULTILINE)
    (example,) = (block for block in blocks if "grader.results(" in block)
    monkeypatch.chdir(graded[0].parent)
    found: dict[str, pd.DataFrame] = {}
    exec(textwrap.dedent(example), found)
    assert len(found["frame"]) == 12

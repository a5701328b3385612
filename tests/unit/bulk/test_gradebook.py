"""A results folder over several runs: nobody loses a report, files follow the ledger, one secret, damage made anew."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.in_memory import InMemory

from grader.bulk import grade, results
from grader.bulk.grade import Result
from grader.course.load import load_chapters, load_course
from grader.errors import GraderError, LedgerError, SandboxError
from grader.execute import local
from grader.execute.runtime import Runtime
from grader.nouns.binding import ModelChoice
from grader.nouns.job import Job
from grader.nouns.outcome import Outcome
from grader.nouns.submission import Submission
from grader.nouns.text import say
from grader.pipeline import Grading
from grader.store.ledger import FILE, Ledger, existing
from grader.store.record import Record

RIGHT = "import math\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n"
WRONG = RIGHT.replace("math.log,", "math.log2,")


class Failing(InMemory):
    """A machine that cannot run some people's work."""

    def __init__(self) -> None:
        super().__init__()
        self.cannot: set[str] = set()

    def run(self, job: Job) -> tuple[Outcome, ...]:
        if job.folder.name in self.cannot:
            raise SandboxError(say("no processor"))
        return super().run(job)


@pytest.fixture
def sandbox() -> Failing:
    return Failing()


Opened = Callable[..., Grading]


@pytest.fixture
def opened(toy: Path, sandbox: Failing) -> Iterator[Opened]:
    """Opens the toy course as it is then, or one chapter of it; there are two, `toy` and its copy `two`."""
    shutil.copytree(toy / "assignments/toy", toy / "assignments/two")
    shutil.copytree(toy / "reference/toy", toy / "reference/two")
    for file, old, new in (
        ("course.yaml", "chapters: [toy]", "chapters: [toy, two]"),
        ("two/assignment.yaml", "id: toy\n", "id: two\n"),
    ):
        text = (toy / "assignments" / file).read_text("utf-8")
        assert old in text
        (toy / "assignments" / file).write_text(text.replace(old, new, 1), "utf-8")
    with ExitStack() as stack:

        def again(*chapters: str) -> Grading:
            course = load_course(toy / "assignments")
            wanted = tuple(c for c in load_chapters(course) if c.id in (chapters or ("toy",)))
            runtime = Runtime({}, sandbox, local.start(sandbox))
            return stack.enter_context(Grading(course, wanted, ModelChoice(), store=toy / "keys", runtime=runtime))

        yield again


def handed_in(toy: Path, name: str, source: str = RIGHT, chapter: str = "toy") -> Submission:
    folder = toy / "class" / chapter / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{chapter}.py").write_text(source, encoding="utf-8")
    return Submission(id=name, student=name, folder=folder, modules={chapter: f"{chapter}.py"})


@pytest.fixture
def run(toy: Path) -> Callable[..., Result]:
    """Grades submissions into the results folder, and writes the files unless the run is `killed` before them."""

    def graded(grading: Grading, *submissions: Submission, killed: bool = False, **more: object) -> Result:
        result = grade.grade_all(grading, submissions, toy / "out", jobs=2, **more)
        if not killed:
            results.write_results(toy / "out", result.reports, course=grading.course, language="en")
        return result

    return graded


def on_disk(toy: Path) -> dict[str, dict[str, float]]:
    """Student to chapter to mark, by the files."""
    reports = [json.loads(file.read_text("utf-8")) for file in sorted((toy / "out/reports").iterdir())]
    return {r["student"]: {c["id"]: c["score"] for c in r["chapters"]} for r in reports}


def _without_usage(value: object) -> object:
    """A report's JSON without the time and memory that cases used."""
    if isinstance(value, dict):
        return {name: _without_usage(one) for name, one in value.items() if name != "usage"}
    return [_without_usage(one) for one in value] if isinstance(value, list) else value


def in_ledger(toy: Path) -> dict[str, dict[str, float]]:
    """Student to chapter to mark, by the newest run."""
    with existing(toy / "out") as ledger:
        return {r.student: {c.id: c.score for c in r.chapters} for r in ledger.reports()}


def test_a_run_in_which_nothing_could_start_takes_nothing_away(
    toy: Path, opened: Opened, sandbox: Failing, run: Callable[..., Result]
) -> None:
    """Files and ledger hold what they held, to the byte; everybody is named; the next run goes on."""
    class_ = [handed_in(toy, name) for name in ("ann", "bob", "cid")]
    run(opened(), *class_)
    before = {file.name: file.read_bytes() for file in (toy / "out/reports").iterdir()}
    class_ = [handed_in(toy, name, WRONG) for name in ("ann", "bob", "cid")]
    sandbox.cannot = {"ann", "bob", "cid"}
    result = run(opened(), *class_)
    assert sorted(name for name, _ in result.failed) == ["ann", "bob", "cid"]
    assert sorted(report.student for report in result.stay) == ["ann", "bob", "cid"]
    assert {file.name: file.read_bytes() for file in (toy / "out/reports").iterdir()} == before
    assert in_ledger(toy) == {name: {"toy": 10} for name in ("ann", "bob", "cid")}
    sandbox.cannot = {"bob"}
    run(opened(), *class_)
    assert on_disk(toy) == in_ledger(toy) == {"ann": {"toy": 0}, "bob": {"toy": 10}, "cid": {"toy": 0}}
    sandbox.cannot = set()
    assert run(opened(), *class_).stay == ()
    assert on_disk(toy)["bob"] == {"toy": 0}


def test_an_attempt_that_could_not_run_is_not_replaced_by_an_older_one(
    toy: Path, opened: Opened, sandbox: Failing, run: Callable[..., Result]
) -> None:
    """Whose newest hand-in the machine could not run keeps the report there is, or has none."""
    run(opened(), handed_in(toy, "ann"))
    first = handed_in(toy, "ann-1", "")
    second = handed_in(toy, "ann-2", RIGHT)
    attempts = [s.model_copy(update={"student": "ann", "attempt": n}) for n, s in enumerate((first, second), 1)]
    sandbox.cannot = {"ann-2"}
    run(opened(), *attempts, handed_in(toy, "bob"))
    assert on_disk(toy) == {"ann": {"toy": 10}, "bob": {"toy": 10}}


def test_other_chapters_and_other_people_keep_what_they_have(
    toy: Path, opened: Opened, run: Callable[..., Result]
) -> None:
    """A second chapter, then a part of the class: the rest stays, totals hold all chapters, one file a person."""
    run(opened("toy"), handed_in(toy, "ann"), handed_in(toy, "bob", WRONG))
    result = run(opened("two"), handed_in(toy, "ann", WRONG, "two"))
    expected = {"ann": {"toy": 10, "two": 0}, "bob": {"toy": 0}}
    assert on_disk(toy) == in_ledger(toy) == expected
    assert {report.student: (report.score, report.max_score) for report in result.reports} == {
        "ann": (10, 30),
        "bob": (0, 15),
    }
    run(opened("two"), handed_in(toy, "ann", RIGHT, "two"))
    assert in_ledger(toy)["ann"] == {"toy": 10, "two": 10}
    course = toy / "assignments/toy/assignment.yaml"
    course.write_text(course.read_text("utf-8").replace("points: 10", "points: 20"), "utf-8")
    grade.rescore(opened("toy", "two"), toy / "out")
    found = in_ledger(toy)
    assert found["ann"] == {"toy": 20, "two": 10}, "re-scored from the hand-ins of both runs"
    assert found["bob"]["toy"] == 0


@pytest.mark.parametrize("runs", [["toy", "two"], ["two", "toy"], ["toy", "two", "toy"], ["toy+two", "two"]])
def test_late_days_are_charged_alike_in_one_run_and_in_several(
    toy: Path, opened: Opened, run: Callable[..., Result], runs: list[str]
) -> None:
    """One free day, two chapters a day late: table and reports are those of one run; re-scoring changes neither."""
    policy = """
policy:
  deadlines: {toy: 2024-04-25T16:00:00Z, two: 2024-04-25T16:00:00Z}
  late: [{chapters: [toy, two], free_days: 1, per_day: 0.2}]
"""
    course = toy / "assignments/course.yaml"
    assert "\npolicy:" not in course.read_text("utf-8")
    course.write_text(course.read_text("utf-8") + policy, "utf-8")
    when = datetime(2024, 4, 26, 12, tzinfo=UTC)
    whole = [handed_in(toy, name).model_copy(update={"submitted": when}) for name in ("bob", "ann")]
    for one in whole:
        (one.folder / "two.py").write_text(RIGHT, "utf-8")

    def graded(*chapters: str) -> None:
        modules = {chapter: f"{chapter}.py" for chapter in chapters}
        run(opened(*chapters), *(one.model_copy(update={"modules": modules}) for one in whole))

    def files() -> dict[str, object]:
        reports = {file.name: json.loads(file.read_bytes()) for file in (toy / "out/reports").iterdir()}
        table = {"scores.csv": (toy / "out/scores.csv").read_text("utf-8")}
        return table | {name: _without_usage(report) for name, report in reports.items()}

    for chapters in runs:
        graded(*chapters.split("+"))
    several = files()
    assert in_ledger(toy) == {name: {"toy": 10, "two": 8} for name in ("ann", "bob")}
    grading = opened("toy", "two")
    again = grade.rescore(grading, toy / "out")
    results.write_results(toy / "out", again.reports, course=grading.course, language="en")
    assert files() == several
    shutil.rmtree(toy / "out")
    graded("toy", "two")
    assert files() == several


def test_a_report_file_goes_only_when_its_person_has_another(
    toy: Path, opened: Opened, run: Callable[..., Result]
) -> None:
    """A new name for the same student replaces the old file; a stranger's file and a person's note stay."""
    run(opened(), handed_in(toy, "ann"), handed_in(toy, "bob"))
    folder = toy / "out/reports"
    (folder / "note.txt").write_text("mine")
    (folder / "other.json").write_text('{"student": "eve"}')
    (folder / f".{'0' * 16}.new").write_text("half")
    moved = handed_in(toy, "ann").model_copy(update={"id": "ann-of-monday"})
    run(opened(), moved)
    assert sorted(file.name for file in folder.iterdir()) == [
        "ann-of-monday.json",
        "bob.json",
        "note.txt",
        "other.json",
    ]


def test_files_follow_the_ledger_whenever_the_run_before_was_killed(
    toy: Path, opened: Opened, run: Callable[..., Result]
) -> None:
    """A re-scoring that died between commit and files, files that were lost or changed: the next writes just those."""
    rough = RIGHT.replace("return sum", "return 0.001 + sum")
    run(opened(), handed_in(toy, "ann", rough), handed_in(toy, "bob"))
    untouched = (toy / "out/reports/bob.json").stat().st_mtime_ns
    spec = toy / "assignments/toy/assignment.yaml"
    spec.write_text(spec.read_text("utf-8").replace("atol: 1.0e-9", "atol: 0.1"), "utf-8")
    grade.rescore(opened(), toy / "out")  # and no file is written
    assert (on_disk(toy)["ann"], in_ledger(toy)["ann"]) == ({"toy": 0}, {"toy": 10})
    grading = opened()
    again = grade.rescore(grading, toy / "out")
    results.write_results(toy / "out", again.reports, course=grading.course)
    assert on_disk(toy) == in_ledger(toy) == {"ann": {"toy": 10}, "bob": {"toy": 10}}
    assert (toy / "out/reports/bob.json").stat().st_mtime_ns == untouched
    whole = {file.name: file.read_bytes() for file in (toy / "out/reports").iterdir()}
    (toy / "out/reports/ann.json").unlink()
    (toy / "out/reports/bob.json").write_bytes(whole["bob.json"].replace(b'"bob"', b'"bub"'))
    results.write_results(toy / "out", again.reports, course=grading.course)
    assert {file.name: file.read_bytes() for file in (toy / "out/reports").iterdir()} == whole


def test_another_secret_is_refused_until_it_is_wanted(
    toy: Path, opened: Opened, sandbox: Failing, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret itself is nowhere in the ledger; a rotation draws and runs everything anew, and then holds."""
    monkeypatch.setenv("GRADER_SECRET", "the first secret of the course")
    ann = handed_in(toy, "ann")
    run(opened(), ann)
    assert b"the first secret" not in (toy / "out" / FILE).read_bytes()
    ran = len(sandbox.called("toy.py"))
    run(opened(), ann)
    assert len(sandbox.called("toy.py")) == ran
    monkeypatch.setenv("GRADER_SECRET", "another one")
    for refused in (lambda: run(opened(), ann), lambda: grade.rescore(opened(), toy / "out")):
        with pytest.raises(LedgerError, match="another secret") as error:
            refused()
        assert "--new-secret" in str(error.value)
    with existing(toy / "out") as ledger:
        assert len(ledger.runs()) == 2
    run(opened(), ann, new_secret=True)
    run(opened(), ann)
    monkeypatch.setenv("GRADER_SECRET", "the first secret of the course")
    with pytest.raises(LedgerError, match="another secret"):
        run(opened(), ann)


@pytest.mark.parametrize(
    ("word", "again"),
    [("ann", "log_sum+why"), ("ann/log_sum", "log_sum"), ("Ann Lee/toy/why", "why"), ("ann/toy", "log_sum+why")],
)
def test_a_stored_outcome_is_run_anew_when_asked(
    toy: Path, opened: Opened, sandbox: Failing, run: Callable[..., Result], word: str, again: str
) -> None:
    """Just what was named, once; what is not named, and the run after, recalls."""
    ann = handed_in(toy, "ann", WRONG).model_copy(update={"name": "Ann Lee"})
    bob = handed_in(toy, "bob")
    first = run(opened(), ann, bob)
    ran = len(sandbox.jobs)
    result = run(opened(), ann, bob, again=[word])
    new = [job for job in sandbox.jobs[ran:] if job.module == "toy.py"]
    assert {job.folder.name for job in new} == {"ann"}
    assert "+".join(dict.fromkeys(call.question for call in new[0].calls)) == again
    assert [r.score for r in result.reports] == [r.score for r in first.reports]
    ran = len(sandbox.jobs)
    run(opened(), ann, bob)
    grade.rescore(opened(), toy / "out")
    assert len(sandbox.jobs) == ran


@pytest.mark.parametrize("word", ["nobody", "ann/nothing", "twin"])
def test_a_word_that_names_nothing_or_two_people_runs_nothing(
    toy: Path, opened: Opened, sandbox: Failing, run: Callable[..., Result], word: str
) -> None:
    """The word is in the message, and no run is begun."""
    class_ = [handed_in(toy, n).model_copy(update={"name": "twin"}) for n in ("ann", "bob")]
    run(opened(), *class_)
    with pytest.raises(GraderError, match=word):
        run(opened(), *class_, again=[word])
    with existing(toy / "out") as ledger:
        assert len(ledger.runs()) == 1


@pytest.mark.parametrize("table", ["work", "verdicts"])
def test_a_damaged_outcome_is_run_or_judged_anew(
    toy: Path, opened: Opened, sandbox: Failing, run: Callable[..., Result], table: str
) -> None:
    """The run ends with the marks it would have had, says whose row it was, and the next recalls all."""
    class_ = [handed_in(toy, "ann"), handed_in(toy, "bob", f"# b\n{WRONG}")]
    first = run(opened(), *class_)
    db = sqlite3.connect(toy / "out" / FILE)
    db.execute(f"DROP TRIGGER {table}_update")
    if table == "work":  # or the verdicts would be recalled, and the work not looked at
        db.execute("DROP TRIGGER verdicts_update")
        db.execute("UPDATE verdicts SET key = 'gone' || key")
    db.execute(f"UPDATE {table} SET body = CAST(body || x'00' AS BLOB) WHERE rowid = 1")
    db.commit()
    db.close()
    ran = len(sandbox.jobs)
    result = run(opened(), *class_)
    assert [r.score for r in result.reports] == [r.score for r in first.reports]
    assert (len(sandbox.jobs) > ran) is (table == "work")
    assert result.damage == ()
    assert "made anew" in str(result.repairs[0])
    ran = len(sandbox.jobs)
    assert run(opened(), *class_).repairs == ()
    assert len(sandbox.jobs) == ran


def test_an_error_of_the_grader_ends_no_class(
    toy: Path, opened: Opened, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose hand-in it is, is named with what went wrong; the others have their marks; a full ledger still ends it."""
    keep = Record.keep

    def broken(self: Record, chapter: object, submission: Submission, *rest: object) -> None:
        if submission.id == "ann":
            raise MemoryError
        keep(self, chapter, submission, *rest)

    monkeypatch.setattr(Record, "keep", broken)
    result = run(opened(), handed_in(toy, "ann"), handed_in(toy, "bob"))
    ((who, why),) = result.failed
    assert who == "ann"
    assert "MemoryError" in str(why)
    assert [r.student for r in result.reports] == ["bob"]


def test_a_ledger_that_is_damaged_as_a_file_is_mended_by_grading(
    toy: Path, opened: Opened, sandbox: Failing, run: Callable[..., Result]
) -> None:
    """Marks are those of an undisturbed run, the old file is kept, and it is said."""
    class_ = [handed_in(toy, f"s{n}", f"# {n}\n{RIGHT}") for n in range(12)]
    first = run(opened(), *class_)
    file = toy / "out" / FILE
    with Ledger(file) as ledger:
        ((page,),) = ledger.plain("SELECT rootpage FROM sqlite_schema WHERE name = 'work'")
        ((size,),) = ledger.plain("PRAGMA page_size")
    body = bytearray(file.read_bytes())
    body[(page - 1) * size + 3 : (page - 1) * size + 5] = b"\xff\xff"
    file.write_bytes(body)
    with existing(toy / "out") as ledger:
        assert not ledger.is_sound
        assert len(ledger.reports()) == 12
    result = run(opened(), *class_)
    assert [r.score for r in result.reports] == [r.score for r in first.reports]
    assert "the old one is" in str(result.damage[0])
    assert list((toy / "out").glob("ledger-damaged-*.sqlite"))
    assert run(opened(), *class_).damage == ()

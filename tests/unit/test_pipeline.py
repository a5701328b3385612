"""The story end to end without a process: key, run, verdicts and report of a small course, in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.in_memory import InMemory

from grader.bulk import grade
from grader.course.load import load_chapters, load_course
from grader.execute import local
from grader.execute.runtime import Runtime
from grader.language.speak import speak
from grader.nouns.binding import ModelChoice
from grader.nouns.report import Report
from grader.nouns.submission import Submission
from grader.pipeline import Grading
from grader.render.formats import render
from grader.store.ledger import FILE, Ledger

RIGHT = 'import math\nANSWERS = {"why": "稳定"}\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'
WRONG = RIGHT.replace("math.log,", "math.log2,")
SECOND = """\
- id: count
  title: {zh: 个数, en: Count}
  points: 5
  call: count(numbers)
  cases: {public: [{numbers: [1.5, 2.0, 3.0]}], hidden: {pool: [{numbers: [2.0]}]}}
  returns: {type: integer}
  compare: {exact: {}}
"""
"""A second function beside `log_sum`, which runs in the same child."""

Opened = Callable[..., Grading]


@pytest.fixture
def sandbox() -> InMemory:
    return InMemory()


@pytest.fixture
def opened(toy: Path, sandbox: InMemory) -> Iterator[Opened]:
    """Opens the toy course as it is then, with an in-memory sandbox; keys are computed anew."""
    with ExitStack() as stack:

        def again(*, hidden: bool = True, questions: tuple[str, ...] | None = None) -> Grading:
            course = load_course(toy / "assignments")
            return stack.enter_context(
                Grading(
                    course,
                    load_chapters(course),
                    ModelChoice(),
                    hidden=hidden,
                    questions=questions,
                    store=toy / "keys",
                    runtime=Runtime({}, sandbox, local.start(sandbox)),
                )
            )

        yield again


def handed_in(toy: Path, source: str, name: str = "ann") -> Submission:
    folder = toy / "class" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.py").write_text(source, encoding="utf-8")
    return Submission(id=name, student=name, folder=folder, modules={"toy": "toy.py"})


def marks(report: Report) -> dict[str, tuple[float, str]]:
    return {q.id: (q.score, q.status) for c in report.chapters for q in c.questions}


def with_second_function(toy: Path) -> None:
    """Give the toy chapter the question `count`."""
    spec, solution = toy / "assignments/toy/assignment.yaml", toy / "reference/toy/solution.py"
    spec.write_text(spec.read_text("utf-8") + SECOND, "utf-8")
    solution.write_text(solution.read_text("utf-8") + "\n\ndef count(numbers):\n    return len(numbers)\n", "utf-8")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (RIGHT, {"log_sum": (10, "correct"), "why": (0, "needs_review")}),
        (WRONG, {"log_sum": (0, "wrong"), "why": (0, "needs_review")}),
        ("def log_sum(numbers):\n    return 1 / 0\n", {"log_sum": (0, "error"), "why": (0, "missing")}),
        ("import nothing_like_this\n", {"log_sum": (0, "error"), "why": (0, "error")}),
        ("", {"log_sum": (0, "missing"), "why": (0, "missing")}),
        ("ANSWERS = {'why': 3}\ndef log_sum(numbers): return 'x'\n", {"log_sum": (0, "wrong"), "why": (0, "wrong")}),
    ],
)
def test_work_becomes_a_report(toy: Path, opened: Opened, source: str, expected: dict[str, tuple[float, str]]) -> None:
    """Reference run, submission run, each question judged and scored; a student's fault is a status."""
    report = opened().report(handed_in(toy, source))
    assert marks(report) == expected
    assert (report.score, report.max_score) == (sum(score for score, _ in expected.values()), 15)
    assert report.environment.models == ()


def test_a_named_mistake_is_in_the_report(toy: Path, opened: Opened) -> None:
    """The misconception that gives the same wrong value is the diagnosis, in the student's language."""
    (chapter,) = opened().report(handed_in(toy, WRONG)).chapters
    question = chapter.questions[0]
    assert question.misconception == "log2"
    assert question.diagnosis is not None
    assert "You used log base 2." in speak(question.diagnosis, "en")


def test_a_self_check_sees_public_cases_only(toy: Path, opened: Opened, sandbox: InMemory) -> None:
    """Without `hidden` neither the submission nor the report has a hidden case."""
    report = opened(hidden=False).report(handed_in(toy, RIGHT))
    assert [case.id for case in report.chapters[0].questions[0].cases] == ["public-1"]
    ran = [call.case for job in sandbox.jobs if job.module == "toy.py" for call in job.calls if call.function]
    assert ran == ["public-1"]


def test_one_question_alone_is_run_alone(toy: Path, opened: Opened, sandbox: InMemory) -> None:
    """With `questions`, the others are neither run nor in the report."""
    report = opened(questions=("why",)).report(handed_in(toy, RIGHT))
    assert marks(report) == {"why": (0, "needs_review")}
    assert sandbox.called("toy.py") == ["why"]


SPOILS = """\
spoiled = False
ANSWERS = {"why": "stable"}
import math
def log_sum(numbers):
    global spoiled
    spoiled = True
    return sum(map(math.log, numbers))
def count(numbers):
    return -1 if spoiled else len(numbers)
"""


def test_no_question_pays_for_its_neighbour(toy: Path, opened: Opened, sandbox: InMemory) -> None:
    """`count` is wrong after `log_sum` ran in the same child, is run again alone, and is right there."""
    with_second_function(toy)
    report = opened().report(handed_in(toy, SPOILS))
    assert marks(report)["count"] == (5, "correct")
    assert sandbox.called("toy.py") == ["log_sum+why+count", "count"]


@pytest.mark.parametrize(
    ("body", "again"),
    [
        ("return -1", True),
        ("raise ValueError", True),
        ("raise NotImplementedError", False),  # fails the same way everywhere
        ("return len(numbers)", False),
    ],
)
def test_only_what_could_come_out_differently_is_run_again(
    toy: Path, opened: Opened, sandbox: InMemory, body: str, *, again: bool
) -> None:
    """A wrong value or an error is tried once more, alone; what is right or not written yet is not."""
    with_second_function(toy)
    opened().report(handed_in(toy, f"{RIGHT}def count(numbers):\n    {body}\n"))
    assert sandbox.called("toy.py") == ["log_sum+why+count", *(["count"] if again else [])]


def test_what_a_ledger_holds_is_not_run_again(toy: Path, opened: Opened, sandbox: InMemory) -> None:
    """A class graded twice runs once, also when it is opened anew; a changed submission runs, and only it."""
    ann, bob = handed_in(toy, RIGHT, "ann"), handed_in(toy, WRONG, "bob")
    first = grade.grade_all(opened(), [ann, bob], toy / "out", jobs=1)
    ran = len(sandbox.called("toy.py"))
    assert ran >= 2
    again = grade.grade_all(opened(), [ann, bob], toy / "out", jobs=1)
    assert len(sandbox.called("toy.py")) == ran
    assert [marks(r) for r in again.reports] == [marks(r) for r in first.reports]
    handed_in(toy, RIGHT, "bob")
    changed = grade.grade_all(opened(), [ann, bob], toy / "out", jobs=1)
    assert len(sandbox.called("toy.py")) == ran + 1
    assert sandbox.jobs[-1].folder.name == "bob"
    assert {r.student: r.score for r in changed.reports} == {"ann": 10, "bob": 10}


def test_a_wider_tolerance_is_judged_again_and_nothing_is_run(toy: Path, opened: Opened, sandbox: InMemory) -> None:
    """Rescoring needs the ledger alone: the sandbox sees no job of a submission."""
    rough = RIGHT.replace("return sum", "return 0.001 + sum")
    before = grade.grade_all(opened(), [handed_in(toy, rough)], toy / "out", jobs=1)
    spec = toy / "assignments/toy/assignment.yaml"
    spec.write_text(spec.read_text("utf-8").replace("atol: 1.0e-9", "atol: 0.1"), "utf-8")
    ran = sandbox.called("toy.py")
    after = grade.rescore(opened(), toy / "out")
    assert sandbox.called("toy.py") == ran
    assert [r.score for r in (*before.reports, *after.reports)] == [0, 10]


WARNING = {
    "en": "hidden cases were drawn with the public default secret; set GRADER_SECRET",
    "zh": "隐藏的例子是用公开的默认密钥抽取的；请设置 GRADER_SECRET",
}


@pytest.fixture(params=["", "of-this-course"], ids=["public default", "own secret"])
def secret(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The course's secret; empty where none is set."""
    monkeypatch.setenv("GRADER_SECRET", request.param)
    return str(request.param)


def warned(report: Report) -> bool:
    return WARNING["en"] in [speak(note, "en") for note in report.notes]


def test_a_report_says_that_the_secret_is_public(toy: Path, opened: Opened, secret: str) -> None:
    """A note in `Grading.report`, and none where the course has a secret or hidden cases are not used."""
    work = handed_in(toy, RIGHT)
    assert warned(opened().report(work)) is (not secret)
    assert not warned(opened(hidden=False).report(work))


@pytest.mark.parametrize("name", ["table", "classpage", "html", "terminal", "markdown"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_graded_class_says_that_the_secret_is_public(
    toy: Path, opened: Opened, secret: str, name: str, language: str
) -> None:
    """Bulk reports have the note, from the ledger too; class table, class page and students' reports show it."""
    grading = opened()
    work = [handed_in(toy, RIGHT, "ann"), handed_in(toy, WRONG, "bob")]
    result = grade.grade_all(grading, work, toy / "out", jobs=2)
    with Ledger(toy / "out" / FILE) as ledger:
        kept = ledger.reports()
    for report in (*result.reports, *kept):
        assert warned(report) is (not secret)
    shown = render(name, result.reports, course=grading.course, language=language)
    unwrapped = " ".join(shown.replace("\\", "").split())  # Markdown has a backslash before each underscore
    assert (WARNING[language] in unwrapped) is (not secret)
    assert ("GRADER_SECRET" in unwrapped) is (not secret)

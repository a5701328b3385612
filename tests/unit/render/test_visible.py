"""What a student is shown of hidden cases: nothing that the student's code could have put there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grader.ci.annotations import annotate
from grader.ci.results import write_results
from grader.marking.judge import judge
from grader.nouns.course import Course
from grader.nouns.evidence import Evidence
from grader.nouns.misconception import Misconception
from grader.nouns.outcome import (
    Crashed,
    Garbled,
    Missing,
    Outcome,
    OutOfMemory,
    Raised,
    Returned,
    TimedOut,
    Usage,
)
from grader.nouns.question import Case, Question
from grader.nouns.report import ChapterScore, Environment, Isolation, QuestionScore, Report
from grader.nouns.text import Language, Text
from grader.nouns.use import Use
from grader.nouns.verdict import Verdict
from grader.render import formats
from grader.render.visible import visible

LANGUAGES: tuple[Language, ...] = ("zh", "en")
MARK = "INPUT-q7x"
NUMBER = 918273645.5
COURSE = Course.model_validate({"id": "c", "title": {"zh": "课", "en": "Course"}, "chapters": ["ch"]})
WORKSHEET = b"Identifier,Full name,Grade,Maximum grade,Grade can be changed,Feedback comments\r\ns,s,,10,Yes,\r\n"
COMPARISONS: dict[str, tuple[dict[str, Any], Any]] = {
    "exact": ({"exact": {}}, "right"),
    "close": ({"close": {"rtol": 1e-6}}, 2.5),
    "sequence": ({"sequence": {}}, [1, 2, 3, 4]),
    "fields": ({"fields": {"a": {"exact": {}}, "b": {"close": {}}}}, {"a": "right", "b": 2.5}),
    "text": ({"text": {}}, "right"),
}


def made(comparison: str) -> tuple[Question, Any]:
    """A question with a comparison, and its true value."""
    compare, truth = COMPARISONS[comparison]
    document = {"id": "q", "title": {"zh": "题", "en": "Q"}, "points": 10, "call": "f(x)", "compare": compare}
    return Question.model_validate(document), truth


def cases(hidden: int) -> tuple[Case, ...]:
    """One public case and some hidden ones, whose ids are lines of a pool."""
    return (
        Case(id="public-1", inputs={"x": 1}, hidden=False),
        *(Case(id=f"hidden-{3 * n + 7}", inputs={"x": MARK}, hidden=True) for n in range(hidden)),
    )


def report(
    question: Question, truth: Any, asked: tuple[Case, ...], outcomes: list[Outcome], uses: tuple[Use, ...] = ()
) -> Report:
    """The report of a submission whose one question gave some outcomes."""
    evidence = Evidence(outcomes=tuple(outcomes), uses=uses, file="ch.py", line=3)
    mistake = Misconception(name="halved", function="half", explanation=Text(zh="只有一半", en="This is half of it."))
    wrong = {"halved": {case.id: 1.25 for case in asked}}
    verdict = judge(
        question,
        asked,
        evidence,
        known=lambda: {case.id: truth for case in asked},
        wrong=lambda: ((mistake,), wrong),
    ).verdict
    return wrapped(scored(verdict))


def scored(verdict: Verdict) -> QuestionScore:
    """A verdict as a line of a report."""
    fields = {name: getattr(verdict, name) for name in Verdict.model_fields if name not in {"question", "share"}}
    return QuestionScore(id="q", title=Text(zh="题", en="Q"), score=10 * verdict.share, max_score=10, **fields)


def wrapped(*questions: QuestionScore) -> Report:
    """A report of one chapter."""
    score = sum(question.score for question in questions)
    chapter = ChapterScore(id="ch", title=Text(zh="章", en="Ch"), score=score, max_score=10, questions=questions)
    environment = Environment(grader="0", python="3", torch="2", transformers="5", platform="x", models=())
    level = Isolation(level=2, backend="x")
    return Report(
        submission="s", student="s", score=score, max_score=10, isolation=level, environment=environment,
        chapters=(chapter,),
    )  # fmt: skip


def shown(whole: Report, folder: Path) -> dict[str, str]:
    """All that a student can get of a report: every format for students, in both languages, and what CI writes."""
    texts: dict[str, str] = {}
    for name in formats.names():
        if not formats.is_for_staff(name):
            template = WORKSHEET if name == "moodle" else None
            for language in LANGUAGES:
                texts[f"{name}-{language}"] = formats.render(
                    name, [whole], course=COURSE, language=language, template=template
                )
    texts["summary"] = write_results(folder, whole, course=COURSE, language="en")
    texts |= {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    texts["annotations"] = "\n".join(map(str, annotate(whole, folder, folder, "en")))
    return texts


def outcomes_of(marks: st.SearchStrategy[tuple[str, float]]) -> st.SearchStrategy[Outcome]:
    """Outcomes of every kind that carry a text and a number wherever student code can put one."""
    return st.builds(_outcome, marks, st.integers(0, 20), st.floats(0, 5), st.integers(0, 2**40))


def _outcome(mark: tuple[str, float], kind: int, seconds: float, memory: int) -> Outcome:
    text, number = mark
    also: dict[str, Any] = {"output": text, "usage": Usage(wall=seconds, cpu=seconds, memory=memory)}
    values: list[Any] = [
        text, number, -number, [text], [1, 2, int(number)], [1, 2, 3, int(number)], {text: text}, {"a": text, "b": 2.5},
        {"a": "right", "b": number},
    ]  # fmt: skip
    place: dict[str, Any] = {"traceback": text, "file": f"{text}.py", "line": int(number)}
    others: list[Outcome] = [
        Raised(during="call", type=text, message=text, **place, **also),
        Raised(during="import", type="ValueError", message=text, **place, **also),
        Raised(during="call", type="ForbiddenName", message=text, **place, **also),
        Raised(during="call", type="NotImplementedError", message=text, **place, **also),
        TimedOut(limit=2, **also),
        OutOfMemory(limit=2**20, **also),
        Crashed(signal=11, **also),
        Crashed(exit_code=len(text), **also),
        Garbled(reason=text, **also),
        Missing(what="module", name=text, **also),
        Missing(what="function", name="f", found=text, **also),
        Missing(what="signature", name=text, found=text, **also),
    ]
    every: list[Outcome] = [*(Returned(value=value, **also) for value in values), *others]
    return every[kind % len(every)]


def right(truth: Any) -> Returned:
    return Returned(value=truth)


MARKED = outcomes_of(st.just((MARK, NUMBER)))
ONCE = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ONCE
@given(
    comparison=st.sampled_from(sorted(COMPARISONS)), hidden=st.lists(MARKED, min_size=1, max_size=4), own=st.booleans()
)
def test_nothing_of_a_hidden_case_reaches_its_student(
    *, comparison: str, hidden: list[Outcome], own: bool, tmp_path: Path
) -> None:
    """A marker in every field of every outcome of hidden cases is in no format, whether the public case is right."""
    question, truth = made(comparison)
    first = right(truth) if own else Returned(value=7)
    whole = report(question, truth, cases(len(hidden)), [first, *hidden])
    for name, text in shown(whole, tmp_path).items():
        assert MARK not in text, name
        assert "918273645" not in text, name
    record = formats.render("record", [whole], course=COURSE, language="en")
    assert MARK in record, "the staff see it"


@ONCE
@given(comparison=st.sampled_from(sorted(COMPARISONS)), outcome=MARKED)
def test_of_a_public_case_all_of_it_is_shown(comparison: str, outcome: Outcome, tmp_path: Path) -> None:
    """The control: the same outcome of a public case is there to read."""
    question, truth = made(comparison)
    whole = report(question, truth, cases(1), [outcome, right(truth)])
    texts = shown(whole, tmp_path)
    assert all(MARK in texts[name] for name in ("json-en", "report.json"))
    if whole.chapters[0].questions[0].status != "correct":
        assert all(MARK in texts[name] for name in ("html-zh", "terminal-en", "gradescope-en", "junit-en"))


TWO = st.tuples(st.text("abcdefgh=<\x1b", min_size=1, max_size=9), st.floats(10, 1e6))


@ONCE
@given(
    comparison=st.sampled_from(sorted(COMPARISONS)),
    kinds=st.lists(st.integers(0, 20), min_size=1, max_size=4),
    marks=st.tuples(TWO, TWO),
    usage=st.tuples(st.floats(0, 9), st.integers(0, 2**30)),
)
def test_what_differs_only_in_hidden_outputs_looks_the_same(
    comparison: str, kinds: list[int], marks: tuple[tuple[str, float], ...], usage: tuple[float, int], tmp_path: Path
) -> None:
    """Values, gaps, texts, places, times: with the same status and share, every byte is the same."""
    question, truth = made(comparison)
    one, other = (
        report(question, truth, cases(len(kinds)), [right(truth), *(_outcome(mark, kind, *usage) for kind in kinds)])
        for mark in marks
    )
    assume([(c.status, c.share) for c in one.chapters[0].questions[0].cases]
           == [(c.status, c.share) for c in other.chapters[0].questions[0].cases])  # fmt: skip
    assert shown(one, tmp_path) == shown(other, tmp_path)


def test_the_misconception_is_named_and_explained(tmp_path: Path) -> None:
    """What the course says of a mistake is no secret, though only hidden cases show the mistake."""
    question, truth = made("close")
    half = Returned(value=1.25)
    texts = shown(report(question, truth, cases(2), [right(truth), half, half]), tmp_path)
    assert all("This is half of it." in texts[name] for name in ("html-en", "terminal-en", "summary", "annotations"))
    assert "1.25" not in "".join(texts.values())


def test_the_place_of_the_answer_is_told_but_not_where_it_raised(tmp_path: Path) -> None:
    """An annotation stands where the question is answered, which was read from the source."""
    question, truth = made("close")
    raised = Raised(during="call", type="E", message="", file="ch.py", line=99)
    whole = report(question, truth, cases(1), [right(truth), raised])
    (annotation,) = annotate(whole, tmp_path, tmp_path, "en")
    assert (annotation.file, annotation.line) == ("ch.py", 3)
    assert "ch.py:3" in shown(whole, tmp_path)["terminal-en"]


def test_a_forbidden_name_in_the_source_is_told_in_full(tmp_path: Path) -> None:
    """It was read before anything ran, so no input is in it."""
    question, truth = made("close")
    use = Use(name="model.generate", file="ch.py", line=12)
    texts = shown(report(question, truth, cases(1), [right(truth), right(truth)], uses=(use,)), tmp_path)
    assert "model.generate" in texts["terminal-en"]
    assert "line 12" in texts["summary"]


@pytest.mark.parametrize("kind", range(21))
def test_what_may_be_seen_does_not_change_when_seen_again(kind: int) -> None:
    """A report that was read back and rendered elsewhere says the same; ids are places, not lines of the pool."""
    question, truth = made("fields")
    whole = report(question, truth, cases(2), [Returned(value=7), _outcome((MARK, NUMBER), kind, 1, 1), right(truth)])
    once = visible(whole)
    assert visible(once) == once
    assert [case.id for case in once.chapters[0].questions[0].cases] == ["public-1", "hidden-1", "hidden-2"]


def test_a_share_spells_nothing() -> None:
    """A hidden case's share comes in whole percent, and is never rounded up to all of it."""
    question, truth = made("close")
    whole = report(question, truth, cases(1), [right(truth), right(truth)])
    (score,) = whole.chapters[0].questions
    fine = score.cases[1].model_copy(update={"share": 0.99999, "status": "partial"})
    part = score.model_copy(update={"cases": (score.cases[0], fine)})
    assert visible(wrapped(part)).chapters[0].questions[0].cases[1].share == 0.99

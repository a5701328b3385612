"""A class graded chapter by chapter, in any order and in several runs, has the marks and reports of one run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.bulk.gradebook import Scored, brought_forward
from grader.nouns.course import Chapter, Course
from grader.nouns.graded import Graded
from grader.nouns.override import Override
from grader.nouns.report import ChapterScore, Environment, Isolation, Report
from grader.nouns.submission import Submission
from grader.nouns.text import Text, say
from grader.nouns.verdict import Verdict
from grader.render.formats import csv
from grader.render.visible import visible
from grader.scoring.settle import settle

ENVIRONMENT = Environment(grader="0", python="3", torch="2", transformers="5", platform="l", models=())
DUE = datetime(2024, 4, 25, 16, tzinfo=UTC)
NAMES = ("a", "b", "c")


def _chapter(name: str) -> Chapter:
    question = {"id": "q", "title": {"zh": "题", "en": "q"}, "points": 10, "answer": "q"}
    return Chapter.model_validate({"id": name, "title": {"zh": f"章{name}", "en": name}, "questions": [question]})


def _course(free: int = 1, per_day: float = 0.2) -> Course:
    policy = {
        "deadlines": dict.fromkeys(NAMES, DUE),
        "late": [{"chapters": NAMES, "free_days": free, "per_day": per_day}],
        "teams": {"c": {"least": 2, "most": 3}},
    }
    return Course.model_validate({"id": "c", "title": {"zh": "课", "en": "c"}, "chapters": NAMES, "policy": policy})


def _work(student: str, chapter: str, days: int, share: float = 1.0) -> Graded:
    """Handed in alone and `days` days late, with a note of its own."""
    submission = Submission(
        id=student, student=student, folder=Path("f"), modules={chapter: f"{chapter}.py"},
        submitted=DUE + timedelta(days=days), notes=(say("{what} was read", what=f"{student} {chapter}"),),
    )  # fmt: skip
    verdicts = {chapter: {"q": Verdict(question="q", share=share, status="partial")}}
    return Graded(submission=submission, verdicts=verdicts, isolation=Isolation(level=3, backend="b"))


def _run(
    course: Course, chapters: Sequence[str], work: Sequence[Graded], before: Sequence[Scored] = (), overrides=()
) -> list[Scored]:
    """One run over some chapters, on top of what the gradebook holds."""
    found = settle(
        course,
        [_chapter(name) for name in NAMES if name in chapters],
        [one for one in work if set(one.verdicts) <= set(chapters)],
        environment=ENVIRONMENT,
        overrides=overrides,
    )
    return brought_forward(course, chapters, before, [(one.report, {}) for one in found])[0]


def _reports(scored: Sequence[Scored]) -> list[Report]:
    return [report for report, _ in scored]


def _late_notes(report: Report) -> list[tuple[str, object, object]]:
    return [
        (str(n.values["chapter"]), n.values["days"], n.values["percent"]) for n in report.notes if "days" in n.values
    ]


DAYS = st.dictionaries(st.tuples(st.sampled_from(("s", "t")), st.sampled_from(NAMES)), st.integers(-1, 4), min_size=1)
RUNS = st.lists(st.sets(st.sampled_from(NAMES), min_size=1), max_size=4)
DECISIONS = st.sets(st.sampled_from(NAMES), max_size=1)


@settings(max_examples=150, deadline=None)
@given(DAYS, RUNS, st.permutations(NAMES), st.integers(0, 4), st.floats(0, 1), DECISIONS)
def test_any_runs_give_what_one_run_gives(days, runs, last, free, per_day, decided) -> None:
    """Chapters in any order, alone or together, some again: the same table and reports to the letter."""
    course = _course(free, per_day)
    work = [_work(student, chapter, late, 0.9) for (student, chapter), late in days.items()]
    overrides = [Override(student="s", chapter=c, score=7, reason="r", who="w", at=DUE) for c in decided]
    once = _reports(_run(course, NAMES, work, overrides=overrides))
    before: list[Scored] = []
    for chapters in [*runs, *({name} for name in last)]:
        before = _run(course, sorted(chapters), work, before, overrides)
    assert _reports(before) == once
    assert csv.render(_reports(before), course=course, language="en") == csv.render(once, course=course, language="en")
    assert [visible(report) for report in _reports(before)] == [visible(report) for report in once]


def test_a_free_day_is_spent_once_over_all_runs() -> None:
    """One free day, two chapters a day late each: 18 of 20, whichever is graded first; the first keeps the free day."""
    course, work = _course(), [_work("s", "a", 1), _work("s", "b", 1)]
    for order in ("ab", "ba"):
        first = _run(course, order[0], work)
        assert first[0][0].score == 10, "alone it has the free day"
        (report,) = _reports(_run(course, order[1], work, first))
        assert (report.score, report.max_score, report.days_late, report.late) == (18, 20, 2, True)
        assert _late_notes(report) == [("a", 1, 100), ("b", 1, 80)]


def test_a_chapter_graded_again_takes_its_notes_and_days_with_it() -> None:
    """Three days late, then one day by what is graded now: one note, the new one; free days come back to others."""
    course = _course(free=2)
    before = _run(course, "ab", [_work("s", "a", 3), _work("s", "b", 1)])
    assert _late_notes(before[0][0]) == [("a", 3, 80), ("b", 1, 80)]
    (report,) = _reports(_run(course, "a", [_work("s", "a", 1)], before))
    assert _late_notes(report) == [("a", 1, 100), ("b", 1, 100)]
    assert (report.score, report.days_late) == (20, 2)
    (report,) = _reports(_run(course, "a", [_work("s", "a", -1)], before))
    assert _late_notes(report) == [("b", 1, 100)]


def test_a_decided_mark_stays_when_another_chapter_comes() -> None:
    """Lateness takes nothing from it, though its days use up free ones."""
    course, work = _course(), [_work("s", "a", 1), _work("s", "b", 1)]
    decision = Override(student="s", chapter="b", score=9, reason="ill", who="w", at=DUE)
    before = _run(course, "b", work, overrides=[decision])
    (report,) = _reports(_run(course, "a", work, before, [decision]))
    assert {chapter.id: chapter.score for chapter in report.chapters} == {"a": 10, "b": 9}


def test_a_chapter_kept_without_its_mark_before_lateness_stays_with_what_was_said() -> None:
    """As earlier versions kept it: the mark and the report's notes are left as they are."""
    course = _course()
    kept = ChapterScore(id="a", title=Text(zh="章a", en="a"), score=6, max_score=10, questions=())
    note = say("an earlier remark")
    old = Report(submission="s", student="s", score=6, max_score=10, isolation=None, environment=ENVIRONMENT,
                 chapters=(kept,), notes=(note,))  # fmt: skip
    (report,) = _reports(_run(course, "b", [_work("s", "b", 1)], [(old, {})]))
    assert (report.score, report.max_score) == (16, 20)
    assert note in report.notes

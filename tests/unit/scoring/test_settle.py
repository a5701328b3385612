"""Policy: weights, bonus, lateness, teams, attempts, overrides; properties that hold for any numbers."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.load import load_chapters, load_course
from grader.nouns.course import Chapter, Course, Policy
from grader.nouns.graded import Graded
from grader.nouns.intake import Roster, Student
from grader.nouns.override import Override
from grader.nouns.report import Environment, Isolation
from grader.nouns.ruling import Ruling
from grader.nouns.submission import Submission
from grader.nouns.verdict import Verdict
from grader.scoring.lateness import days_late, shares_kept
from grader.scoring.settle import settle

ENVIRONMENT = Environment(grader="0", python="3", torch="2", transformers="5", platform="l", models=())
ISOLATION = Isolation(level=3, backend="b")
DUE = datetime(2024, 4, 25, 16, tzinfo=UTC)
CHAPTERS = ("a", "b", "c")


def chapter(name: str) -> Chapter:
    return Chapter.model_validate(
        {
            "id": name,
            "title": {"zh": "章", "en": name},
            "questions": [
                {"id": "q", "title": {"zh": "题", "en": "q"}, "points": 8, "answer": "q"},
                {"id": "r", "title": {"zh": "题", "en": "r"}, "points": 2, "answer": "r", "advanced": True},
            ],
        }
    )


def course(policy: dict | None = None) -> Course:
    return Course.model_validate(
        {"id": "c", "title": {"zh": "课", "en": "c"}, "chapters": CHAPTERS, "policy": policy or {}}
    )


def graded(shares: dict[str, float], *, student: str = "s", days: float = -1, attempt: int = 1, **more) -> Graded:
    submission = Submission(
        id=f"{student}-{attempt}", student=student, folder=Path("f"), modules={c: f"{c}.py" for c in shares},
        submitted=DUE + timedelta(days=days), attempt=attempt, **more,
    )  # fmt: skip
    verdicts = {c: {q: Verdict(question=q, share=s, status="partial") for q in ("q", "r")} for c, s in shares.items()}
    return Graded(submission=submission, verdicts=verdicts, isolation=ISOLATION)


def settled(policy: dict | None, *work: Graded, overrides=(), rulings=(), roster=None):
    found = settle(course(policy), [chapter(c) for c in CHAPTERS], work, environment=ENVIRONMENT, overrides=overrides,
                   rulings=rulings, roster=roster)  # fmt: skip
    return {s.report.student: s.report for s in found}


SHARES = st.dictionaries(st.sampled_from(CHAPTERS), st.floats(0, 1), min_size=1)
WEIGHTS = st.dictionaries(st.sampled_from(CHAPTERS), st.floats(0, 100).map(lambda w: round(w, 1)))
POLICIES = st.fixed_dictionaries(
    {
        "weights": WEIGHTS,
        "decimals": st.integers(0, 4),
        "advanced": st.sampled_from(["counted", "bonus"]),
        "bonus_limit": st.floats(0, 0.5),
        "attempts": st.sampled_from(["last", "best"]),
        "deadlines": st.just(dict.fromkeys(CHAPTERS, DUE)),
        "late": st.lists(
            st.fixed_dictionaries(
                {"chapters": st.just(list(CHAPTERS)), "free_days": st.integers(0, 6), "per_day": st.floats(0, 1)}
            ),
            max_size=1,
        ),
    }
)


@settings(max_examples=80, deadline=None)
@given(POLICIES, SHARES, st.floats(-2, 9))
def test_marks_lie_between_nothing_and_the_maximum(policy, shares, days) -> None:
    """For any policy: 0 ≤ chapter ≤ maximum (with its bonus), the total is the weighted sum, rounded once."""
    report = settled(policy, graded(shares, days=days))["s"]
    bonus = policy["bonus_limit"] if policy["advanced"] == "bonus" else 0
    step = 10 ** -policy["decimals"]
    for mark in report.chapters:
        assert 0 <= mark.score <= mark.max_score * (1 + bonus) + step
        assert mark.score == round(mark.score, policy["decimals"])
    worth = {c.id: policy["weights"].get(c.id, c.max_score) for c in report.chapters}
    total = math.fsum(worth[c.id] * c.score / c.max_score for c in report.chapters)
    assert report.score == round(report.score, policy["decimals"])
    assert abs(report.score - total) <= step / 2 + 1e-9  # a tie may fall either way: sums of floats are not exact
    assert report.max_score == round(math.fsum(worth.values()), policy["decimals"])


@settings(max_examples=80, deadline=None)
@given(POLICIES, SHARES, st.floats(-2, 9), st.floats(0, 3))
def test_later_is_never_better(policy, shares, days, more) -> None:
    """Handing the same work in later never earns more."""
    early = settled(policy, graded(shares, days=days))["s"]
    late = settled(policy, graded(shares, days=days + more))["s"]
    assert late.score <= early.score
    assert late.days_late >= early.days_late


@settings(max_examples=80, deadline=None)
@given(POLICIES, SHARES, SHARES, st.floats(-2, 9))
def test_better_work_never_earns_less(policy, low, gain, days) -> None:
    """Raising any share never lowers the total."""
    high = {c: min(1.0, s + gain.get(c, 0.0)) for c, s in low.items()}
    worse, better = (settled(policy, graded(s, days=days))["s"] for s in (low, high))
    assert better.score >= worse.score


@settings(max_examples=60, deadline=None)
@given(POLICIES, st.lists(st.tuples(SHARES, st.floats(-2, 9)), min_size=1, max_size=4), st.randoms())
def test_the_order_of_arrival_does_not_matter(policy, attempts, luck) -> None:
    """Which submission was graded first, and by whom, changes nothing."""
    attempts = sorted(attempts, key=lambda a: a[1])
    work = [graded(shares, days=days, attempt=n) for n, (shares, days) in enumerate(attempts, 1)]
    mixed = list(work)
    luck.shuffle(mixed)
    assert settled(policy, *work)["s"].score == settled(policy, *mixed)["s"].score


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_best_is_at_least_last(shares) -> None:
    """Without lateness, `best` gives the highest attempt and `last` the last one."""
    work = [graded({"a": s}, days=-9 + n, attempt=n) for n, s in enumerate(shares, 1)]
    best = settled({"attempts": "best"}, *work)["s"]
    last = settled({"attempts": "last"}, *work)["s"]
    assert best.score == pytest.approx(max(round(8 * s, 2) + round(2 * s, 2) for s in shares))
    assert last.score == pytest.approx(round(8 * shares[-1], 2) + round(2 * shares[-1], 2))


@given(
    st.dictionaries(st.sampled_from(CHAPTERS), st.integers(0, 9)), st.integers(0, 9), st.floats(0, 1)
)  # fmt: skip
def test_the_allowance_is_spent_once(days, free, per_day) -> None:
    """Over all chapters exactly the days beyond the allowance cost something, in the order of the chapters."""
    policy = Policy.model_validate({"late": [{"chapters": CHAPTERS, "free_days": free, "per_day": per_day}]})
    kept = shares_kept(policy, days, CHAPTERS)
    left = free
    for name in (c for c in CHAPTERS if c in days):
        used = min(left, days[name])
        left -= used
        assert kept[name] == max(0.0, 1 - per_day * (days[name] - used))


def test_weights_and_chapters_from_two_hand_ins() -> None:
    """10/10/80: half of the first, all of the third, nothing else handed in."""
    policy = {"weights": {"a": 10, "b": 10, "c": 80}}
    report = settled(policy, graded({"a": 0.5}), graded({"c": 1.0}, attempt=2))["s"]
    assert (report.score, report.max_score) == (85.0, 90.0)
    assert [c.id for c in report.chapters] == ["a", "c"]


def test_bonus_comes_on_top_up_to_its_limit() -> None:
    """8 regular points; of 2 bonus points at most 10 % of 8 count."""
    report = settled({"advanced": "bonus"}, graded({"a": 1.0}))["s"]
    assert (report.score, report.max_score) == (8.8, 8.0)


@pytest.mark.parametrize(("minutes", "days"), [(-1, 0), (0, 0), (10, 0), (11, 1), (10 + 24 * 60, 1), (11 + 24 * 60, 2)])
def test_a_begun_day_counts_after_the_grace(minutes, days) -> None:
    """Ten minutes of grace, then every begun day."""
    policy = Policy.model_validate({"deadlines": {"a": DUE}, "late": [{"chapters": ["a"], "grace": 10}]})
    submission = Submission(
        id="s", student="s", folder=Path("f"), modules={}, submitted=DUE + timedelta(minutes=minutes)
    )
    assert days_late(submission, "a", policy) == days


def test_lateness_without_a_time_is_a_day() -> None:
    """Canvas says LATE and no more."""
    submission = Submission(id="s", student="s", folder=Path("f"), modules={}, late=True)
    assert days_late(submission, "a", Policy(deadlines={"a": DUE})) == 1


def test_a_team_shares_its_mark_and_a_wrong_size_is_said() -> None:
    """Both members get the report under their own numbers; three people in a team of two are told."""
    roster = Roster(students=(Student(id="s", name="张三"), Student(id="t", name="李四"), Student(id="u")))
    policy = {"teams": {"a": {"least": 2, "most": 2}}}
    reports = settled(policy, graded({"a": 0.5}, members=("s", "t"), team="x"), roster=roster)
    assert {s: r.score for s, r in reports.items()} == {"s": 5.0, "t": 5.0}
    assert reports["t"].name == "李四"
    assert len({r.submission for r in reports.values()}) == 2
    assert reports["s"].notes == ()
    three = settled(policy, graded({"a": 0.5}, members=("s", "t", "u"), team="x"), roster=roster)
    assert three["u"].notes[0].values["count"] == 3


def _override(**more) -> Override:
    return Override(**{"student": "s", "chapter": "a", "score": 7, "reason": "r", "who": "w", "at": DUE} | more)


def test_overrides() -> None:
    """A question's mark goes into the sum, a chapter's stands after lateness, the newest counts, and can be undone."""
    work = graded({"a": 0.5})
    assert settled(None, work, overrides=[_override(question="q", score=8)])["s"].score == 9.0
    late = {"deadlines": {"a": DUE}, "late": [{"chapters": ["a"]}]}
    assert settled(late, graded({"a": 1.0}, days=3))["s"].score == 0
    report = settled(late, graded({"a": 1.0}, days=3), overrides=[_override(score=1), _override(score=6)])["s"]
    assert report.score == 6
    assert any(note.values.get("reason") == "r" for note in report.notes)
    assert settled(None, work, overrides=[_override(), _override(score=None)])["s"].score == 5.0
    assert settled(None, work, overrides=[_override(student="other")])["s"].score == 5.0


def test_a_mark_set_by_hand_goes_along_when_the_points_change() -> None:
    """Half of what a question was worth is half of what it is worth now."""
    work = graded({"a": 0.0})
    assert settled(None, work, overrides=[_override(question="q", score=2, worth=4)])["s"].score == 4.0
    assert settled(None, work, overrides=[_override(question="q", score=2)])["s"].score == 2.0
    assert settled(None, work, overrides=[_override(score=2, worth=5)])["s"].score == 4.0


def _ruling(kind: str, **more) -> Ruling:
    said = {"kind": kind, "chapter": "a", "reason": "r", "who": "w", "at": DUE} | more
    return Ruling.model_validate(said)


LATE = {"deadlines": dict.fromkeys(CHAPTERS, DUE), "late": [{"chapters": list(CHAPTERS), "free_days": 1}]}


def test_an_extension_moves_one_deadline_of_one_person() -> None:
    """Days within it are not late and use up no free ones; the longest counts, and the note says why."""
    work = (graded({"a": 1.0}, days=4), graded({"a": 1.0}, days=4, student="t"))
    found = settled(LATE, *work, rulings=[_ruling("extend", student="s", days=3)])
    assert (found["s"].score, found["s"].days_late) == (10, 1)
    assert (found["t"].score, found["t"].days_late) == (0, 4)
    assert [note.values["reason"] for note in found["s"].notes if "reason" in note.values] == ["r"]
    both = [_ruling("extend", student="s", days=3), _ruling("extend", student="s", days=5)]
    assert settled(LATE, *work, rulings=both)["s"].days_late == 0
    back = [*both, _ruling("extend", student="s", withdrawn=True)]
    assert settled(LATE, *work, rulings=back)["s"].days_late == 4
    unknown = graded({"a": 1.0}, late=True).submission.model_copy(update={"submitted": None})
    of_unknown = Graded(submission=unknown, verdicts=work[0].verdicts, isolation=ISOLATION)
    assert settled(LATE, of_unknown)["s"].days_late == 1
    assert settled(LATE, of_unknown, rulings=[_ruling("extend", student="s", days=1)])["s"].days_late == 0


def test_what_is_excused_counts_neither_way() -> None:
    """A chapter leaves the total, its maximum, weights and late days; a question leaves its chapter."""
    work = (graded({"a": 0.0, "b": 1.0}, days=2), graded({"a": 0.0, "b": 1.0}, student="t"))
    weights = LATE | {"weights": {"a": 30.0, "b": 10.0}}
    found = settled(weights, *work, rulings=[_ruling("excuse", student="s")])
    assert (found["t"].score, found["t"].max_score) == (10, 40)
    assert (found["s"].max_score, found["s"].excused, found["s"].days_late) == (10, ("a",), 2)
    assert [c.id for c in found["s"].chapters] == ["b"]
    question = settled(None, *work, rulings=[_ruling("excuse", student="s", question="q")])
    assert (question["s"].chapters[0].max_score, question["t"].chapters[0].max_score) == (2, 10)


def test_a_dropped_question_counts_for_nobody_and_full_marks_for_all_who_handed_in() -> None:
    """Both say so in the report; a mark set by hand stays; who handed nothing in gets nothing."""
    work = (graded({"a": 0.5}), graded({"a": 0.0}, student="t"))
    dropped = settled(None, *work, rulings=[_ruling("drop", question="q")])
    assert [(r.score, r.max_score) for r in dropped.values()] == [(1, 2), (0, 2)]
    full = settled(None, *work, rulings=[_ruling("full", question="q")], overrides=[_override(question="q", score=3)])
    assert [(r.score, r.max_score) for r in full.values()] == [(4, 10), (8, 10)]
    assert all(any(note.values.get("reason") == "r" for note in r.notes) for r in (*dropped.values(), *full.values()))
    absent = work[1].submission.model_copy(update={"modules": {}})
    nothing = Graded(submission=absent, verdicts=work[1].verdicts, isolation=ISOLATION)
    assert settled(None, nothing, rulings=[_ruling("full", question="q")])["t"].score == 0
    none_left = [_ruling("drop", question="q"), _ruling("drop", question="r")]
    assert settled(None, *work, rulings=none_left)["s"].excused == ("a",)


def test_the_cs2916_course() -> None:
    """10/10/20/60, homework 1 alone, five late days over homeworks 2-4: used in order, nothing counts beyond them."""
    real = load_course(Path(__file__).parents[2] / "courses" / "cs2916")
    chapters = load_chapters(real)
    lates = {"hw1": 0, "hw2": 2, "hw3": 3, "hw4": 1}
    work = []
    for hw, late in lates.items():
        alone = hw == "hw1"
        submission = Submission(
            id=hw, student="s", folder=Path("f"), modules={hw: f"{hw}.py"}, team="" if alone else "x",
            members=() if alone else ("s", "t"), submitted=real.policy.deadlines[hw] + timedelta(days=late, seconds=-1),
        )  # fmt: skip
        verdicts = {hw: {"work": Verdict(question="work", share=0.9, status="needs_review")}}
        work.append(Graded(submission=submission, verdicts=verdicts, isolation=ISOLATION))
    found = {s.report.student: s.report for s in settle(real, chapters, work, environment=ENVIRONMENT)}
    assert (found["s"].score, found["s"].max_score) == (36.0, 100.0)  # 90 % of 10 + 10 + 20; hw4 is one day too late
    assert (found["t"].score, found["t"].max_score) == (27.0, 90.0)
    assert found["s"].days_late == 6

"""The audit catches weak questions by name, and lets a sound course pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.audit.checks.mutation import mutants_of
from grader.audit.findings import Audit, Calibration
from grader.audit.picture import draw
from grader.audit.story import audit
from grader.course.load import load_chapters, load_course
from grader.execute.runtime import Runtime
from grader.nouns.binding import ModelChoice
from grader.pipeline import Grading

Audited = Callable[..., Audit]


@pytest.fixture
def audited(light: Callable[[], Runtime]) -> Audited:
    """Audits the toy course in a folder."""

    def audited(root: Path, *, short: bool = True) -> Audit:
        course = load_course(root / "assignments")
        keys = root / "keys"
        with Grading(course, load_chapters(course), ModelChoice(), store=keys, runtime=light()) as grading:
            return audit(grading, short=short)

    return audited


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


SPEC = "assignments/toy/assignment.yaml"
WRONG = "reference/toy/misconceptions.py"


def test_a_sound_course_passes_and_most_mutants_die(audited: Audited, toy: Path) -> None:
    """The control: nothing weak; changing the reference's operators is noticed."""
    found = audited(toy, short=False)
    assert [str(finding.text) for finding in found.weak] == []
    (mutation,) = [mutation for mutation in found.mutations if mutation.mutants]
    assert mutation.mutants >= 2
    assert mutation.rate == 0


def with_a_field(root: Path) -> None:
    """Make the answer a dictionary whose second field is the same for every input."""
    edit(
        root,
        SPEC,
        "returns: {type: number}\n  compare: {close: {rtol: 1.0e-6, atol: 1.0e-9}}",
        "returns: {type: object}\n  compare: {fields: {total: {close: {}}, sign: {exact: {}}}}",
    )
    edit(root, "reference/toy/solution.py", "return total", 'return {"total": total, "sign": "plus"}')


WEAK: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "tolerance too wide": (
        lambda root: edit(root, SPEC, "rtol: 1.0e-6", "rtol: 0.9"),
        "calibration",
        "too wide",
    ),
    "pool of one": (
        lambda root: edit(
            root,
            SPEC,
            "{numbers: [2.0, 4.0]}, {numbers: [5.0, 6.0, 0.5]}, {numbers: [3.5, 3.0]}], draw: 2",
            "{numbers: [2.0, 4.0]}]",
        ),
        "cheap_answers",
        "add more",
    ),
    "no hidden cases": (
        lambda root: edit(
            root,
            SPEC,
            "    hidden: {pool: [{numbers: [2.0, 4.0]}, {numbers: [5.0, 6.0, 0.5]}, {numbers: [3.5, 3.0]}], draw: 2}\n",
            "",
        ),
        "cheap_answers",
        "no hidden cases",
    ),
    "a misconception that equals the truth": (
        lambda root: edit(root, WRONG, "return math.prod(numbers)", "return sum(map(math.log, numbers))"),
        "misconceptions_lose",
        "product equals the truth",
    ),
    "a misconception that some draw misses": (
        lambda root: edit(
            root,
            WRONG,
            "return math.prod(numbers)",
            "return sum(map(math.log, numbers)) if numbers != [3.5, 3.0] else 0.0",
        ),
        "misconceptions_lose",
        "full marks on some draw",
    ),
    "an answer that a constant meets": (
        lambda root: edit(
            root, SPEC, "{numbers: [2.0, 4.0]}, {numbers: [5.0, 6.0, 0.5]}, {numbers: [3.5, 3.0]}", TWO_ALIKE
        ),
        "cheap_answers",
        "constant",
    ),
    "a field that is always the same": (
        with_a_field,
        "cheap_answers",
        "`sign` is the same in 100% of the hidden cases",
    ),
    "too few misconceptions": (
        lambda root: edit(root, WRONG, "def log_sum__product", "def product"),
        "misconceptions_lose",
        "3 are owed",
    ),
    "a template that is not one": (
        lambda root: edit(root, "submissions_template/toy.py", "raise NotImplementedError", "return 0.0"),
        "template",
        "not missing",
    ),
    "another signature": (
        lambda root: edit(root, "submissions_template/toy.py", "log_sum(numbers)", "log_sum(values)"),
        "declared",
        "is declared",
    ),
    "a handout without the section": (
        lambda root: edit(root, "assignments/toy/handout.zh.md", "{#log_sum}", ""),
        "declared",
        "handout.zh.md",
    ),
    "a rubric the reference does not meet": (
        lambda root: edit(root, "reference/toy/solution.py", "it is stable", "it is so"),
        "reference_right",
        "rubric",
    ),
}
TWO_ALIKE = "{numbers: [1.5, 3.0, 2.0]}, {numbers: [3.0, 3.0]}, {numbers: [2.0, 1.5, 3.0]}"


@pytest.mark.parametrize("name", WEAK)
def test_a_planted_weakness_is_caught_by_name(audited: Audited, toy: Path, name: str) -> None:
    """Each spoiled course has a finding of the right check that says what is weak."""
    spoil, check, words = WEAK[name]
    spoil(toy)
    weak = [finding for finding in audited(toy).weak if finding.check == check]
    assert any(words in str(finding.text) for finding in weak), weak


def test_a_tolerance_tighter_than_the_spread_is_caught() -> None:
    """Too tight: the reference's own spread exceeds a quarter of the tolerance. (The toy has no model to vary.)"""
    from grader.audit.checks.calibration import judged

    class Plain:
        def finding(self, _check: str, text: str, *, ok: bool) -> tuple[str, bool]:
            return text, ok

    def found(calibration: Calibration) -> Any:
        plain: Any = Plain()
        return list(judged(plain, [calibration]))

    tight = Calibration(chapter="c", question="q", case="hidden-1", spread={"float64": 0.5}, misconceptions={"m": 90.0})
    fine = Calibration(chapter="c", question="q", case="hidden-1", spread={"float64": 0.2}, misconceptions={"m": 90.0})
    ((text, ok),) = found(tight)
    assert "too tight" in str(text)
    assert not ok
    ((_, ok),) = found(fine)
    assert ok


def test_mutants_change_one_place_each_and_stay_python() -> None:
    """Every mutant parses, differs from the source, and is named by line and change."""
    helper, other = "def helper(x):\n    return x + 1\n", "def other(x):\n    return x - 1\n"
    source = f"{helper}\n\ndef f(x):\n    return helper(x).sum(-1) * 2\n\n\n{other}"
    mutants = dict(mutants_of(source, "f"))
    assert any("line 2: x + 1 → x - 1" in name for name in mutants)
    assert any("mean" in name for name in mutants)
    assert not any("line 10" in name for name in mutants), "code the question does not reach is left alone"
    for text in mutants.values():
        compile(text, "mutant", "exec")


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_picture_is_drawn(tmp_path: Path, ending: str) -> None:
    """Spread, tolerance and misconceptions on one axis, in both formats; infinite distances do not break it."""
    calibrations = [
        Calibration(chapter="c", question="q", case="a", spread={"x": 0.01, "y": 0.0}, misconceptions={"m": 50.0}),
        Calibration(
            chapter="c", question="q", case="b", spread={"x": 0.02, "y": 0.1}, misconceptions={"m": float("inf")}
        ),
    ]
    file = tmp_path / "deep" / f"q.{ending}"
    draw(calibrations, file)
    assert file.stat().st_size > 1000

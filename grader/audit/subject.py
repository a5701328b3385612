"""What a check looks at: one question with its truth, its misconceptions, and the means to run more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.answers.key import SOLUTION
from grader.audit.findings import Finding
from grader.course.draw import all_cases
from grader.execute.calls import calls_for, run_calls, run_questions
from grader.execute.measures import measured
from grader.marking import returns
from grader.marking.outcomes import judge_outcomes
from grader.nouns.course import Chapter, Course
from grader.nouns.misconception import Misconception, Values
from grader.nouns.outcome import Outcome, Returned
from grader.nouns.question import Case, Question
from grader.nouns.text import Message
from grader.nouns.value import Tensor, Value
from grader.nouns.verdict import Verdict
from grader.pipeline import Grading


@dataclass(frozen=True)
class Subject:
    """One question under audit.

    Attributes:
        grading: the opened course: sandbox, bindings, keys.
        course, chapter, question: what is looked at.
        truth: case id to the reference's value; empty for questions that a measure or a person judges.
        misconceptions: the question's named wrong answers.
        wrong: misconception name to case id to the value it gives.
    """

    grading: Grading
    course: Course
    chapter: Chapter
    question: Question
    truth: dict[str, Value]
    misconceptions: tuple[Misconception, ...]
    wrong: Values

    @property
    def reference(self) -> Path:
        """The chapter's reference folder."""
        return self.course.reference_folder(self.chapter)

    @property
    def cases(self) -> tuple[Case, ...]:
        """Public cases and the whole pool."""
        return all_cases(self.question)

    @property
    def drawn(self) -> int:
        """How many hidden cases a student gets."""
        hidden = self.question.cases.hidden
        if hidden is None:
            return 0
        return hidden.draw if hidden.draw is not None else len(hidden.pool)

    def finding(self, check: str, text: Message, *, ok: bool) -> Finding:
        """A finding about this question."""
        return Finding(chapter=self.chapter.id, question=self.question.id, check=check, ok=ok, text=text)

    def run(self, folder: Path, module: str, cases: Sequence[Case] | None = None) -> tuple[Outcome, ...]:
        """Run a module's answer to this question on some cases, the whole pool by default."""
        asked = self.cases if cases is None else tuple(cases)
        outcomes = run_questions(self.grading.runtime.sandbox, folder, module, [(self.question, asked)])[
            self.question.id
        ]
        return measured(self.grading.runtime.sandbox, self.reference, self.question, asked, outcomes)

    def run_varied(self, variation: str) -> list[Outcome]:
        """Run the reference on all cases under a numerical set-up of `grader.sandbox.child.variations`."""
        calls = calls_for(self.question, self.cases)
        return run_calls(self.grading.runtime.sandbox, self.reference, SOLUTION, calls, variation=variation)

    def verdict_on(self, outcomes: Sequence[Outcome], cases: Sequence[Case] | None = None) -> Verdict:
        """Return the verdict that outcomes would get."""
        return judge_outcomes(self.question, self.truth, self.cases if cases is None else cases, outcomes)

    def accepted(self, outcome: Outcome) -> Value | None:
        """The value in an outcome if it has the declared shape; float64 tensors count as what they would be."""
        if not isinstance(outcome, Returned):
            return None
        accepted = returns.accept(self.question.returns, _single(outcome.value))
        return None if isinstance(accepted, returns.Refused) else accepted.value

    def wins_some_draw(self, matching: set[str]) -> bool:
        """Return whether an answer right on just these cases gets full marks on some student's draw."""
        public = {case.id for case in self.cases if not case.hidden}
        return public <= matching and len(matching - public) >= self.drawn


def _single(value: Value) -> Value:
    """Convert float64 tensors in a value to float32: a set-up's own dtype is not under test."""
    match value:
        case Tensor(dtype="float64", array=array):
            return Tensor("float32", array.astype("float32"))
        case list():
            return [_single(item) for item in value]
        case dict():
            return {name: _single(item) for name, item in value.items()}
        case _:
            return value

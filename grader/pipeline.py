"""The story: a key, a run, a verdict a question, a report.

key     = truth.key(...)         the reference on the same inputs, once, kept by content hash
work    = run_chapter(...)       student faults are data, never exceptions; `record.judged` recalls what a ledger has
verdict = judge(...)             pure; `run_chapter` calls it in this process, after the child is gone
report  = score(...)             points, policy, review flags of one submission
report  = settle(...)            for a class, of a person: attempts, teams and lateness too
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Self, Unpack

from grader.answers.frozen import is_frozen
from grader.answers.truth import Truth
from grader.course.selection import Selection
from grader.execute.evidence import OnQuestion, run_chapter
from grader.execute.runtime import Runtime, RuntimeOptions, open_runtime
from grader.marking.judge import judge
from grader.nouns.binding import ModelChoice
from grader.nouns.course import Chapter, Course
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.graded import Graded
from grader.nouns.question import Asked, Case, Question
from grader.nouns.report import Isolation, Report
from grader.nouns.submission import Submission
from grader.scoring.points import score
from grader.store.ledger import Ledger
from grader.store.record import Record


class Grading:
    """A course opened for grading. Use it as a context manager; `grade` may be called from several threads.

    Attributes:
        course, chapters: what is graded.
        selection: the questions and cases that are asked.
        runtime: what it runs with: models, sandbox, executor.
        truth: what answers are compared with.
        record: a ledger's work and verdicts, where there is one.
    """

    def __init__(
        self,
        course: Course,
        chapters: Sequence[Chapter],
        choice: ModelChoice,
        *,
        hidden: bool = True,
        questions: Iterable[str] | None = None,
        store: Path | None = None,
        runtime: Runtime | None = None,
        **options: Unpack[RuntimeOptions],
    ) -> None:
        """Bind the models; nothing is started before something has to run.

        Args:
            course: the course.
            chapters: the chapters to grade, checked by `load_chapter`.
            choice: which models stand behind the logical names.
            hidden: grade on hidden cases too; a student's self-check does not.
            questions: ids of the only questions to grade; all when None.
            store: folder for answer keys; the user's cache when None.
            runtime: what to run with, in place of one opened for `choice`; closed at the end all the same.
            options: what `open_runtime` takes.
        """
        self.course, self.chapters = course, tuple(chapters)
        self.selection = Selection(self.chapters, questions, hidden=hidden)
        self.runtime = runtime or open_runtime(course, self.selection.models, choice, **options)
        bindings, sandbox = self.runtime.bindings, self.runtime.sandbox
        self.truth = Truth(course, bindings, sandbox, hidden=hidden, questions=self.selection.ids, store=store)
        self.record: Record | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.runtime.__exit__()

    def keep(self, ledger: Ledger, run_number: int) -> Record:
        """From here on recall from a ledger what is there, and keep in it what is new; returns this run's access."""
        self.record = Record(ledger, run_number, self.course, self.runtime.bindings)
        return self.record

    def prepare(self) -> None:
        """Compute all keys before the first submission, so that a broken reference is found at once."""
        for chapter in self.chapters:
            self.truth.key(chapter)

    def report(
        self,
        submission: Submission,
        *,
        chapters: Iterable[str] | None = None,
        progress: OnQuestion | None = None,
    ) -> Report:
        """Grade one submission by itself: no deadlines, teams or earlier attempts. Arguments are those of `grade`."""
        graded = self.grade(submission, chapters=chapters, progress=progress)
        return score(self.course, self.chapters, graded, self.runtime.environment)

    def grade(
        self,
        submission: Submission,
        *,
        chapters: Iterable[str] | None = None,
        progress: OnQuestion | None = None,
        run: bool = True,
    ) -> Graded:
        """Run and judge one submission on all chapters of this grading, or on those of some ids.

        Without `run` nothing is started, and questions whose work is not in the ledger are left out.
        """
        selected = [c for c in self.chapters if self.selection.questions(c) and (chapters is None or c.id in chapters)]
        judged = {c.id: self._judged(c, submission, progress, run=run) for c in selected}
        every = [one for chapter in judged.values() for one in chapter.values()]
        return Graded(
            submission=submission,
            verdicts={c: {name: one.verdict for name, one in questions.items()} for c, questions in judged.items()},
            isolation=Isolation.lowest(one.isolation for one in every),
            notes=(*self.selection.notes(selected), *(note for one in every for note in one.notes)),
        )

    def _judged(
        self, chapter: Chapter, submission: Submission, progress: OnQuestion | None, *, run: bool
    ) -> dict[str, Judged]:
        """One chapter: question id to its verdict, and what else is known of its run."""
        reference = None if is_frozen(self.course, chapter) else self.course.reference_folder(chapter)
        asked = self.selection.asked(chapter, submission.student)

        def judge_one(question: Question, cases: Sequence[Case], evidence: Evidence) -> Judged:
            known, wrong = partial(self.truth.known, chapter, question), partial(self.truth.wrong, chapter, question)
            return judge(question, cases, evidence, known=known, wrong=wrong)

        def run_and_judge(left: Asked) -> dict[str, tuple[Evidence, Judged]]:
            return run_chapter(
                self.runtime, chapter, submission, left, judge_one, reference=reference, progress=progress
            )

        if self.record is None:
            return {name: judged for name, (_, judged) in run_and_judge(asked).items()}
        answers, anew = self.truth.key(chapter), run_and_judge if run else None
        return self.record.judged(chapter, submission, asked, answers, judge=judge_one, run=anew)

"""The story: a key, a run, a verdict a question, a report.

key     = answer_key(...)        the reference on the same inputs, once, kept by content hash
work    = run_questions(...)     student faults are data, never exceptions
verdict = mark(...)              pure; here, after the child is gone
report  = score(...)             points, policy, review flags
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Self

from grader import __version__
from grader.cases import PUBLIC_SECRET, all_cases, cases_for, course_secret
from grader.errors import SandboxError
from grader.forbid import forbidden_uses
from grader.frozen import is_frozen
from grader.key import AnswerKey, answer_key, reference_folder
from grader.mark import mark
from grader.misconceptions import diagnosis, failing_values, match, misconception_values, misconceptions_of
from grader.models import ModelChoice, bind
from grader.notebook import notes as notebook_notes
from grader.notebook.unpack import Opened, opened
from grader.nouns.binding import Binding
from grader.nouns.course import Chapter, Course
from grader.nouns.outcome import Missing, Outcome, Raised
from grader.nouns.question import Case, Question
from grader.nouns.report import BoundModel, Environment, Isolation, Report
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say
from grader.nouns.verdict import Verdict
from grader.sandbox import Sandbox, open_sandbox
from grader.score import score
from grader.where import answer_line, pointed
from grader.work import measured, run_questions

Progress = Callable[[str, str], None]
"""Told `(chapter id, question id)` when work on a question starts, so that a person sees something move."""


class Grading:
    """A course opened for grading: its chapters, bound models and a sandbox that holds them warm.

    Use it as a context manager; the sandbox ends with it. `grade` may be called from several threads.
    """

    def __init__(
        self,
        course: Course,
        chapters: Sequence[Chapter],
        choice: ModelChoice,
        *,
        level: int | None = None,
        hidden: bool = True,
        questions: Iterable[str] | None = None,
        store: Path | None = None,
    ) -> None:
        """Bind the models and start the sandbox.

        Args:
            course: the course.
            chapters: the chapters to grade, checked by `spec.load_chapter`.
            choice: which models stand behind the logical names.
            level: the isolation level to use; the highest this machine reaches when None.
            hidden: grade on hidden cases too; a student's self-check does not.
            questions: ids of the only questions to grade; all when None.
            store: folder for answer keys; the user's cache when None.
        """
        self.course = course
        self.chapters = tuple(chapters)
        self.hidden = hidden
        self.questions = None if questions is None else frozenset(questions)
        self.store = store
        self.secret = course_secret()
        self.bindings: dict[str, Binding] = bind(course, _models_of(self._asked_questions()), choice)
        self.sandbox: Sandbox = open_sandbox(self.bindings, level=level)
        self._keys: dict[str, AnswerKey] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()

    @property
    def isolation(self) -> Isolation:
        """The isolation that was measured when the sandbox started."""
        return self.sandbox.isolation

    @property
    def environment(self) -> Environment:
        """What the work is graded with."""
        return Environment(
            grader=__version__,
            python=platform.python_version(),
            torch=version("torch"),
            transformers=version("transformers"),
            platform=platform.platform(),
            models=tuple(
                BoundModel(name=b.name, source=b.source, fingerprint=b.fingerprint) for b in self.bindings.values()
            ),
        )

    def _asked_questions(self) -> tuple[Question, ...]:
        return tuple(q for chapter in self.chapters for q in self._asked(chapter))

    def _asked(self, chapter: Chapter) -> tuple[Question, ...]:
        return tuple(q for q in chapter.questions if self.questions is None or q.id in self.questions)

    def key(self, chapter: Chapter) -> AnswerKey:
        """The chapter's answer key.

        Raises:
            BrokenReference: the reference failed.
        """
        if chapter.id not in self._keys:
            ids = [question.id for question in self._asked(chapter)]
            self._keys[chapter.id] = answer_key(
                self.course, chapter, self.bindings, self.sandbox, questions=ids, store=self.store
            )
        return self._keys[chapter.id]

    def fresh_key(self, chapter: Chapter, store: Path) -> AnswerKey:
        """The chapter's key computed into an empty store, whatever is kept elsewhere."""
        ids = [question.id for question in self._asked(chapter)]
        return answer_key(self.course, chapter, self.bindings, self.sandbox, questions=ids, store=store)

    def prepare(self) -> None:
        """Compute all keys before the first submission, so that a broken reference is found at once."""
        for chapter in self.chapters:
            self.key(chapter)

    def grade(
        self, submission: Submission, *, progress: Progress | None = None, only: Iterable[str] | None = None
    ) -> Report:
        """Grade one submission on all chapters of this grading, or on those of some ids."""
        chapters = [c for c in self.chapters if only is None or c.id in only]
        notes: list[Message] = []
        graded = [
            (chapter, self.grade_chapter(chapter, submission, progress=progress, notes=notes))
            for chapter in chapters
            if self._asked(chapter)
        ]
        return score(
            self.course,
            submission,
            graded,
            isolation=self.isolation,
            environment=self.environment,
            notes=(*self._notes(submission), *notes),
        )

    def _notes(self, submission: Submission) -> tuple[Message, ...]:
        notes = [say("{note}", note=note) for note in submission.notes]
        if self.hidden and self.secret == PUBLIC_SECRET:
            notes.append(say("hidden cases were drawn with the public default secret; set GRADER_SECRET"))
        return tuple(notes)

    def grade_chapter(
        self,
        chapter: Chapter,
        submission: Submission,
        *,
        progress: Progress | None = None,
        notes: list[Message] | None = None,
    ) -> dict[str, Verdict]:
        """One chapter of one submission: question id to verdict.

        `notes` takes what is worth saying about the hand-in itself: cells of a notebook that failed, and the like.
        """
        asked = [
            (question, cases_for(question, submission.student, self.secret, hidden=self.hidden))
            for question in self._asked(chapter)
        ]
        if progress:
            progress(chapter.id, "")
        with opened(submission, chapter) as own:
            if own.broken is not None:
                return {q.id: Verdict(question=q.id, share=0, status="error", message=own.broken) for q, _ in asked}
            extra = [(notebook_notes.CELLS, all_cases(notebook_notes.CELLS))] if own.notebook else []
            work = run_questions(self.sandbox, own.folder, own.module, [*extra, *asked])
            if notes is not None:
                notes += [*own.notes, *notebook_notes.of_run(own.notebook, work.get(notebook_notes.CELLS.id, ()))]
            verdicts: dict[str, Verdict] = {}
            fresh = True  # nothing has run in the first question's child before it
            for question, cases in asked:
                verdict = self._marked(chapter, own, question, cases, work[question.id])
                if verdict.share < 1 and not fresh and _may_be_a_neighbours_fault(question, work[question.id]):
                    if progress:
                        progress(chapter.id, question.id)
                    again = run_questions(self.sandbox, own.folder, own.module, [(question, cases)])
                    verdict = self._marked(chapter, own, question, cases, again[question.id])
                verdicts[question.id] = verdict
                fresh = False
        return verdicts

    def _marked(
        self,
        chapter: Chapter,
        own: Opened,
        question: Question,
        cases: Sequence[Case],
        outcomes: Sequence[Outcome],
    ) -> Verdict:
        uses = (
            forbidden_uses(own.reading, own.module, question.call.name, question.forbid)
            if question.call and question.forbid
            else ()
        )
        uses = tuple(own.placed(use) for use in uses)
        known = self.key(chapter).get(question.id)
        if not is_frozen(self.course, chapter):
            known = known or {}
            reference = reference_folder(self.course, chapter).resolve()
            outcomes = measured(self.sandbox, reference, question, cases, outcomes)
        verdict = mark(question, known, cases, outcomes, uses)
        if verdict.share >= 1:
            return verdict
        line = answer_line(own.reading / own.module, question)
        verdict = pointed(verdict, *(own.place(own.module, line) if line else (own.module, None)))
        return self._diagnosed(chapter, question, verdict, cases, outcomes)

    def _diagnosed(
        self,
        chapter: Chapter,
        question: Question,
        verdict: Verdict,
        cases: Sequence[Case],
        outcomes: Sequence[Outcome],
    ) -> Verdict:
        """The verdict with the misconception named that gives the student's values on all failing cases, if any."""
        failing = failing_values(question, verdict, cases, outcomes)
        found = misconceptions_of(self.course, chapter, question) if failing else ()
        if not found:
            return verdict
        values = misconception_values(
            self.course, chapter, question, all_cases(question), self.bindings, self.sandbox, store=self.store
        )
        misconception = match(question, found, values, failing)
        if misconception is None:
            return verdict
        return verdict.model_copy(
            update={"misconception": misconception.name, "diagnosis": diagnosis(misconception, question)}
        )


def _models_of(questions: Iterable[Question]) -> set[str]:
    return {name for question in questions for name in question.given.values()}


def _may_be_a_neighbours_fault(question: Question, outcomes: Sequence[Outcome]) -> bool:
    """Whether running the question again in a fresh child could come out differently.

    A module that cannot be imported, a function that is absent or not written yet fail the same way everywhere.
    """
    if question.isolate == "question" or question.answer is not None:
        return False
    return not all(
        isinstance(outcome, Missing)
        or (isinstance(outcome, Raised) and (outcome.during == "import" or outcome.type == "NotImplementedError"))
        for outcome in outcomes
    )


def select_chapters(chapters: Sequence[Chapter], wanted: Sequence[str]) -> tuple[Chapter, ...]:
    """The chapters whose ids start with one of the wanted words, for example `ch01`; all when none is given."""
    return tuple(c for c in chapters if not wanted or any(c.id.startswith(word) for word in wanted))


def own_chapters(chapters: Sequence[Chapter], submission: Submission) -> tuple[Chapter, ...]:
    """The chapters a submission has work for."""
    return tuple(chapter for chapter in chapters if chapter.id in submission.modules)


def sources(reports: Iterable[Report]) -> Mapping[str, str]:
    """Model name to `source (fingerprint)`, for the head of a table."""
    return {
        model.name: f"{model.source} ({model.fingerprint})" for report in reports for model in report.environment.models
    }


BULK_LEVEL = 2
"""Below this level a hostile submission could read what lies on the machine: bulk grading and CI fail closed."""


def require_level(isolation: Isolation, allowed: int | None) -> None:
    """Refuse to grade other people's code below level 2 unless told otherwise in so many words.

    Raises:
        SandboxError: the level reached is too low and was not allowed.
    """
    needed = BULK_LEVEL if allowed is None else allowed
    if isolation.level < needed:
        raise SandboxError(
            f"this machine reaches isolation level {isolation.level}, and grading other people's code needs {needed}: "
            f"run `grader doctor` to see what is missing, or accept the risk with --allow-level {isolation.level}"
        )

"""The story: a key, a run, a verdict a question, a report.

key     = answer_key(...)        the reference on the same inputs, once, kept by content hash
work    = executor.run(...)      student faults are data, never exceptions; recalled where a ledger has it
verdict = mark(...)              pure; here, after the child is gone
report  = score(...)             points, policy, review flags
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Self

from grader import __version__
from grader.answers.frozen import is_frozen
from grader.answers.key import AnswerKey, answer_key, reference_folder
from grader.answers.misconceptions import (
    Misconception,
    Values,
    diagnosis,
    failing_values,
    match,
    misconception_values,
    misconceptions_of,
)
from grader.course.draw import PUBLIC_SECRET, all_cases, cases_for, course_secret
from grader.course.models import ModelChoice, bind
from grader.execute import Asked, Executor, dask, local
from grader.execute.calls import measured
from grader.marking import mark
from grader.marking.forbid import forbidden_uses
from grader.marking.where import answer_line, pointed
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
from grader.sandbox import open_sandbox
from grader.sandbox.lazy import Lazy
from grader.sandbox.level import confined
from grader.scoring.points import score
from grader.store.evidence import Evidence, Judged
from grader.store.ledger import Ledger
from grader.store.record import Record

Progress = Callable[[str, str], None]
"""Told `(chapter id, question id)` when work on a question starts, so that a person sees something move."""


_version = cache(version)  # finds, reads and parses a file each time


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
        needed: int = 1,
        scheduler: str | None = None,
        keep_warm: int | None = None,
    ) -> None:
        """Bind the models; the sandbox starts when something has to run.

        Args:
            course: the course.
            chapters: the chapters to grade, checked by `spec.load_chapter`.
            choice: which models stand behind the logical names.
            level: the isolation level to use; the highest this machine reaches when None.
            hidden: grade on hidden cases too; a student's self-check does not.
            questions: ids of the only questions to grade; all when None.
            store: folder for answer keys; the user's cache when None.
            needed: refuse to run anything at a lower isolation level.
            scheduler: address of a Dask scheduler whose workers run the submissions; this machine when None.
            keep_warm: for a self-check, as for `open_sandbox`.
        """
        self.course = course
        self.chapters = tuple(chapters)
        self.hidden = hidden
        self.questions = None if questions is None else frozenset(questions)
        self.store = store
        self.secret = course_secret()
        self.bindings: dict[str, Binding] = bind(course, _models_of(self._asked_questions()), choice)
        self.sandbox = Lazy(lambda: confined(open_sandbox(self.bindings, level=level, keep_warm=keep_warm), needed))
        self.executor: Executor = (
            local.start(self.sandbox)
            if scheduler is None
            else dask.start(scheduler, self.bindings, level=level, needed=needed)
        )
        self.record: Record | None = None
        self._keys: dict[str, AnswerKey] = {}
        self._wrong: dict[tuple[str, str], tuple[tuple[Misconception, ...], Values]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.executor.close()
        self.sandbox.close()

    def keep(self, ledger: Ledger, run: int) -> Record:
        """From here on recall from a ledger what is there, and keep in it what is new; returns this run's access."""
        self.record = Record(ledger, run, self.course, self.bindings)
        return self.record

    @property
    def isolation(self) -> Isolation:
        """The isolation that student code is run at; starts the sandbox."""
        return self.executor.isolation

    @property
    def environment(self) -> Environment:
        """What the work is graded with."""
        return Environment(
            grader=__version__,
            python=platform.python_version(),
            torch=_version("torch"),
            transformers=_version("transformers"),
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
        judged = self.judge_chapter(chapter, submission, progress=progress)
        if notes is not None:
            found = (note for one in judged.values() for note in one.notes)
            notes += [note for note in found if note not in notes]
        return {name: one.verdict for name, one in judged.items()}

    def judge_chapter(
        self, chapter: Chapter, submission: Submission, *, progress: Progress | None = None, run: bool = True
    ) -> dict[str, Judged]:
        """As `grade_chapter`, with what else is known of each run; recalled where a ledger has it.

        Without `run` nothing is started, and questions whose work is not in the ledger are left out.
        """
        asked = self._asked_of(chapter, submission)
        if self.record is None:
            return {name: judged for name, (_, judged) in self._run(chapter, submission, asked, progress).items()}
        work_keys = self.record.work_keys(chapter, submission, asked)
        verdict_keys = self.record.verdict_keys(chapter, asked, work_keys, self.key(chapter))
        self.record.used[submission.id, chapter.id] = {q: (key, verdict_keys[q]) for q, key in work_keys.items()}
        judged = self.record.verdicts(verdict_keys)
        left = [(q, cases) for q, cases in asked if q.id not in judged]
        known = self.record.recall({q.id: work_keys[q.id] for q, _ in left}) if left else {}
        new = {q.id: self._judged(chapter, q, cases, known[q.id]) for q, cases in left if q.id in known}
        to_run = [(q, cases) for q, cases in left if q.id not in known] if run else []
        if to_run:
            fresh = self._run(chapter, submission, to_run, progress)
            self.record.keep(chapter, submission, work_keys, {name: evidence for name, (evidence, _) in fresh.items()})
            new |= {name: one for name, (_, one) in fresh.items()}
        if new:
            self.record.keep_verdicts(verdict_keys, work_keys, new)
        judged |= new
        return {q.id: judged[q.id] for q, _ in asked if q.id in judged}

    def _asked_of(self, chapter: Chapter, submission: Submission) -> Asked:
        return [
            (question, cases_for(question, submission.student, self.secret, hidden=self.hidden))
            for question in self._asked(chapter)
        ]

    def _run(
        self, chapter: Chapter, submission: Submission, asked: Asked, progress: Progress | None
    ) -> dict[str, tuple[Evidence, Judged]]:
        """Run and judge a chapter's questions; one that lost points in a child it shared is run again in its own."""
        if progress:
            progress(chapter.id, "")
        with opened(submission, chapter) as own:
            if own.broken is not None:
                broken = Evidence(broken=own.broken)
                return {q.id: (broken, self._judged(chapter, q, cases, broken)) for q, cases in asked}
            extra = [(notebook_notes.CELLS, all_cases(notebook_notes.CELLS))] if own.notebook else []
            work = self.executor.run(own.folder, own.module, [*extra, *asked])
            notes = (*own.notes, *notebook_notes.of_run(own.notebook, work.get(notebook_notes.CELLS.id, ())))
            found: dict[str, tuple[Evidence, Judged]] = {}
            for question, cases in asked:
                evidence = self._evidence(chapter, own, question, cases, work[question.id], notes)
                judged = self._judged(chapter, question, cases, evidence)
                # Nothing has run in the first question's child before it.
                if found and judged.verdict.share < 1 and _may_be_a_neighbours_fault(question, work[question.id]):
                    if progress:
                        progress(chapter.id, question.id)
                    again = self.executor.run(own.folder, own.module, [(question, cases)])
                    evidence = self._evidence(chapter, own, question, cases, again[question.id], notes)
                    judged = self._judged(chapter, question, cases, evidence)
                found[question.id] = evidence, judged
        return found

    def _evidence(
        self,
        chapter: Chapter,
        own: Opened,
        question: Question,
        cases: Sequence[Case],
        outcomes: Sequence[Outcome],
        notes: tuple[Message, ...],
    ) -> Evidence:
        """Outcomes with all else that judging needs from the submission's files."""
        uses = (
            forbidden_uses(own.reading, own.module, question.call.name, question.forbid)
            if question.call and question.forbid
            else ()
        )
        if not is_frozen(self.course, chapter):
            reference = reference_folder(self.course, chapter).resolve()
            outcomes = measured(self.sandbox, reference, question, cases, outcomes)
        line = answer_line(own.reading / own.module, question)
        file, line = own.place(own.module, line) if line else (own.module, None)
        return Evidence(
            outcomes=tuple(outcomes),
            uses=tuple(own.placed(use) for use in uses),
            file=file,
            line=line,
            notes=notes,
            isolation=self.executor.isolation if any(o.kind != "missing" for o in outcomes) else None,
        )

    def _judged(self, chapter: Chapter, question: Question, cases: Sequence[Case], evidence: Evidence) -> Judged:
        """A question's verdict from what its run gave; nothing of the submission runs."""
        if evidence.broken is not None:
            verdict = Verdict(question=question.id, share=0, status="error", message=evidence.broken)
            return Judged(verdict=verdict)
        known = self.key(chapter).get(question.id)
        if not is_frozen(self.course, chapter):
            known = known or {}
        verdict = mark(question, known, cases, evidence.outcomes, evidence.uses)
        if verdict.share < 1:
            verdict = pointed(verdict, evidence.file, evidence.line)
            verdict = self._diagnosed(chapter, question, verdict, cases, evidence.outcomes)
        return Judged(verdict=verdict, notes=evidence.notes, isolation=evidence.isolation)

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
        found, values = self._misconceptions(chapter, question) if failing else ((), {})
        if not found:
            return verdict
        misconception = match(question, found, values, failing)
        if misconception is None:
            return verdict
        return verdict.model_copy(
            update={"misconception": misconception.name, "diagnosis": diagnosis(misconception, question)}
        )

    def _misconceptions(self, chapter: Chapter, question: Question) -> tuple[tuple[Misconception, ...], Values]:
        """A question's misconceptions and the values they give, looked up once."""
        place = (chapter.id, question.id)
        if place not in self._wrong:
            found = misconceptions_of(self.course, chapter, question)
            # A class shares the values of the whole pool; a self-check waits for those of the public cases only.
            cases = [case for case in all_cases(question) if self.hidden or not case.hidden]
            values = (
                misconception_values(
                    self.course, chapter, question, cases, self.bindings, self.sandbox, store=self.store
                )
                if found
                else {}
            )
            self._wrong[place] = (found, values)
        return self._wrong[place]


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

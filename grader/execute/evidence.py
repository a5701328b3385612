"""Runs one chapter of one submission and gathers what judging needs: outcomes, and facts from its files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.course.draw import all_cases
from grader.errors import SandboxError
from grader.execute.allowance import Allowance
from grader.execute.calls import TIMEOUTS_PER_QUESTION
from grader.execute.opened import Opened, opened
from grader.execute.reading import Source
from grader.execute.runtime import Runtime
from grader.files import folder_digest
from grader.notebook import notes as notebook_notes
from grader.nouns.course import Chapter
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.outcome import Missing, Outcome, Raised, TimedOut
from grader.nouns.question import Asked, Case, Question
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say

Judge = Callable[[Question, Sequence[Case], Evidence], Judged]
OnQuestion = Callable[[str, str], None]
"""Told `(chapter id, question id)` when work on a question starts, so that a person sees something move."""


def run_chapter(
    runtime: Runtime,
    chapter: Chapter,
    submission: Submission,
    asked: Asked,
    judge: Judge,
    *,
    reference: Path | None,
    progress: OnQuestion | None = None,
) -> dict[str, tuple[Evidence, Judged]]:
    """Run a chapter's questions and judge them; return question id to its evidence and verdict.

    Questions share a child process. One that lost points there is run again in a child of its own, so that no question
    pays for what another one left behind. It is not run again when too little of the chapter's budget is left. All
    runs draw on the budget.

    Args:
        runtime: what it runs with.
        chapter: whose module of the submission is run.
        submission: the work.
        asked: the questions with the cases of this student.
        judge: gives the verdict.
        reference: the folder with the chapter's measures; None in a student kit, which has none.
        progress: told the chapter when it starts and each question that is run again.

    Raises:
        SandboxError: the machine, not the student, is at fault.
    """
    if progress:
        progress(chapter.id, "")
    with opened(submission, chapter) as files:
        if files.broken is not None:
            broken = Evidence(broken=files.broken)
            return {q.id: (broken, judge(q, cases, broken)) for q, cases in asked}
        extra = [(notebook_notes.CELLS, all_cases(notebook_notes.CELLS))] if files.notebook else []
        allowance = Allowance(chapter.allowance)
        _assert_as_taken(chapter, submission)
        work = runtime.executor.run(files.folder, files.module, [*extra, *asked], allowance)
        _assert_as_taken(chapter, submission)
        notes = (*files.notes, *notebook_notes.of_run(files.notebook, work.get(notebook_notes.CELLS.id, ())))
        gather = _Gather(runtime, files, notes, reference)
        found: dict[str, tuple[Evidence, Judged]] = {}
        for question, cases in asked:
            evidence = gather.evidence(question, cases, work[question.id])
            judged = judge(question, cases, evidence)
            may_differ = _may_be_a_neighbours_fault(question, work[question.id])
            if len(asked) > 1 and judged.verdict.share < 1 and may_differ and allowance.allows(work[question.id]):
                if progress:
                    progress(chapter.id, question.id)
                again = runtime.executor.run(files.folder, files.module, [(question, cases)], allowance)[question.id]
                rerun = judge(question, cases, gather.evidence(question, cases, again))
                evidence = gather.evidence(question, cases, _joined(cases, work[question.id], again, rerun))
                judged = judge(question, cases, evidence)
            found[question.id] = evidence, judged
    return found


class _Gather:
    """Evidence from the outcomes of one opened chapter."""

    def __init__(self, runtime: Runtime, files: Opened, notes: tuple[Message, ...], reference: Path | None) -> None:
        self.runtime, self.files, self.notes, self.reference = runtime, files, notes, reference

    def evidence(self, question: Question, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Evidence:
        """Return outcomes with figures, forbidden uses in the source, and the place of the answer."""
        source = self.files.sources.get(question.id, Source(file=self.files.module))
        if self.reference is not None:
            outcomes = self.runtime.measures.measured(self.reference, question, cases, outcomes)
        return Evidence(
            outcomes=tuple(outcomes),
            uses=source.uses,
            unread=_unread(question, source),
            file=source.file,
            line=source.line,
            notes=self.notes,
            isolation=self.runtime.executor.isolation if any(o.kind != "missing" for o in outcomes) else None,
        )


def _joined(
    cases: Sequence[Case], first: Sequence[Outcome], again: Sequence[Outcome], rerun: Judged
) -> tuple[Outcome, ...]:
    """Return the outcomes of a second run, without what its public cases could show of hidden inputs.

    The student's code has met hidden inputs before the second run, and may have passed them on through the kernel
    (which pages are in memory, how many threads there were). So a public case that is right in the second run counts
    as right and shows no output. One that is wrong keeps its outcome of the first run.
    """
    right = {case.id for case in rerun.verdict.cases if case.share >= 1}
    return tuple(
        after
        if case.hidden
        else after.model_copy(update={"output": "", "output_cut": False})
        if case.id in right
        else before
        for case, before, after in zip(cases, first, again, strict=True)
    )


def _unread(question: Question, source: Source) -> Message | None:
    if source.unread is None:
        return None
    file, reason = source.unread
    return say(
        "whether {names} may be used here matters, and {file} could not be searched for it: {reason}; a teacher has to "
        "look at it",
        names=", ".join(f"`{name}`" for name in question.forbid),
        file=file,
        reason=reason,
    )


def _assert_as_taken(chapter: Chapter, submission: Submission) -> None:
    """Refuse files that vanished or changed after intake: that is this machine's fault, not the student's."""
    module = submission.modules.get(chapter.id)
    if module is not None and not os.path.lexists(submission.folder / module):
        raise SandboxError(say("{file} vanished between intake and run; grade again", file=module))
    if submission.files and folder_digest(submission.folder) != submission.files:
        problem = say(
            "{folder} changed between intake and run; nothing of it was kept; grade again",
            folder=str(submission.folder),
        )
        raise SandboxError(problem)


def _may_be_a_neighbours_fault(question: Question, outcomes: Sequence[Outcome]) -> bool:
    """Whether running the question again in a fresh child could come out differently.

    A module that cannot be imported, a function that is absent or not written yet fail the same way everywhere. A
    question that has hung more than once has done so in a fresh child already.
    """
    if question.alone or question.answer is not None:
        return False
    if sum(isinstance(outcome, TimedOut) for outcome in outcomes) >= TIMEOUTS_PER_QUESTION:
        return False
    return not all(
        isinstance(outcome, Missing)
        or (isinstance(outcome, Raised) and (outcome.during == "import" or outcome.type == "NotImplementedError"))
        for outcome in outcomes
    )

"""Grades many submissions side by side, and settles them by the policy of the course.

Work is in the ledger as soon as it is done. A run that was killed continues there when it is started again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.bulk.worth_a_look import worth_a_look
from grader.errors import BrokenReference, GraderError, SandboxError
from grader.intake.gather import gather
from grader.nouns.course import Chapter, Course
from grader.nouns.graded import Graded
from grader.nouns.intake import Intake, Roster
from grader.nouns.question import Question
from grader.nouns.report import Report
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say
from grader.nouns.verdict import FAULTS
from grader.pipeline import Grading
from grader.scoring.settle import Settled, settle
from grader.store.ledger import FILE, Ledger, Sources

UNPACKED = "submissions"
_ROUND = 256
"""Submissions handed to the threads at a time, so that memory does not grow with the class."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        done: submissions that are graded, or that could not be.
        total: all submissions of the run.
        faults: those done that ended in a fault: an error, a limit, a crash, or this machine could not run them.
        submission: id of the one done last.
    """

    done: int
    total: int
    faults: int
    submission: str


@dataclass(frozen=True)
class Result:
    """The outcome of a run.

    Attributes:
        run: its number in the ledger.
        reports: one for each person.
        failed: submissions that could not be graded, with the reason.
        worth_a_look: submissions with a fault of the kind that machines cause too, and what was seen.
        moved: ids of the reports that differ from the run before; None after `grade_all`.
    """

    run: int
    reports: tuple[Report, ...]
    failed: tuple[tuple[str, Message], ...] = ()
    worth_a_look: tuple[tuple[str, Message], ...] = ()
    moved: frozenset[str] | None = None


def take(
    paths: Sequence[Path],
    course: Course,
    chapters: Sequence[Chapter],
    *,
    work: Path,
    roster: Roster | None = None,
    come_from: str | None = None,
) -> Intake:
    """Take in the submissions at some paths, by the course's policy on attempts, teams and packages.

    Raises:
        IntakeError: a path does not exist, or a whole download is unreadable.
    """
    return gather(
        paths,
        {chapter.id: chapter.module for chapter in chapters},
        roster,
        work=work,
        come_from=come_from,
        attempts=course.policy.attempts,
        packages={chapter.id: chapter.package for chapter in chapters},
        teams=frozenset(chapter for chapter, size in course.policy.teams.items() if size.most > 1),
    )


def grade_all(
    grading: Grading,
    submissions: Sequence[Submission],
    out: Path,
    *,
    jobs: int,
    roster: Roster | None = None,
    done: Callable[[Progress], object] = lambda _: None,
) -> Result:
    """Grade submissions on `jobs` threads and keep everything in the folder's ledger.

    What the ledger already holds is not run again. A submission that this machine cannot run is named in the result,
    and the others are graded.

    Args:
        grading: the course opened for grading.
        submissions: every attempt that may count.
        out: the results folder.
        jobs: number of threads.
        roster: names of team members.
        done: told after each submission.
    """
    with Ledger(out / FILE) as ledger:
        run = ledger.begin("grade", _about(grading))
        record = grading.keep(ledger, run)
        ledger.keep_submissions(run, ((s, record.files(s)) for s in submissions))
        graded, failed = _graded(grading, submissions, jobs, done)
        reports = _settled(grading, ledger, run, graded, roster)
        ledger.end(run, "done" if not failed else f"{len(failed)} not graded")
    looks = worth_a_look(grading.chapters, graded)
    return Result(run=run, reports=reports, failed=tuple(failed), worth_a_look=looks)


def rescore(grading: Grading, out: Path, *, roster: Roster | None = None) -> Result:
    """Score the last run again under the course as it is now, from the ledger alone. Nothing is run or unpacked.

    A question that itself changed has no work in the ledger; the result names it as not graded.

    Raises:
        LedgerError: nothing was graded there.
    """
    with Ledger(out / FILE) as ledger, ledger.together(), _without_collecting():
        before = ledger.last_scored()
        known = ledger.submissions(before)
        run = ledger.begin("rescore", _about(grading))
        record = grading.keep(ledger, run)
        for submission, files in known:
            record.know(submission, files)
        ledger.keep_submissions(run, known)
        owned = _chapters_of(grading, [submission for submission, _ in known])
        graded = [grading.grade(submission, chapters=owned[submission.id], run=False) for submission, _ in known]
        failed = [
            (one.submission.id, _changed(chapter, question))
            for one in graded
            for chapter in grading.chapters
            for question in chapter.questions
            if chapter.id in one.verdicts and question.id not in one.verdicts[chapter.id]
        ]
        reports = _settled(grading, ledger, run, graded, roster)
        ledger.end(run, "done")
        moved = ledger.moved(before, run)
    return Result(run=run, reports=reports, failed=tuple(failed), moved=moved)


def _changed(chapter: Chapter, question: Question) -> Message:
    place = f"{chapter.id}/{question.id}"
    return say("{place}: changed since it was run; run `grader grade` again", place=place)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Stop the garbage collector: millions of small values are made, and none is part of a cycle. 40 % faster."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _about(grading: Grading) -> dict[str, object]:
    return {
        "course": grading.course.id,
        "chapters": [chapter.id for chapter in grading.chapters],
        "environment": grading.runtime.environment.model_dump(mode="json"),
    }


def _chapters_of(grading: Grading, submissions: Sequence[Submission]) -> dict[str, list[str]]:
    """Return submission id to the chapters to grade it on.

    These are the chapters it holds. The newest submission of a person is also graded on those that none of them holds.
    """
    by_owner: dict[str, list[Submission]] = {}
    for submission in submissions:
        by_owner.setdefault(submission.owner, []).append(submission)
    chapters: dict[str, list[str]] = {}
    for attempts in by_owner.values():
        handed_in = {chapter for submission in attempts for chapter in submission.modules}
        newest = max(attempts, key=lambda submission: submission.attempt)
        for submission in attempts:
            chapters[submission.id] = [
                c.id
                for c in grading.chapters
                if c.id in submission.modules or (submission is newest and c.id not in handed_in)
            ]
    return chapters


def _graded(
    grading: Grading, submissions: Sequence[Submission], jobs: int, done: Callable[[Progress], object]
) -> tuple[list[Graded], list[tuple[str, Message]]]:
    chapters = _chapters_of(grading, submissions)
    graded: list[Graded] = []
    failed: list[tuple[str, Message]] = []
    faults = 0

    def work(submission: Submission) -> Graded | GraderError:
        try:
            return grading.grade(submission, chapters=chapters[submission.id])
        except (SandboxError, BrokenReference) as error:
            return error

    for number, (submission, one) in enumerate(_in_rounds(submissions, work, jobs), start=1):
        if isinstance(one, Graded):
            graded.append(one)
            faults += any(v.status in FAULTS for chapter in one.verdicts.values() for v in chapter.values())
        else:
            failed.append((submission.id, one.problem))
        done(Progress(done=number, total=len(submissions), faults=faults + len(failed), submission=submission.id))
    return graded, failed


def _in_rounds(
    submissions: Sequence[Submission], work: Callable[[Submission], Graded | GraderError], jobs: int
) -> Iterator[tuple[Submission, Graded | GraderError]]:
    """Yield results in the order of the submissions; at most one round of them is in memory."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            for start in range(0, len(submissions), _ROUND):
                part = submissions[start : start + _ROUND]
                yield from zip(part, pool.map(work, part), strict=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _settled(
    grading: Grading, ledger: Ledger, run: int, graded: Sequence[Graded], roster: Roster | None
) -> tuple[Report, ...]:
    settled = settle(
        grading.course,
        grading.chapters,
        graded,
        environment=grading.runtime.environment,
        overrides=ledger.overrides(),
        roster=roster,
    )
    ledger.keep_scores(run, ((one.report, _sources(grading, one)) for one in settled))
    return tuple(one.report for one in settled)


def _sources(grading: Grading, settled: Settled) -> Sources:
    """Return `chapter/question` to the keys of the work and the verdict behind its mark."""
    found: dict[str, tuple[str, str]] = {}
    for chapter in grading.chapters:
        origin = settled.origins.get(chapter.id)
        if origin is not None and grading.record is not None:
            used = grading.record.used.get((origin.id, chapter.id), {})
            found.update({f"{chapter.id}/{name}": pair for name, pair in used.items()})
    return found

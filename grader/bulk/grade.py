"""Grades many submissions side by side, and settles them by the policy of the course.

Work is in the ledger as soon as it is done. A run that was killed continues there when it is started again.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.bulk.again import asked_again
from grader.bulk.gradebook import brought_forward, scores_before, submissions_before
from grader.bulk.secrets import same_secret
from grader.bulk.worth_a_look import worth_a_look
from grader.errors import GraderError, LedgerError
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
from grader.store.damage import damage_of, repairs_of
from grader.store.ledger import FILE, Ledger, Sources, existing
from grader.store.rescue import mended

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
        reports: one for each person in the ledger.
        failed: submissions that could not be graded, with the reason.
        worth_a_look: submissions with a fault of the kind that machines cause too, and what was seen.
        stay: those of the reports that are of an earlier run: their people were not graded in this one.
        damage: what is damaged in the ledger and left out; what was done about a damaged file.
        repairs: what was damaged and has been made anew.
    """

    run: int
    reports: tuple[Report, ...]
    failed: tuple[tuple[str, Message], ...] = ()
    worth_a_look: tuple[tuple[str, Message], ...] = ()
    stay: tuple[Report, ...] = ()
    damage: tuple[Message, ...] = ()
    repairs: tuple[Message, ...] = ()


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
        zone=course.policy.clock,
    )


def grade_all(
    grading: Grading,
    submissions: Sequence[Submission],
    out: Path,
    *,
    jobs: int,
    roster: Roster | None = None,
    again: Sequence[str] = (),
    new_secret: bool = False,
    done: Callable[[Progress], object] = lambda _: None,
) -> Result:
    """Grade submissions on `jobs` threads and keep everything in the folder's ledger.

    What the ledger already holds is not run again. A submission that this machine cannot run is named in the result,
    and the others are graded. Nobody loses a report of an earlier run to one in which they were not graded.

    Args:
        grading: the course opened for grading.
        submissions: every attempt that may count.
        out: the results folder.
        jobs: number of threads.
        roster: names of team members.
        again: whose stored outcomes are run anew, as for `asked_again`.
        new_secret: draw hidden cases anew where the secret is another than in the runs before.
        done: told after each submission.

    Raises:
        LedgerError: the ledger cannot be read or written, or was made with another secret.
        GraderError: `again` names nobody or no question.
    """
    places = asked_again(again, submissions, grading.chapters)
    mending = mended(out / FILE)
    with Ledger(out / FILE) as ledger:
        same_secret(ledger, grading, new_secret=new_secret)
        run = ledger.begin("grade", _about(grading))
        record = grading.keep(ledger, run)
        for place in places:
            record.again(*place)
        graded, failed = _graded(grading, submissions, jobs, done)
        unsure = {s.owner for s in submissions if s.id in {name for name, _ in failed}}
        sure = [one for one in graded if one.submission.owner not in unsure]
        with ledger.together():
            known = [(one.submission, record.files(one.submission)) for one in sure]
            reports, stay = _scored(grading, ledger, run, sure, known, roster)
            ledger.end(run, "done" if not failed else f"{len(failed)} not graded")
        damage, repairs = (*mending, *damage_of(ledger)), repairs_of(ledger)
    looks = worth_a_look(grading.chapters, graded)
    return Result(run=run, reports=reports, failed=tuple(failed), stay=stay, worth_a_look=looks,
                  damage=damage, repairs=repairs)  # fmt: skip


def rescore(grading: Grading, out: Path, *, roster: Roster | None = None) -> Result:
    """Score the last run again under the course as it is now, from the ledger alone. Nothing is run or unpacked.

    A question that itself changed has no work in the ledger; the result names it as not graded.

    Raises:
        LedgerError: nothing was graded there, or with another secret.
    """
    existing(out).close()  # nothing is made in a folder named by mistake
    mending = mended(out / FILE)
    with Ledger(out / FILE) as ledger, ledger.together(), _without_collecting():
        before = ledger.last_scored()
        same_secret(ledger, grading)
        known = ledger.submissions(before)
        run = ledger.begin("rescore", _about(grading))
        record = grading.keep(ledger, run)
        for submission, files in known:
            record.know(submission, files)
        owned = _chapters_of(grading, [submission for submission, _ in known])
        graded = [grading.grade(submission, chapters=owned[submission.id], run=False) for submission, _ in known]
        failed = [
            (one.submission.id, _changed(chapter, question))
            for one in graded
            for chapter in grading.chapters
            for question in chapter.questions
            if chapter.id in one.verdicts and question.id not in one.verdicts[chapter.id]
        ]
        recalled = [one for one in graded if any(one.verdicts.values())]
        reports, _ = _scored(grading, ledger, run, recalled, known, roster)
        ledger.end(run, "done")
        damage, repairs = (*mending, *damage_of(ledger)), repairs_of(ledger)
    return Result(run=run, reports=reports, failed=tuple(failed), damage=damage, repairs=repairs)


def _scored(
    grading: Grading,
    ledger: Ledger,
    run: int,
    graded: Sequence[Graded],
    known: Sequence[tuple[Submission, str]],
    roster: Roster | None,
) -> tuple[tuple[Report, ...], tuple[Report, ...]]:
    """Keep the reports of a run and what they come from; all of them, and those that are of an earlier run."""
    chapters = {chapter.id for chapter in grading.chapters}
    before = scores_before(ledger)
    older = submissions_before(ledger, [submission for submission, _ in known], chapters)
    ledger.keep_submissions(run, [*known, *older])
    now = _settled(grading, ledger, graded, roster)
    scores, stay = brought_forward(grading.course, chapters, before, now)
    ledger.keep_scores(run, scores)
    return tuple(report for report, _ in scores), tuple(stay)


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
        except LedgerError:
            raise
        except GraderError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one hand-in never ends the class
            trace = "".join(traceback.format_exception(error)[-3:])
            return GraderError(say("not graded: an error of the grader itself; please report it\n{trace}", trace=trace))

    for number, (submission, one) in enumerate(_in_rounds(submissions, work, jobs, grading.runtime.__exit__), start=1):
        if isinstance(one, Graded):
            graded.append(one)
            faults += any(v.status in FAULTS for chapter in one.verdicts.values() for v in chapter.values())
        else:
            failed.append((submission.id, one.problem))
        done(Progress(done=number, total=len(submissions), faults=faults + len(failed), submission=submission.id))
    return graded, failed


def _in_rounds(
    submissions: Sequence[Submission],
    work: Callable[[Submission], Graded | GraderError],
    jobs: int,
    close: Callable[[], object],
) -> Iterator[tuple[Submission, Graded | GraderError]]:
    """Yield results in the order of the submissions; at most one round of them is in memory."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            for start in range(0, len(submissions), _ROUND):
                part = submissions[start : start + _ROUND]
                yield from zip(part, pool.map(work, part), strict=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            close()  # what still runs ends now, not at its limits
            raise


def _settled(
    grading: Grading, ledger: Ledger, graded: Sequence[Graded], roster: Roster | None
) -> list[tuple[Report, Sources]]:
    settled = settle(
        grading.course,
        grading.chapters,
        graded,
        environment=grading.runtime.environment,
        overrides=ledger.overrides(),
        rulings=ledger.rulings(),
        roster=roster,
    )
    return [(one.report, _sources(grading, one)) for one in settled]


def _sources(grading: Grading, settled: Settled) -> Sources:
    """Return `chapter/question` to the keys of the work and the verdict behind its mark."""
    found: dict[str, tuple[str, str]] = {}
    for chapter in grading.chapters:
        origin = settled.origins.get(chapter.id)
        if origin is not None and grading.record is not None:
            used = grading.record.used.get((origin.id, chapter.id), {})
            found.update({f"{chapter.id}/{name}": pair for name, pair in used.items()})
    return found

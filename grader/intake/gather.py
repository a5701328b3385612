"""Taking in downloads: each path by the source it looks like, then attempts, teams and packages over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Literal

from grader.errors import IntakeError
from grader.files import unique
from grader.intake import identity
from grader.intake.boundary import refusing
from grader.intake.claims import settled
from grader.intake.collect import newest
from grader.intake.confined import run
from grader.intake.filling import to_wire
from grader.intake.keeping import fresh, kept
from grader.intake.listing import opened
from grader.intake.package import read_lacking
from grader.intake.sources import detect, source
from grader.intake.stray import strays_refused
from grader.intake.unpack import is_archive
from grader.nouns.course import Package
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say
from grader.nouns.zone import instant


def gather(
    paths: Iterable[Path],
    chapters: Mapping[str, str],
    roster: Roster | None = None,
    *,
    work: Path,
    come_from: str | None = None,
    attempts: Literal["last", "best"] = "last",
    packages: Mapping[str, Package] | None = None,
    teams: AbstractSet[str] = frozenset(),
    zone: str = "UTC",
) -> Intake:
    """Take in all paths, each by its own source.

    Args:
        paths: files and folders as they were downloaded.
        chapters: chapter id to the file name asked for.
        roster: the class, where known.
        work: a folder for the copies that run, each under the hash of its content; what lies in it from before is used
            where it is the same, and left alone.
        come_from: the source of all paths; seen from their shape when None.
        packages: chapter id to what a hand-in for it has to hold; what is missing is noted on the submission.
        teams: chapters that are handed in by teams; for these, the roster says who shares a hand-in.
        attempts: `last` lets the newest attempt win, chapter by chapter; `best` keeps all for scoring.
        zone: the zone of hand-in times that come without one.

    Raises:
        IntakeError: a path does not exist, or a whole download is unreadable.
    """
    paths = list(paths)
    roster = (roster or Roster()).model_copy(update={"zone": zone})
    with fresh(work) as folder:
        taken = list(_each(paths, folder, chapters, roster, come_from))
        joined = _joined(taken, roster, teams)
        counted = newest(joined) if attempts == "last" else joined
        problems = list(counted.problems)
        submissions = []
        for submission in counted.submissions:
            with refusing(submission.claim.where or submission.id, problems):
                submissions.append(kept(_with_package(submission, packages or {}), folder, work))
    return Intake(submissions=tuple(submissions), problems=tuple(problems))


def _each(
    paths: Sequence[Path], place: Path, chapters: Mapping[str, str], roster: Roster, come_from: str | None
) -> Iterator[Intake]:
    """What each path gives. One that is unreadable is told and stops none of the others; where it is all, it raises."""
    if come_from:
        source(come_from)
    for path in paths:
        if not path.exists():
            raise IntakeError(say("{path}: there is no such file or folder", path=str(path)))
    if len(paths) == 1:
        yield _taken(paths[0], place / "1", chapters, roster, come_from)
        return
    for number, path in enumerate(paths, start=1):
        problems: list[Problem] = []
        with refusing(path.name, problems):
            yield _taken(path, place / f"{number}", chapters, roster, come_from)
        yield Intake(problems=tuple(problems))


def _taken(
    path: Path, place: Path, chapters: Mapping[str, str], roster: Roster | None, come_from: str | None
) -> Intake:
    """What one path gives, by its own source."""
    refused: list[Message] = []
    at = opened(path, place, refused) if path.is_file() and is_archive(path.name) else path
    name = come_from or detect(at, chapters)
    found = source(name).take(at, chapters, roster, work=place)
    bad = [Problem(kind="refused", where=path.name, message=reason) for reason in refused]
    problems = tuple(identity.named(problem, roster or Roster(), chapters.values()) for problem in found.problems)
    told = strays_refused(problems, at, name, roster or Roster(), chapters.values())
    if not (found.submissions or told or bad):
        bad = [
            Problem(kind="ignored", where=path.name, message=say("no hand-in is in it (read as: {kind})", kind=name))
        ]
    return found.model_copy(update={"problems": (*told, *bad)})


def _with_package(submission: Submission, packages: Mapping[str, Package]) -> Submission:
    asked = (packages[chapter] for chapter in submission.modules if chapter in packages)
    notes = [note for package in asked if package.requires for note in _lacking(_root(submission), package)]
    return submission.model_copy(update={"notes": (*submission.notes, *notes)}) if notes else submission


def _lacking(root: Path, package: Package) -> list[Message]:
    try:
        told = run(read_lacking, to_wire(root.absolute()), package.model_dump(mode="json"), reads=[root])
    except IntakeError as error:
        return [say("whether the hand-in holds what is asked for could not be seen: {reason}", reason=error.problem)]
    return [Message.model_validate(message) for message in told] if isinstance(told, list) else []


def _root(submission: Submission) -> Path:
    return submission.package or submission.folder


def _as_team(submission: Submission, roster: Roster | None, teams: AbstractSet[str]) -> Submission:
    """The submission with its team's members, where a chapter in it is handed in by teams."""
    if submission.members or not submission.team or not teams & submission.modules.keys():
        return submission
    members = tuple(student.id for student in (roster or Roster()).team(submission.team))
    return submission.model_copy(update={"members": members})


def _joined(intakes: Iterable[Intake], roster: Roster, teams: AbstractSet[str]) -> Intake:
    """All intakes as one: attempts counted over them by time where all have one, else by place; ids made unique."""
    joined = sum(intakes, Intake())
    joined = joined.model_copy(update={"submissions": tuple(_as_team(s, roster, teams) for s in joined.submissions)})
    joined = settled(joined)
    by_owner: dict[str, list[Submission]] = {}
    for submission in joined.submissions:
        by_owner.setdefault(submission.owner, []).append(submission)
    attempts: dict[int, int] = {}
    for of_owner in by_owner.values():
        if all(submission.submitted or submission.claimed for submission in of_owner):
            of_owner.sort(key=lambda submission: _when(submission, roster.zone))
        attempts.update({id(submission): number for number, submission in enumerate(of_owner, start=1)})
    taken: set[str] = set()
    submissions = tuple(
        submission.model_copy(update={"id": unique(submission.id, taken), "attempt": attempts[id(submission)]})
        for submission in joined.submissions
    )
    return Intake(submissions=submissions, problems=joined.problems)


def _when(submission: Submission, zone: str) -> float:
    when = submission.submitted or submission.claimed
    return instant(when, zone) if when else 0.0

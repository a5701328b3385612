"""From hand-ins to submissions: unpack, find the modules, say whose it is, let the newest attempt win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import IntakeError
from grader.files import slug
from grader.intake import identity, modules
from grader.intake.boundary import refusing
from grader.intake.confined import filled
from grader.intake.handin import HandIn
from grader.intake.identity import Owner
from grader.nouns.claim import Claim, Rank
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.submission import Submission
from grader.nouns.text import say
from grader.nouns.zone import instant

HAND_INS = "hand-ins"


@dataclass(frozen=True)
class _Taken:
    """A submission on its way, with what decides which attempt is newer."""

    submission: Submission
    where: str
    newer: tuple[float, float, str]


def collect(
    handins: Iterable[HandIn],
    chapters: Mapping[str, str],
    roster: Roster | None,
    *,
    work: Path,
    problems: Sequence[Problem] = (),
) -> Intake:
    """Return all hand-ins of a source as submissions, every attempt of every student; `newest` then chooses.

    A refused hand-in becomes a problem that names the entry, and the others go on. So does one whose owner a person
    has to decide. The owner is decided before anything of the hand-in is opened.
    """
    roster = roster or Roster()
    found = list(problems)
    taken: list[_Taken] = []
    for number, handin in enumerate(map(_readable, handins), start=1):
        with refusing(handin.where, found):
            whose = identity.owner(handin, roster, chapters.values())
            found += _said(whose)
            if whose.conflict is None:
                place = _place(work, number, handin.label)
                with refusing(handin.where, found, students=whose.credited, claim=whose.claim):
                    taken.append(_take(handin, chapters, whose, place, roster.zone))
    return Intake(submissions=tuple(_numbered(taken)), problems=tuple(found))


def _said(whose: Owner) -> Iterator[Problem]:
    """What a person has to know about whose a hand-in is."""
    where, students, claim = whose.claim.where, whose.credited, whose.claim
    if whose.conflict is not None:
        yield Problem(kind="conflict", where=where, message=whose.conflict, students=students, claim=claim)
    if whose.doubt is not None:
        yield Problem(kind="unmapped", where=where, message=whose.doubt, students=students, claim=claim)


def newest(intake: Intake) -> Intake:
    """Keep each student's newest attempt at each chapter, and report what no longer counts."""
    owned: set[tuple[str, str]] = set()
    seen: set[str] = set()
    kept: list[Submission] = []
    problems = list(intake.problems)
    for submission in sorted(intake.submissions, key=lambda s: s.attempt, reverse=True):
        counted = {c: m for c, m in submission.modules.items() if (submission.owner, c) not in owned}
        if counted or submission.owner not in seen:
            owned.update((submission.owner, chapter) for chapter in counted)
            seen.add(submission.owner)
            kept.append(submission.model_copy(update={"modules": counted}))
        else:
            message = say("an earlier attempt of {student}; the newest one counts", student=submission.student)
            problems.append(Problem(kind="duplicate", where=submission.id, message=message))
    order = {submission.id: place for place, submission in enumerate(intake.submissions)}
    return Intake(submissions=tuple(sorted(kept, key=lambda s: order[s.id])), problems=tuple(problems))


def _readable(handin: HandIn) -> HandIn:
    """The hand-in with names that can be written down, whatever bytes its files are called."""

    def clean(name: str) -> str:
        return name.encode("utf-8", "surrogateescape").decode(
            "gb18030" if name != _escaped(name) else "utf-8", "replace"
        )

    return replace(handin, where=clean(handin.where), label=clean(handin.label), name=clean(handin.name))


def _escaped(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _place(work: Path, number: int, label: str) -> Path:
    """Where a hand-in's files go: a folder of its own, by its number, whatever the student called it."""
    return work / HAND_INS / f"{number:05}-{slug(label)}"


def _take(handin: HandIn, chapters: Mapping[str, str], whose: Owner, place: Path, zone: str) -> _Taken:
    folder, inner_time = _filled(handin, place, zone)
    found = modules.find(folder, chapters)
    student = whose.student
    submitted = handin.submitted or student.submitted
    notes = (*handin.notes, *found.notes)
    if not found.modules:
        notes = (*notes, say("no file of any chapter was found"))
    if handin.claimed is not None:
        claimed = handin.claimed.isoformat(" ", "minutes")
        notes = (*notes, say("says of itself that it is of {time}; deadlines are not judged by that", time=claimed))
    if whose.claim.rank is Rank.INNER:
        note = say("{student} only by what is written inside, which anybody can write", student=student.id)
        notes = (*notes, note)
    submission = Submission(
        id=slug(student.id),
        student=student.id,
        folder=found.folder,
        package=found.package,
        modules=found.modules,
        name=student.name or handin.name,
        members=whose.members,
        team=whose.team,
        submitted=submitted,
        claimed=handin.claimed,
        late=handin.late,
        account=handin.account,
        claim=whose.claim,
        notes=notes,
    )
    when = submitted or handin.claimed
    seconds = instant(when, zone) if when else inner_time or 0.0
    return _Taken(submission, handin.where, (seconds, handin.order, handin.where))


def _numbered(taken: Sequence[_Taken]) -> list[Submission]:
    """Attempts counted from the oldest; all but the newest carry their number in the id. One attempt a team.

    Only hand-ins of one claim are attempts of each other; what is contested is settled later.
    """
    by_owner: dict[tuple[str, Claim], list[_Taken]] = {}
    for one in taken:
        by_owner.setdefault(_attempted(one.submission), []).append(one)
    by_place = {owner: place for place, owner in enumerate(by_owner)}
    numbered: dict[int, Submission] = {}
    for attempts in by_owner.values():
        attempts.sort(key=lambda one: one.newer)
        last = attempts[-1].submission
        for number, one in enumerate(attempts, start=1):
            notes = one.submission.notes
            if len(attempts) > 1:
                notes = (*notes, say("attempt {number} of {count}: {where}", number=number, count=len(attempts),
                                     where=one.where))  # fmt: skip
            is_last = number == len(attempts)
            numbered[id(one)] = one.submission.model_copy(
                update={
                    "id": last.id if is_last else f"{last.id}-attempt-{number}",
                    "student": last.student,
                    "attempt": number,
                    "notes": notes,
                }
            )
    in_order = sorted(taken, key=lambda one: (by_place[_attempted(one.submission)], one.newer))
    return [numbered[id(one)] for one in in_order]


def _attempted(submission: Submission) -> tuple[str, Claim]:
    """What is the same for all attempts: a team that hands in by its members' accounts, or one claim on a student."""
    by_member = submission.owner != submission.student and submission.student in submission.members
    return submission.owner, Claim() if by_member else submission.claim.model_copy(update={"where": ""})


def _filled(handin: HandIn, place: Path, zone: str) -> tuple[Path, float | None]:
    """Copy the hand-in's files to a folder, and say which time is the newest that an archive in it tells."""
    if not handin.parts:
        place.mkdir(parents=True, exist_ok=True)
        return place.resolve(), None
    for name, part in handin.parts:
        if part.is_symlink():
            raise IntakeError(say("{name}: a symbolic link", name=name))
    newest = filled(handin.parts, place, zone)
    return place.resolve(), newest

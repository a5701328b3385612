"""From hand-ins to submissions: unpack, find the modules, say whose it is, let the newest attempt win."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import IntakeError
from grader.files import is_junk, slug, unique
from grader.intake import modules, people
from grader.intake.bounds import Bounds
from grader.intake.handin import HandIn
from grader.intake.unpack import is_archive, is_foreign_archive, stem, unpack
from grader.nouns.intake import Intake, Problem, Roster, Student
from grader.nouns.submission import Submission
from grader.nouns.text import say


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
    """All hand-ins of a source as submissions, every attempt of every student; `newest` then chooses.

    A hand-in that is refused becomes a problem that names the entry, and the others go on.
    """
    roster = roster or Roster()
    found = list(problems)
    taken: list[_Taken] = []
    places: set[str] = set()
    for handin in map(_readable, handins):
        try:
            taken.append(_take(handin, chapters, roster, _place(work, handin.label, places), found))
        except IntakeError as error:
            found.append(Problem(kind="refused", where=handin.where, message=error.problem))
    return Intake(submissions=tuple(_numbered(taken)), problems=tuple(found))


def newest(intake: Intake) -> Intake:
    """The newest attempt of each student counts for each chapter; what no longer counts is reported."""
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


def _place(work: Path, label: str, taken: set[str]) -> Path:
    return work / unique(slug(label), taken)


def _take(handin: HandIn, chapters: Mapping[str, str], roster: Roster, place: Path, problems: list[Problem]) -> _Taken:
    folder, inner_time = _filled(handin, place)
    found = modules.find(folder, chapters)
    student = _student(handin, roster)
    if roster.students and roster.find(student.id) is None and not roster.team(student.id):
        reason = (
            say("two students are called {label}; nobody was chosen", label=handin.label)
            if roster.ambiguous(handin.name or handin.label)
            else say("{label} is not in the roster; graded as {student}", label=handin.label, student=student.id)
        )
        problems.append(Problem(kind="unmapped", where=handin.where, message=reason))
    notes = (*handin.notes, *found.notes)
    if not found.modules:
        notes = (*notes, say("no file of any chapter was found"))
    submission = Submission(
        id=slug(student.id),
        student=student.id,
        folder=found.folder,
        package=found.package,
        modules=found.modules,
        name=student.name or handin.name,
        members=_members(handin, roster),
        team=handin.team or student.team,
        submitted=handin.submitted or student.submitted,
        late=handin.late,
        account=handin.account,
        notes=notes,
    )
    when = handin.submitted or student.submitted or inner_time
    return _Taken(submission, handin.where, (_seconds(when), handin.order, handin.where))


def _seconds(when: datetime | None) -> float:
    if when is None:
        return 0.0
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _student(handin: HandIn, roster: Roster) -> Student:
    student = people.whose(handin.label, roster, *handin.keys, handin.name)
    if student is not None:
        return student
    team = roster.team(handin.team or handin.label)
    if team:
        return Student(id=handin.team or handin.label, name=handin.name, team=handin.team or handin.label)
    guessed = people.guess(handin.label)
    return Student(id=handin.id or handin.account or guessed.id, name=handin.name or guessed.name, team=handin.team)


def _members(handin: HandIn, roster: Roster) -> tuple[str, ...]:
    """The people that the source itself says handed in together."""
    if handin.members:
        known = ((roster.find(*keys), keys) for keys in handin.members)
        members = tuple(student.id if student else next(filter(None, keys), "") for student, keys in known)
        return members if len(members) > 1 else ()
    return tuple(student.id for student in roster.team(handin.team))


def _numbered(taken: Sequence[_Taken]) -> list[Submission]:
    """Attempts counted from the oldest; all but the newest carry their number in the id. One attempt a team."""
    by_owner: dict[str, list[_Taken]] = {}
    for one in taken:
        by_owner.setdefault(one.submission.owner, []).append(one)
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
    in_order = sorted(taken, key=lambda one: (by_place[one.submission.owner], one.newer))
    return _unique([numbered[id(one)] for one in in_order])


def _unique(submissions: Sequence[Submission]) -> list[Submission]:
    """Submissions with ids that differ even where file names ignore case."""
    taken: set[str] = set()
    return [submission.model_copy(update={"id": unique(submission.id, taken)}) for submission in submissions]


def _filled(handin: HandIn, place: Path) -> tuple[Path, datetime | None]:
    """The folder with the hand-in's files, and the newest time an archive in it tells."""
    if not handin.parts:
        place.mkdir(parents=True, exist_ok=True)
        return place, None
    for name, part in handin.parts:
        if part.is_symlink():
            raise IntakeError(say("{name}: a symbolic link", name=name))
    (_, first), *others = handin.parts
    if not others and first.is_dir():
        _refuse_links(first)
        if modules.is_text(first) and not any(is_archive(file.name) for file in first.rglob("*")):
            return first.resolve(), None
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    bounds = Bounds()
    times = [_put(name, part, place, bounds, alone=len(handin.parts) == 1) for name, part in handin.parts]
    return place.resolve(), max(filter(None, times), key=_seconds, default=None)


def _put(name: str, part: Path, place: Path, bounds: Bounds, *, alone: bool) -> datetime | None:
    """One file or folder of a hand-in into its place, archives unpacked."""
    if part.is_symlink():
        raise IntakeError(say("{name}: a symbolic link", name=name))
    if part.is_dir():
        _refuse_links(part)
        into = place if alone else place / name
        times = [_put(child.name, child, into, bounds, alone=False) for child in sorted(part.iterdir())
                 if not is_junk(child.name)]  # fmt: skip
        return max(filter(None, times), key=_seconds, default=None)
    if not part.is_file():
        raise IntakeError(say("{name}: a device or pipe", name=name))
    if is_foreign_archive(name):
        raise IntakeError(say("{name}: this kind of archive cannot be opened; ask for a .zip or .tar.gz", name=name))
    if is_archive(name):
        return unpack(part, place if alone else place / stem(name), bounds)
    bounds.entry(name, part.stat().st_size)
    bounds.spend(name, part.stat().st_size, part.stat().st_size)
    place.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(part, place / bounds.path(name).name, follow_symlinks=False)
    return None


def _refuse_links(folder: Path) -> None:
    for link in modules.links(folder):
        raise IntakeError(say("{name}: a symbolic link", name=str(link)))

"""The owner of a hand-in, by the strongest evidence for it.

1. What the platform wrote: its account in the roster, a student number or an address in its metadata.
2. The name of the file or folder as a whole, or the person's name on the platform.
3. A part of that name.
4. What the student wrote inside, where nothing else says anything.

A name is no evidence where the roster or the platform says otherwise: a person whose account is known is not who has
another account and the same name. A name that stands for several people stands for nobody. Whether several hand-ins
claim one person is seen later, over all of them (`claims`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from grader.intake.handin import HandIn
from grader.intake.people import guess, meaning
from grader.intake.unpack import is_archive, is_foreign_archive, stem
from grader.nouns.claim import Claim, Rank
from grader.nouns.intake import Problem, Roster, Student
from grader.nouns.text import Message, say


@dataclass(frozen=True)
class Owner:
    """Whose a hand-in is.

    Attributes:
        student: the student, or one made up from the name it came with.
        claim: what says so.
        team, members: as in `Submission`.
        doubt: why it is under the name it came with, where there is a roster.
        conflict: why a person has to say whose it is; then `rivals` are the ids of those it may be.
    """

    student: Student
    claim: Claim
    team: str = ""
    members: tuple[str, ...] = ()
    doubt: Message | None = None
    conflict: Message | None = None
    rivals: tuple[str, ...] = ()

    @property
    def credited(self) -> tuple[str, ...]:
        """Return the ids of everybody whose work it may be."""
        return self.rivals or self.members or (self.student.id,)


def owner(handin: HandIn, roster: Roster, chapters: Collection[str]) -> Owner:
    """Whose a hand-in is.

    Args:
        handin: the hand-in; nothing in its files is looked at.
        roster: the class; empty where none is known.
        chapters: names of modules, which say nothing about people.
    """
    found = _by_platform(handin, roster, chapters) if handin.id or handin.account else None
    found = found or _by_name(handin, roster, chapters)
    student = found.student
    team = handin.team if handin.team and _belongs(student, handin.team, roster) else student.team
    return Owner(
        student=student,
        claim=found.claim.model_copy(update={"student": student.id}),
        team=team,
        members=_members(handin, team if team in {handin.team, student.id} else "", roster),
        doubt=found.doubt,
        conflict=found.conflict,
        rivals=found.rivals,
    )


def account_claim(platform: str, account: str, where: str, roster: Roster) -> Claim:
    """Return an account's claim on its student in the roster, for a hand-in that could not be read so far.

    An account that is in the roster only as somebody's student number claims nobody of the roster.
    """
    student = roster.on(platform, account)
    own = f"{platform}:{account}" if student is None else ""
    unknown = own if roster.known(account) else account
    return Claim(student=student.id if student else unknown, rank=Rank.PLATFORM, text=own, where=where)


def named(problem: Problem, roster: Roster, chapters: Collection[str]) -> Problem:
    """Return a refusal with the student of the roster that the refused entry's name means."""
    if problem.kind != "refused" or problem.claim is not None or not roster.students:
        return problem
    whose = owner(HandIn(problem.where, stem(problem.where), ()), roster, chapters)
    if whose.doubt is not None:
        return problem
    return problem.model_copy(update={"students": whose.credited, "claim": whose.claim})


def _by_platform(handin: HandIn, roster: Roster, chapters: Collection[str]) -> Owner:
    own = Student(id=handin.id or handin.account, name=handin.name)
    claim = Claim(rank=Rank.PLATFORM, text=f"{handin.platform}:{own.id}", where=handin.where)
    if not roster.students:
        return Owner(own, claim)
    sure = {s.id: s for s in (roster.on(handin.platform, handin.account), *map(roster.known, handin.keys)) if s}
    if len(sure) > 1:
        return _several(handin, own, _weak(claim), tuple(sure))
    if sure:
        (student,) = sure.values()
        return Owner(student, claim.model_copy(update={"text": ""}))
    if handin.team and not handin.name and roster.team(handin.team):
        return Owner(Student(id=handin.team, team=handin.team), claim.model_copy(update={"rank": Rank.WHOLE}))
    return _by_display_name(handin, own, claim, roster, chapters)


def _by_display_name(handin: HandIn, own: Student, claim: Claim, roster: Roster, chapters: Collection[str]) -> Owner:
    """Whose it is by the person's name on a platform whose account the roster does not know."""
    conflict = doubt = None
    student = own
    named = meaning(handin.name, roster, chapters) if handin.name else None
    if roster.known(own.id) is not None:
        claim = _weak(claim)
        conflict = say(
            "{account} is a number of the roster, but here it is an account of the platform; add a column with the "
            "platform's accounts to the roster",
            account=own.id,
        )
    elif named is None or not named.students:
        doubt = _doubt(handin, own, roster)
    elif len(named.students) > 1 or named.strangers:
        return _several(handin, own, _weak(claim), (*(s.id for s in named.students), *named.strangers))
    elif named.students[0].account(handin.platform) or any(handin.keys):
        doubt = say(
            "{label} is called like {student}, who has another account; graded as {account}",
            label=handin.label, student=named.students[0].id, account=own.id,
        )  # fmt: skip
    else:
        student, claim = named.students[0], claim.model_copy(update={"rank": named.rank})
    return Owner(student, claim, doubt=doubt, conflict=conflict)


def _weak(claim: Claim) -> Claim:
    """A claim that keeps nobody's own work from counting, since what it says contradicts itself."""
    return claim.model_copy(update={"rank": Rank.PART})


def _by_name(handin: HandIn, roster: Roster, chapters: Collection[str]) -> Owner:
    named = meaning(handin.label, roster, chapters)
    rank = Rank.INNER if handin.inside else named.rank
    claim = Claim(rank=rank, text=named.text, container=_container(handin), where=handin.where)
    if len(named.students) > 1 or named.strangers:
        return _several(handin, named.students[0], claim, (*(s.id for s in named.students), *named.strangers))
    if named.students:
        return Owner(named.students[0], claim)
    hinted = {s.id: s for hint in handin.hints if (s := roster.known(hint)) is not None}
    if len(hinted) == 1:
        (student,) = hinted.values()
        return Owner(student, claim.model_copy(update={"rank": Rank.INNER}))
    if roster.team(handin.label):
        return Owner(Student(id=handin.label, team=handin.label), claim)
    own = guess(handin.label)
    return Owner(own, claim, doubt=_doubt(handin, own, roster))


def _several(handin: HandIn, student: Student, claim: Claim, rivals: tuple[str, ...]) -> Owner:
    problem = say(
        "{label} names several people ({people}); a person has to say whose it is, and it is not graded",
        label=handin.name if handin.account and handin.name else handin.label,
        people=", ".join(rivals),
    )
    return Owner(student, claim, conflict=problem, rivals=rivals)


def _doubt(handin: HandIn, student: Student, roster: Roster) -> Message:
    if roster.ambiguous(handin.name or handin.label):
        return say("two students are called {label}; nobody was chosen", label=handin.label)
    return say("{label} is not in the roster; graded as {student}", label=handin.label, student=student.id)


def _container(handin: HandIn) -> str:
    if len(handin.parts) != 1:
        return "folder"
    ((name, part),) = handin.parts
    if part.is_dir():
        return "repository" if handin.hints else "folder"
    return "archive" if is_archive(name) or is_foreign_archive(name) else "file"


def _belongs(student: Student, team: str, roster: Roster) -> bool:
    """Whether a hand-in may be a team's: of the team itself or a member, or of a team that the roster does not know."""
    members = roster.team(team)
    return not members or student.id == team or student.id in {member.id for member in members}


def _members(handin: HandIn, team: str, roster: Roster) -> tuple[str, ...]:
    """The people that the platform itself says handed in together, or the team in whose name it was handed in."""
    if not handin.members:
        return tuple(student.id for student in roster.team(team))
    members = tuple(_member(keys, roster) for keys in handin.members)
    return members if len(members) > 1 else ()


def _member(keys: tuple[str, ...], roster: Roster) -> str:
    """A member by number or address; by name only where the platform gives neither."""
    *sure, name = keys
    student = next((s for key in sure if (s := roster.known(key)) is not None), None)
    if student is None and not any(sure):
        student = roster.find(name)
    return student.id if student else next(filter(None, keys), "")

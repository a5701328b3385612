"""Several hand-ins of one student: attempts of the same person, or a conflict that a person has to settle.

They are attempts where all make the same claim (`Claim.same`): the same account on the platform; or, by name, names
that differ in nothing but copy mark, time, chapter and words for work, in the same kind of container. So `2023001.zip`,
`2023001 (1).zip` and `2023001_hw2.zip` are one student's attempts.

Everything else is a conflict, because anybody can write another student's number into a file's name:

- Of unequal evidence, the surest counts. What claims the same student by less is not graded, and named. A surer hand-in
  that could not be read still stands: nothing takes its place.
- Of equal evidence, none is graded, and all are named (`2023001_alice.zip` beside `2023001_bob.zip`).
- Names that differ only in the width or case of letters claim the same student, not the same claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.nouns.claim import Claim
from grader.nouns.intake import Intake, Problem, fold
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say


@dataclass(frozen=True)
class _Claimant:
    """A hand-in that claims a student; without a submission where it was refused or nobody could say whose it is."""

    claim: Claim
    submission: Submission | None


def settled(intake: Intake) -> Intake:
    """The intake with each student's hand-ins being attempts of one claim; what is contested becomes a problem."""
    problems = list(_contested(intake))
    problems += _against_teams(_without(intake, problems))
    return _without(intake, problems).model_copy(update={"problems": (*intake.problems, *_one_each(problems))})


def _contested(intake: Intake) -> Iterator[Problem]:
    claimants: dict[str, list[_Claimant]] = {}
    for one in _claimants(intake):
        claimants.setdefault(fold(one.claim.student) or one.claim.student, []).append(one)
    for rivals in claimants.values():
        first = min(rivals, key=lambda one: one.claim.rank)
        best = [one for one in rivals if one.claim.rank == first.claim.rank]
        agree = all(one.claim.same(first.claim) for one in best)
        if not agree:
            yield from _undecided(best)
        for one in rivals:
            if one not in best and one.submission is not None:
                yield _outranked(one.submission, first, decided=agree)


def _claimants(intake: Intake) -> Iterator[_Claimant]:
    for submission in intake.submissions:
        yield _Claimant(submission.claim, submission)
    for problem in intake.problems:
        if problem.stops and problem.claim is not None:
            for student in problem.students:
                yield _Claimant(problem.claim.model_copy(update={"student": student}), None)


def _against_teams(intake: Intake) -> list[Problem]:
    """Hand-ins in the name of a team, by nobody in particular, beside a member's own for the same chapter."""
    problems = []
    for team in intake.submissions:
        if not team.members or team.claim.student in team.members:
            continue
        own = [
            other
            for other in intake.submissions
            if other is not team and other.claim.student in team.members and team.modules.keys() & other.modules.keys()
        ]
        surer = [one for one in own if one.claim.rank < team.claim.rank]
        if surer:
            first = surer[0]
            problems.append(_outranked(team, _Claimant(first.claim, first), decided=True))
        elif own:
            problems += _undecided([_Claimant(one.claim, one) for one in (team, *own)])
    return problems


def _undecided(rivals: Sequence[_Claimant]) -> Iterator[Problem]:
    for one in rivals:
        if one.submission is None:
            continue
        others = ", ".join(dict.fromkeys(other.claim.where for other in rivals if other is not one))
        message = say(
            "{others} and this claim to be the work of {student}, and nothing decides between them; none is graded. "
            "Leave one of them, or name each after its owner, and grade again",
            others=others,
            student=one.claim.student,
        )
        yield _problem(one.submission, message)


def _outranked(submission: Submission, by: _Claimant, *, decided: bool) -> Problem:
    if by.submission is None:
        message = say(
            "claims to be the work of {student}, as {other} does more surely, which was not taken in; not graded",
            student=submission.claim.student,
            other=by.claim.where,
        )
    elif decided:
        message = say(
            "claims to be the work of {student}; {other} is more surely theirs and counts. If this is another "
            "person's, name it after its owner",
            student=submission.claim.student,
            other=by.claim.where,
        )
    else:
        message = say(
            "claims to be the work of {student}, as others do more surely, {other} among them; not graded",
            student=submission.claim.student,
            other=by.claim.where,
        )
    return _problem(submission, message)


def _problem(submission: Submission, message: Message) -> Problem:
    return Problem(
        kind="conflict",
        where=submission.claim.where,
        message=message,
        students=submission.members or (submission.claim.student,),
        claim=submission.claim,
    )


def _one_each(problems: Iterable[Problem]) -> Iterator[Problem]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for problem in problems:
        if (problem.where, problem.students) not in seen:
            seen.add((problem.where, problem.students))
            yield problem


def _without(intake: Intake, problems: Iterable[Problem]) -> Intake:
    gone = {problem.claim for problem in problems}
    kept = tuple(s for s in intake.submissions if s.claim not in gone)
    return intake.model_copy(update={"submissions": kept})

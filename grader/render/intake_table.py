"""What was taken in, before anything is run: whose work it is, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text as Line

from grader.language.speak import speak
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.submission import Submission
from grader.nouns.text import Language, Message, one_line, say
from grader.render.console import printed

_COLORS = {"refused": "red", "conflict": "red", "unmapped": "yellow", "duplicate": None, "ignored": None}
_KINDS = {
    "refused": say("refused"),
    "conflict": say("conflict"),
    "unmapped": say("unmapped"),
    "duplicate": say("duplicate"),
    "ignored": say("ignored"),
}
_TAKEN = say("taken")
_NOTHING = say("nothing handed in")


@dataclass(frozen=True)
class _Row:
    """A line of the table: one person, and the hand-ins that count for them."""

    state: Message
    student: str
    name: str
    team: str
    submissions: Sequence[Submission] = ()


def submission_table(
    taken: Intake, language: Language, *, roster: Roster | None = None, color: bool = False, width: int | None = None
) -> str:
    """Build a table with one row per person: the roster first, then those who handed in without being on it.

    A person is taken, refused, in conflict, or handed in nothing. The row also says when it was handed in, which files
    were found, and what is worth noting.
    """
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    heads = (
        say("state"), say("student"), say("name"), say("team"), say("handed in"), say("files"), say("notes"),
    )  # fmt: skip
    for head in heads:
        table.add_column(speak(head, language), overflow="fold")
    for row in _rows(taken, roster or Roster()):
        style = "green" if row.state is _TAKEN else "yellow" if row.state is _NOTHING else "red"
        files = dict.fromkeys(module for s in row.submissions for module in s.modules.values())
        table.add_row(
            Line(speak(row.state, language), style=style),
            Line(one_line(row.student)),
            Line(one_line(row.name)),
            Line(one_line(row.team)),
            Line(", ".join(filter(None, (_when(s, language) for s in row.submissions)))),
            Line(one_line(", ".join(files))),
            Line("; ".join(speak(note, language) for s in row.submissions for note in s.notes), style="dim"),
        )
    return printed([table], color=color, width=width)


def problem_lines(taken: Intake, language: Language) -> Iterator[tuple[str, str | None]]:
    """Return one line per problem with its colour; None for a problem that costs nobody anything."""
    for problem in taken.problems:
        kind, message = speak(_KINDS[problem.kind], language), speak(problem.message, language)
        yield f"{kind}: {one_line(problem.where)}: {message}", _COLORS[problem.kind]


def _rows(taken: Intake, roster: Roster) -> Iterator[_Row]:
    work: dict[str, list[Submission]] = {}
    for submission in taken.submissions:
        for person in submission.members or (submission.student,):
            work.setdefault(person, []).append(submission)
    trouble: dict[str, list[Problem]] = {}
    for problem in filter(lambda problem: problem.stops, taken.problems):
        for person in problem.students or (problem.where,):
            trouble.setdefault(person, []).append(problem)
    for student in roster.students:
        state = _state(student.id, work, trouble)
        yield _Row(state, student.id, student.name, student.team, work.get(student.id, ()))
    listed = {student.id for student in roster.students}
    for person in dict.fromkeys((*work, *trouble)):
        if person not in listed:
            submissions = work.get(person, ())
            name = submissions[0].name if submissions else ""
            team = submissions[0].team if submissions else ""
            yield _Row(_state(person, work, trouble), person, name, team, submissions)


def _state(person: str, work: dict[str, list[Submission]], trouble: dict[str, list[Problem]]) -> Message:
    if person in work:
        return _TAKEN
    kinds = {problem.kind for problem in trouble.get(person, ())}
    return _KINDS["conflict"] if "conflict" in kinds else _KINDS["refused"] if kinds else _NOTHING


def _when(submission: Submission, language: Language) -> str:
    submitted = submission.submitted.strftime("%Y-%m-%d %H:%M") if submission.submitted else ""
    late = speak(say("late"), language) if submission.late else ""
    return " ".join(filter(None, (submitted, late)))

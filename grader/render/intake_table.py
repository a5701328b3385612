"""What was taken in, before anything is run: whose work it is, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text as Line

from grader.language.speak import speak
from grader.nouns.intake import Intake
from grader.nouns.text import Language, one_line, say
from grader.render.console import printed

_COLORS = {"refused": "red", "unmapped": "yellow", "duplicate": None, "ignored": None}
_KINDS = {
    "refused": say("refused"),
    "unmapped": say("unmapped"),
    "duplicate": say("duplicate"),
    "ignored": say("ignored"),
}


def submission_table(taken: Intake, language: Language, *, color: bool = False, width: int | None = None) -> str:
    """A row a submission: who it is, when it was handed in, which files were found, what is worth noting."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in (say("student"), say("name"), say("team"), say("handed in"), say("files"), say("notes")):
        table.add_column(speak(head, language), overflow="fold")
    for submission in taken.submissions:
        submitted = submission.submitted.strftime("%Y-%m-%d %H:%M") if submission.submitted else ""
        late = speak(say("late"), language) if submission.late else ""
        table.add_row(
            Line(one_line(submission.student)),
            Line(one_line(submission.name)),
            Line(one_line(" ".join(submission.members) or submission.team)),
            Line(" ".join(filter(None, (submitted, late)))),
            Line(one_line(", ".join(submission.modules.values()))),
            Line("; ".join(speak(note, language) for note in submission.notes), style="dim"),
        )
    return printed([table], color=color, width=width)


def problem_lines(taken: Intake, language: Language) -> Iterator[tuple[str, str | None]]:
    """A line a problem with the colour it is shown in; None for one that costs nobody anything."""
    for problem in taken.problems:
        kind, message = speak(_KINDS[problem.kind], language), speak(problem.message, language)
        yield f"{kind}: {one_line(problem.where)}: {message}", _COLORS[problem.kind]

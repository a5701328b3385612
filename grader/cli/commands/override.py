"""`grader override`: a person sets a mark, with a reason."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import granting, options


@click.command("override")
@click.argument("out", type=click.Path(exists=True, path_type=Path, file_okay=False))
@click.argument("student")
@click.argument("place", metavar="CHAPTER[/QUESTION]")
@click.argument("score", type=click.FloatRange(min=0), required=False)
@click.option("--reason", required=True, help="Why; the student sees it.")
@click.option("--who", help="Who decides; the user of this machine by default.")
@click.option("--withdraw", is_flag=True, help="Take an earlier decision back.")
@click.option("--beyond", is_flag=True, help="The mark may be above what the place is worth.")
@options.course_option
@options.lang_option
def command(
    out: Path,
    student: str,
    place: str,
    score: float | None,
    reason: str,
    who: str | None,
    course_folder: Path,
    lang: str | None,
    *,
    withdraw: bool,
    beyond: bool,
) -> None:
    """Set a mark by hand; `grader rescore` then brings it into the reports.

    STUDENT is a number, name, login or report id. When the question's points change later, the mark goes along.
    """
    from datetime import UTC, datetime

    from grader.bulk.people import person
    from grader.language.speak import speak
    from grader.nouns.override import Override
    from grader.nouns.text import say
    from grader.store.ledger import existing, user

    if (score is None) != withdraw:
        raise options.refusal(say("give a mark, or --withdraw"))
    chapter, question = granting.place(place, course_folder)
    worth = next((q.points for q in chapter.questions if q.id == question), chapter.points)
    if score is not None and score > worth and not beyond:
        raise options.refusal(
            say("{place} is worth {worth} points; say --beyond where {score} is meant", place=place, worth=worth,
                score=score)
        )  # fmt: skip
    with existing(out, writable=True) as ledger:
        whose = person(student, ledger.reports())
        ledger.override(
            Override(
                student=whose.student,
                chapter=chapter.id,
                question=question,
                score=score,
                worth=worth,
                reason=reason,
                who=who or user(),
                at=datetime.now(UTC),
            )
        )
    click.echo(f"{whose.student} ({whose.name or whose.submission}): {place}")
    click.echo(speak(say("kept; run `grader rescore` to bring it into the reports"), options.language(lang)))

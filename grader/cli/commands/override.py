"""`grader override`: a person sets a mark, with a reason."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import options


@click.command("override")
@click.argument("out", type=click.Path(exists=True, path_type=Path, file_okay=False))
@click.argument("student")
@click.argument("place", metavar="CHAPTER[/QUESTION]")
@click.argument("score", type=click.FloatRange(min=0), required=False)
@click.option("--reason", required=True, help="Why; the student sees it.")
@click.option("--who", help="Who decides; the user of this machine by default.")
@click.option("--withdraw", is_flag=True, help="Take an earlier decision back.")
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
) -> None:
    """Set a mark by hand; `grader rescore` then brings it into the reports."""
    from datetime import UTC, datetime

    from grader.language.speak import speak
    from grader.nouns.override import Override
    from grader.nouns.text import say
    from grader.store.ledger import existing, user

    if (score is None) != withdraw:
        raise options.refusal(say("give a mark, or --withdraw"))
    _, chapters = options.open_course(course_folder, ())
    chapter, _, question = place.partition("/")
    known = {c.id: {q.id for q in c.questions} for c in chapters}
    if chapter not in known or (question and question not in known[chapter]):
        raise options.refusal(say("no such place: {place}; write chapter or chapter/question", place=place))
    with existing(out, writable=True) as ledger:
        if not any(report.student == student for report in ledger.reports()):
            raise options.refusal(say("nobody is called {student!r} in the last run", student=student))
        ledger.override(
            Override(
                student=student,
                chapter=chapter,
                question=question or None,
                score=score,
                reason=reason,
                who=who or user(),
                at=datetime.now(UTC),
            )
        )
    click.echo(speak(say("kept; run `grader rescore` to bring it into the reports"), options.language(lang)))

"""`grader excuse`: a chapter or a question does not count for one student."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import granting


@click.command("excuse")
@granting.out_argument
@click.argument("student")
@click.argument("place", metavar="CHAPTER[/QUESTION]")
@granting.granting
def command(
    out: Path,
    student: str,
    place: str,
    reason: str,
    who: str | None,
    course_folder: Path,
    lang: str | None,
    *,
    withdraw: bool,
) -> None:
    """Leave a chapter or a question out of what a student's marks are counted from.

    Neither its points nor its maximum count; Canvas gets `EX` for a chapter. `grader rescore` then brings it into the
    reports.
    """
    chapter, question = granting.place(place, course_folder)
    granting.grant(out, "excuse", student, chapter.id, question, reason=reason, who=who, lang=lang, withdraw=withdraw)

"""`grader drop-question`: a question counts for nobody."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import granting, options


@click.command("drop-question")
@granting.out_argument
@click.argument("place", metavar="CHAPTER/QUESTION")
@granting.granting
def command(
    out: Path, place: str, reason: str, who: str | None, course_folder: Path, lang: str | None, *, withdraw: bool
) -> None:
    """Leave a question out of everybody's marks and maximum, for example one that was broken.

    `grader rescore` then brings it into the reports.
    """
    from grader.nouns.text import say

    chapter, question = granting.place(place, course_folder)
    if question is None:
        raise options.refusal(say("say which question: {chapter}/QUESTION", chapter=chapter.id))
    granting.grant(out, "drop", None, chapter.id, question, reason=reason, who=who, lang=lang, withdraw=withdraw)

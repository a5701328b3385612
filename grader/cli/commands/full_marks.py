"""`grader full-marks`: everybody who handed in has full marks in a question."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import granting, options


@click.command("full-marks")
@granting.out_argument
@click.argument("place", metavar="CHAPTER/QUESTION")
@granting.granting
def command(
    out: Path, place: str, reason: str, who: str | None, course_folder: Path, lang: str | None, *, withdraw: bool
) -> None:
    """Give full marks in a question to everybody who handed the chapter in. A mark set by hand stays.

    `grader rescore` then brings it into the reports.
    """
    from grader.nouns.text import say

    chapter, question = granting.place(place, course_folder)
    if question is None:
        raise options.refusal(say("say which question: {chapter}/QUESTION", chapter=chapter.id))
    granting.grant(out, "full", None, chapter.id, question, reason=reason, who=who, lang=lang, withdraw=withdraw)

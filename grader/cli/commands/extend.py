"""`grader extend`: one student's deadline of a chapter is later."""

from __future__ import annotations

import re
from pathlib import Path

import click

from grader.cli import granting, options

_HOURS_A_DAY = 24
_SPAN = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[dh])")


@click.command("extend")
@granting.out_argument
@click.argument("student")
@click.argument("chapter", metavar="CHAPTER")
@click.argument("span", metavar="DAYS", required=False)
@granting.granting
def command(
    out: Path,
    student: str,
    chapter: str,
    span: str | None,
    reason: str,
    who: str | None,
    course_folder: Path,
    lang: str | None,
    *,
    withdraw: bool,
) -> None:
    """Give a student more time for a chapter, counted from its deadline: `5d` or `36h`.

    The newest extension counts, they are not added up. `grader rescore` then brings it into the reports, and
    `grader late` shows who has which.
    """
    from grader.nouns.text import say

    found, question = granting.place(chapter, course_folder)
    if question is not None:
        raise options.refusal(say("a deadline is a chapter's: write {chapter}", chapter=found.id))
    if (span is None) != withdraw:
        raise options.refusal(say("say how long, for example `5d` or `36h`; or --withdraw"))
    granting.grant(out, "extend", student, found.id, None, reason=reason, who=who, lang=lang, withdraw=withdraw,
                   days=0.0 if span is None else _days(span))  # fmt: skip


def _days(span: str) -> float:
    from grader.nouns.text import say

    match = _SPAN.fullmatch(span)
    if match is None or not float(match["number"]):
        raise options.refusal(say("{span!r} is no time: write `5d` or `36h`", span=span))
    return float(match["number"]) / (1 if match["unit"] == "d" else _HOURS_A_DAY)

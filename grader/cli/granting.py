"""What the commands that grant exceptions share: finding the person and the place, and keeping the exception."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.nouns.course import Chapter
    from grader.nouns.report import Report
    from grader.nouns.ruling import Kind

Command = TypeVar("Command", bound=Callable[..., Any])


def granting(command: Command) -> Command:
    """Add the options that all of them have, and the results folder in front."""
    for option in (
        options.lang_option,
        options.course_option,
        click.option("--withdraw", is_flag=True, help="Take it back."),
        click.option("--who", help="Who grants it; the user of this machine by default."),
        click.option("--reason", required=True, help="Why; the student sees it."),
    ):
        command = option(command)
    return command


out_argument = click.argument("out", type=click.Path(exists=True, path_type=Path, file_okay=False))


def place(word: str, course_folder: Path) -> tuple[Chapter, str | None]:
    """The chapter, and the question's id where there is one, that `CHAPTER[/QUESTION]` means.

    Raises:
        click.UsageError: there is no such place.
    """
    from grader.nouns.text import say

    _, chapters = options.open_course(course_folder, ())
    chapter_id, _, question = word.partition("/")
    chapter = next((c for c in chapters if c.id == chapter_id), None)
    if chapter is None or (question and question not in {q.id for q in chapter.questions}):
        raise options.refusal(say("no such place: {place}; write chapter or chapter/question", place=word))
    return chapter, question or None


def grant(
    out: Path,
    kind: Kind,
    student: str | None,
    chapter: str,
    question: str | None,
    *,
    reason: str,
    who: str | None,
    lang: str | None,
    withdraw: bool,
    days: float = 0.0,
) -> None:
    """Keep an exception, and say whose it is and what has to be done next.
    `student` is the word for a person; None for everybody.

    Raises:
        GraderError: the word means nobody, or several people.
        click.UsageError: there is nothing to take back.
    """
    from datetime import UTC, datetime

    from grader.language.speak import speak
    from grader.nouns.ruling import Ruling
    from grader.nouns.text import say
    from grader.scoring.rulings import standing
    from grader.store.ledger import existing, user

    with existing(out, writable=True) as ledger:
        whose = _person(student, ledger.reports()) if student is not None else None
        ruling = Ruling(
            kind=kind, student=whose.student if whose else "", chapter=chapter, question=question, days=days,
            withdrawn=withdraw, reason=reason, who=who or user(), at=datetime.now(UTC),
        )  # fmt: skip
        there = {(r.kind, r.student, r.chapter, r.question) for r in standing(ledger.rulings())}
        if withdraw and (ruling.kind, ruling.student, ruling.chapter, ruling.question) not in there:
            raise options.refusal(say("there is nothing to take back"))
        ledger.rule(ruling)
    language = options.language(lang)
    spot = f"{chapter}/{question}" if question else chapter
    name = f"{whose.student} ({whose.name or whose.submission})" if whose else speak(say("everybody"), language)
    click.echo(f"{name}: {spot}")
    click.echo(speak(say("kept; run `grader rescore` to bring it into the reports"), language))


def _person(word: str, reports: tuple[Report, ...]) -> Report:
    from grader.bulk.people import person

    return person(word, reports)

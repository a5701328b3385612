"""Options that every command shares, and what they stand for once the course is read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.nouns.binding import ModelChoice
    from grader.nouns.course import Chapter, Course
    from grader.nouns.intake import Roster
    from grader.nouns.report import Report
    from grader.nouns.text import Language, Message

course_option = click.option(
    "--course",
    "course_folder",
    type=click.Path(path_type=Path),
    default=Path("assignments"),
    show_default=True,
    help="Folder with course.yaml.",
)
models_option = click.option(
    "--models",
    "model_names",
    multiple=True,
    metavar="PROFILE|NAME=DIR",
    help="mini (default), full, or a Hugging Face directory for one name; repeatable.",
)
lang_option = click.option("--lang", type=click.Choice(["zh", "en"]), help="Language; default from the locale.")
chapter_option = click.option(
    "--chapter", "chapter_names", multiple=True, metavar="ID", help="Only these chapters; a prefix is enough."
)
question_option = click.option(
    "--question", "question_ids", multiple=True, metavar="ID", help="Only these questions; repeatable."
)
level_option = click.option(
    "--allow-level",
    type=click.IntRange(1, 3),
    default=None,
    help="Grade although this machine reaches only this isolation level (see `grader doctor`).",
)


def _roster(context: click.Context, parameter: click.Parameter, path: Path | None) -> Roster | None:
    """The class in the CSV that was named."""
    del context, parameter
    if path is None:
        return None
    from grader.intake.roster import read_roster

    return read_roster(path)


roster_option = click.option(
    "--roster",
    type=click.Path(exists=True, path_type=Path),
    callback=_roster,
    help="CSV with numbers, names, teams, accounts.",
)


def language(lang: str | None) -> Language:
    """The language asked for, else that of the locale."""
    from grader.language.catalogue import default_language

    return "zh" if lang == "zh" else "en" if lang == "en" else default_language()


def refusal(problem: Message) -> click.UsageError:
    """Return a usage error in the language of this process."""
    from grader.language.speak import speak

    return click.UsageError(speak(problem, language(None)))


def tell_damage(damage: Sequence[Message], repairs: Sequence[Message], spoken: Language) -> None:
    """Report on standard error what is damaged in a ledger and what was rebuilt."""
    from grader.language.speak import speak

    for messages, color in ((damage, "red"), (repairs, "yellow")):
        for message in messages:
            click.secho(speak(message, spoken), fg=color, err=True)


def choice(model_names: tuple[str, ...]) -> ModelChoice:
    """The models asked for."""
    from grader.course.models import parse_choice

    return parse_choice(model_names)


def open_course(course_folder: Path, chapter_names: tuple[str, ...]) -> tuple[Course, tuple[Chapter, ...]]:
    """The course and its wanted chapters, every one checked.

    Raises:
        click.UsageError: a word matches no chapter.
    """
    from grader.course.load import load_chapters, load_course, select_chapters
    from grader.nouns.text import say

    course = load_course(course_folder)
    chapters = load_chapters(course)
    for word in chapter_names:
        if not select_chapters(chapters, [word]):
            known = ", ".join(course.chapters)
            raise refusal(say("no chapter starts with {word!r}; there are: {known}", word=word, known=known))
    return course, select_chapters(chapters, chapter_names)


def with_questions(chapters: Sequence[Chapter], question_ids: Sequence[str]) -> tuple[Chapter, ...]:
    """The chapters that hold one of the wanted questions; all when none is given.

    Raises:
        click.UsageError: no chapter has a question of that id.
    """
    from grader.nouns.text import say

    known = [question.id for chapter in chapters for question in chapter.questions]
    for question_id in question_ids:
        if question_id not in known:
            raise refusal(say("no question {id!r} here; there are: {known}", id=question_id, known=", ".join(known)))
    return tuple(
        chapter for chapter in chapters if not question_ids or {q.id for q in chapter.questions} & set(question_ids)
    )


def starting(language: Language) -> str:
    """Return the message shown while the models are loaded."""
    from grader.language.speak import speak
    from grader.nouns.text import say

    return speak(say("loading the models …"), language)


def written(file: Path, language: Language) -> str:
    """What is shown once a file or folder is written."""
    from grader.language.speak import speak
    from grader.nouns.text import say

    return speak(say("written: {file}", file=str(file)), language)


def watching(language: Language) -> str:
    """What is shown while files are watched."""
    from grader.language.speak import speak
    from grader.nouns.text import say

    return speak(say("waiting for you to save a file; Ctrl-C ends this"), language)


def progress(
    chapters: Sequence[Chapter], language: Language, show: Callable[[str], object]
) -> Callable[[str, str], None]:
    """Shows which chapter, and which question where it is run again, is being worked on."""
    places = {chapter.id: (n, chapter) for n, chapter in enumerate(chapters, 1)}

    def told(chapter_id: str, question_id: str) -> None:
        place, chapter = places[chapter_id]
        titles = [q.title.get(language) for q in chapter.questions if q.id == question_id]
        show(" · ".join([f"{place}/{len(places)} {chapter.title.get(language)}", *titles]))

    return told


def rendered(form: str, report: Report, course: Course, language: Language) -> str:
    """A report in a format; in colour where a person looks at it."""
    from grader.render import formats

    if formats.takes_color(form):
        return formats.render(form, [report], course=course, language=language, color=sys.stdout.isatty())
    return formats.render(form, [report], course=course, language=language)

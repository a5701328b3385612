"""`grader rescore`: score a graded class again after a change of tolerance, points or policy; nothing is run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.nouns.intake import Roster


@click.command("rescore")
@click.argument("out", type=click.Path(exists=True, path_type=Path, file_okay=False))
@options.roster_option
@options.chapter_option
@options.course_option
@options.models_option
@options.lang_option
def command(
    out: Path,
    roster: Roster | None,
    chapter_names: tuple[str, ...],
    course_folder: Path,
    model_names: tuple[str, ...],
    lang: str | None,
) -> None:
    """Score the class in a result folder again, from its ledger.

    `grader diff` then shows who moved. The exit code is 0 when every question's work was there, else 2.
    """
    from grader.bulk import grade, results
    from grader.language.speak import speak
    from grader.nouns.text import one_line, say
    from grader.pipeline import Grading
    from grader.store.holding import held
    from grader.store.ledger import existing

    course, chapters = options.open_course(course_folder, chapter_names)
    existing(out).close()  # nothing is made in a folder named by mistake
    with Grading(course, chapters, options.choice(model_names)) as grading, held(out, "rescore"):
        result = grade.rescore(grading, out, roster=roster)
        results.write_results(out, result.reports, course=course, language=options.language(lang) if lang else None)
    language = options.language(lang)
    click.echo(speak(say("run {run}; reports: {count}", run=result.run, count=len(result.reports)), language))
    for submission, reason in result.failed:
        click.secho(f"{one_line(submission)}: {speak(reason, language)}", fg="yellow", err=True)
    options.tell_damage(result.damage, result.repairs, language)
    sys.exit(2 if result.failed or result.damage else 0)

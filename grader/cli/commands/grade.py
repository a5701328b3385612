"""`grader grade`: take in a class and grade it on public and hidden cases."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options
from grader.cli.listing import Listing

if TYPE_CHECKING:
    from grader.nouns.intake import Roster


def _sources() -> dict[str, tuple[str, ...]]:
    from grader.intake import sources

    return {"names": sources.names()}


@click.command("grade")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for results and the ledger.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=None, help="Submissions side by side; a processor each when left out."
)
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster, for example tcp://host:8786.")
@click.option(
    "--from", "come_from", metavar="SOURCE", cls=Listing, listed=_sources,
    help="Where the hand-ins come from: {names}. Found out when left out.",
)  # fmt: skip
@options.roster_option
@click.option("--dry-run", is_flag=True, help="Only show who is who and what could not be taken in.")
@click.option("--log-json", is_flag=True, help="Progress as a JSON object a line on standard error.")
@options.chapter_option
@options.course_option
@options.models_option
@options.lang_option
@options.level_option
def command(
    paths: tuple[Path, ...],
    out: Path | None,
    jobs: int | None,
    scheduler: str | None,
    come_from: str | None,
    roster: Roster | None,
    chapter_names: tuple[str, ...],
    course_folder: Path,
    model_names: tuple[str, ...],
    lang: str | None,
    allow_level: int | None,
    *,
    dry_run: bool,
    log_json: bool,
) -> None:
    """Grade a class: folders, archives, a platform's download, git clones.

    What was graded before with the same result folder is not run again. The exit code is 0 when everything was
    graded, else 2.
    """
    from grader.bulk import grade, results
    from grader.cli.progress import progress_display
    from grader.language.speak import speak
    from grader.nouns.text import one_line, say
    from grader.pipeline import Grading
    from grader.render import formats
    from grader.render.intake_table import problem_lines, submission_table
    from grader.sandbox.required_level import needed_level

    course, chapters = options.open_course(course_folder, chapter_names)
    language = options.language(lang)
    if dry_run or out is None:
        if not dry_run:
            raise options.refusal(say("say where results go with --out DIR"))
        with tempfile.TemporaryDirectory() as scratch:
            taken = grade.take(paths, course, chapters, work=Path(scratch), roster=roster, come_from=come_from)
            width = None if sys.stdout.isatty() else 160
            click.echo(submission_table(taken, language, color=sys.stdout.isatty(), width=width))
            for line, color in problem_lines(taken, language):
                click.secho(line, fg=color, err=True)
        return
    work = out / grade.UNPACKED
    taken = grade.take(paths, course, chapters, work=work, roster=roster, come_from=come_from)
    for line, color in problem_lines(taken, language):
        click.secho(line, fg=color, err=True)
    results.write_problems(out, taken, language)
    with Grading(
        course, chapters, options.choice(model_names), needed=needed_level(allow_level), scheduler=scheduler
    ) as grading:
        grading.prepare()
        with progress_display(len(taken.submissions), language, as_json=log_json) as tell:
            result = grade.grade_all(
                grading,
                taken.submissions,
                out,
                jobs=jobs or grading.runtime.executor.slots or 1,
                roster=roster,
                done=tell,
            )
    results.write_results(out, result.reports, course=course, language=language)
    click.echo(formats.render("table", result.reports, course=course, language=language, color=sys.stdout.isatty()))
    for submission, reason in result.failed:
        click.secho(f"{one_line(submission)}: {speak(reason, language)}", fg="red", err=True)
    for submission, seen in result.worth_a_look:
        click.secho(f"{one_line(submission)}: {speak(seen, language)}", fg="yellow", err=True)
    refused = any(problem.kind == "refused" for problem in taken.problems)
    sys.exit(2 if result.failed or refused else 0)

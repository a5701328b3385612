"""`grader grade`: take in a class and grade it on public and hidden cases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options
from grader.cli.listing import Listing

if TYPE_CHECKING:
    from grader.bulk.grade import Result
    from grader.nouns.intake import Roster
    from grader.nouns.text import Language

_NAMED = 20
"""People who are named on one line."""


def _sources() -> dict[str, tuple[str, ...]]:
    from grader.intake import sources

    return {"names": sources.names()}


@click.command("grade")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for results and the ledger.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=None, help="Submissions side by side; a processor each when left out."
)
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster, for example tls://host:8786.")
@click.option(
    "--trust-network", is_flag=True,
    help="Use a cluster without TLS, because nobody else can reach its network.",
)  # fmt: skip
@click.option(
    "--from", "come_from", metavar="SOURCE", cls=Listing, listed=_sources,
    help="Where the hand-ins come from: {names}. Found out when left out.",
)  # fmt: skip
@options.roster_option
@click.option(
    "--again", multiple=True, metavar="STUDENT[/QUESTION]",
    help="Run this anew, although its outcome is in the ledger; repeatable.",
)  # fmt: skip
@click.option(
    "--public-secret", is_flag=True,
    help="Draw hidden cases with the public default secret, which every student can look up.",
)  # fmt: skip
@click.option(
    "--new-secret", is_flag=True,
    help="Draw all hidden cases anew, where the secret is another than in the runs before.",
)  # fmt: skip
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
    again: tuple[str, ...],
    *,
    trust_network: bool,
    public_secret: bool,
    new_secret: bool,
    dry_run: bool,
    log_json: bool,
) -> None:
    """Grade a class: folders, archives, a platform's download, git clones.

    What was graded before with the same result folder is not run again; after Ctrl-C or a crash the same command goes
    on where it was. The exit code is 0 when everything was graded, 130 when it was stopped, else 2;
    that of --dry-run is 2 where something is refused or in conflict.
    """
    from grader.bulk import grade, results
    from grader.cli.progress import progress_display
    from grader.nouns.scheduler import Scheduler
    from grader.nouns.text import say
    from grader.pipeline import Grading
    from grader.render import formats
    from grader.render.intake_table import problem_lines, submission_table
    from grader.sandbox.kernel import scratch
    from grader.sandbox.required_level import needed_level
    from grader.store.holding import held

    course, chapters = options.open_course(course_folder, chapter_names)
    language = options.language(lang)
    if dry_run or out is None:
        if not dry_run:
            raise options.refusal(say("say where results go with --out DIR"))
        with scratch.folder() as work:
            taken = grade.take(paths, course, chapters, work=work, roster=roster, come_from=come_from)
            width = None if sys.stdout.isatty() else 160
            click.echo(submission_table(taken, language, roster=roster, color=sys.stdout.isatty(), width=width))
            for line, color in problem_lines(taken, language):
                click.secho(line, fg=color, err=True)
        sys.exit(2 if any(problem.stops for problem in taken.problems) else 0)
    _refuse_inside(out, paths)
    level = needed_level(allow_level)
    cluster = Scheduler(address=scheduler, trust_network=trust_network) if scheduler else None
    grading = Grading(course, chapters, options.choice(model_names), needed=level, scheduler=cluster)
    if grading.selection.secret_is_public and not public_secret:
        raise _no_secret()
    with grading, held(out, "grade"):
        taken = grade.take(paths, course, chapters, work=out / grade.UNPACKED, roster=roster, come_from=come_from)
        for line, color in problem_lines(taken, language):
            click.secho(line, fg=color, err=True)
        results.write_problems(out, taken, language)
        grading.prepare()
        with progress_display(len(taken.submissions), language, as_json=log_json) as tell:
            result = grade.grade_all(
                grading,
                taken.submissions,
                out,
                jobs=jobs or grading.runtime.executor.slots,
                roster=roster,
                again=again,
                new_secret=new_secret,
                done=tell,
            )
        results.write_results(out, result.reports, course=course, language=language)
    click.echo(formats.render("table", result.reports, course=course, language=language, color=sys.stdout.isatty()))
    _tell(result, language)
    refused = any(problem.stops for problem in taken.problems)
    sys.exit(2 if result.failed or refused or result.damage else 0)


def _tell(result: Result, language: Language) -> None:
    """Say what a person has to know about a run besides the marks."""
    from grader.language.speak import speak
    from grader.nouns.text import one_line, say

    for submission, reason in result.failed:
        click.secho(f"{one_line(submission)}: {speak(reason, language)}", fg="red", err=True)
    for submission, seen in result.worth_a_look:
        click.secho(f"{one_line(submission)}: {speak(seen, language)}", fg="yellow", err=True)
    if result.stay:
        names = ", ".join(one_line(report.student) for report in result.stay[:_NAMED])
        more = f" … (+{len(result.stay) - _NAMED})" if len(result.stay) > _NAMED else ""
        stay = say("not graded in this run; the report of an earlier one stays: {who}", who=names + more)
        click.secho(speak(stay, language), fg="yellow", err=True)
    options.tell_damage(result.damage, result.repairs, language)


def _no_secret() -> click.UsageError:
    from grader.nouns.text import say

    return options.refusal(
        say(
            "no secret is set, so every student could work out the hidden cases: set GRADER_SECRET to any random line "
            "and keep it, or name a file with it in GRADER_SECRET_FILE; to grade with the public default all the same, "
            "say --public-secret"
        )
    )


def _refuse_inside(out: Path, paths: tuple[Path, ...]) -> None:
    """Results in a folder of hand-ins would be graded as somebody's work."""
    from grader.nouns.text import say

    place = out.resolve()
    for path in paths:
        if path.is_dir() and place.is_relative_to(path.resolve()):
            raise options.refusal(
                say("--out {out} lies in {path}, where hand-ins are looked for; name a folder outside of it",
                    out=str(out), path=str(path))
            )  # fmt: skip

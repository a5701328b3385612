"""`grader comment`: post what a grading run found on its pull request. For the trusted job of a workflow."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from grader.cli import options


@click.command("comment", hidden=True)
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--event", envvar="GITHUB_EVENT_PATH", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="The workflow_run event; from GITHUB_EVENT_PATH.",
)  # fmt: skip
@options.course_option
@options.lang_option
def command(results: Path, event: Path, course_folder: Path, lang: str | None) -> None:
    """Post RESULTS of a grading run as one comment, or update it. Needs GITHUB_TOKEN; runs no student code."""
    from grader.ci.comment import post
    from grader.ci.github import GitHub
    from grader.course.load import load_course

    address = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    api = GitHub(address, os.environ.get("GITHUB_TOKEN", ""))
    document = json.loads(event.read_text(encoding="utf-8"))
    click.echo(post(results, document, api, course=load_course(course_folder), language=options.language(lang)))

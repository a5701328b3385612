"""`grader schema`: JSON Schemas, so that an editor completes and checks the files an author writes."""

from __future__ import annotations

import json

import click
from pydantic import BaseModel


@click.command("schema")
@click.argument("noun", type=click.Choice(["course", "assignment", "report"]))
def command(noun: str) -> None:
    """Print the JSON Schema of course.yaml, assignment.yaml or a report."""
    from grader.nouns.course import Chapter, Course
    from grader.nouns.report import Report

    kinds: dict[str, type[BaseModel]] = {"course": Course, "assignment": Chapter, "report": Report}
    document = kinds[noun].model_json_schema()
    for filled_in in ("root", "folder"):
        document.get("properties", {}).pop(filled_in, None)
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))

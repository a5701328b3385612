"""`grader schema`: JSON Schemas, so that an editor completes and checks the files an author writes."""

from __future__ import annotations

import json

import click


@click.command("schema")
@click.argument("noun", type=click.Choice(["course", "assignment", "report"]))
def command(noun: str) -> None:
    """Print the JSON Schema of course.yaml, assignment.yaml or a report."""
    from grader.course.schema import schema_of

    click.echo(json.dumps(schema_of(noun), ensure_ascii=False, indent=2))

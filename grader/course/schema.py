"""JSON Schemas of the files an author writes, so that an editor completes and checks them."""

from __future__ import annotations

import inspect
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from grader.marking import compare
from grader.nouns.course import Chapter, Course
from grader.nouns.report import Report

NOUNS: dict[str, type[BaseModel]] = {"course": Course, "assignment": Chapter, "report": Report}
_FILLED_IN = ("root", "folder")
"""Fields of nouns that the loader fills in: no part of a file."""
_COMPARISON = "comparison"


def schema_of(noun: str) -> dict[str, Any]:
    """Return the schema of `course`, `assignment` or `report`; an assignment's lists every known comparison."""
    document = NOUNS[noun].model_json_schema()
    for name in _FILLED_IN:
        document.get("properties", {}).pop(name, None)
    question = document.get("$defs", {}).get("Question")
    if noun == "assignment" and question is not None:
        document["$defs"].update(_comparisons())
        written = question["properties"]["compare"]
        kept = {word: written[word] for word in ("title", "description") if word in written}
        question["properties"]["compare"] = kept | {"$ref": f"#/$defs/{_COMPARISON}"}
    return document


def _comparisons() -> dict[str, Any]:
    """Definitions: one comparison by its name, and what the parameters of each are."""
    mode: Literal["validation"] = "validation"
    named = [(name, mode, compare.parameters_type(name)) for name in compare.names()]
    parameters, rest = TypeAdapter.json_schemas(named, ref_template=f"#/$defs/{_COMPARISON}.{{model}}")
    one = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {name: _about(name) | dict(parameters[name, mode]) for name in compare.names()},
    }
    helpers = {f"{_COMPARISON}.{name}": schema for name, schema in rest.get("$defs", {}).items()}
    definitions: dict[str, Any] = _with_nested({_COMPARISON: one} | helpers)
    return definitions


def _about(name: str) -> dict[str, str]:
    paragraph = (inspect.getdoc(compare.comparison(name)) or "").split("\n\n", 1)[0]
    return {"description": " ".join(paragraph.split())} if paragraph else {}


def _with_nested(schema: Any) -> Any:
    """The schema with a reference to all comparisons wherever a nested one may stand."""
    if schema == compare.NESTED_SCHEMA:
        return {"$ref": f"#/$defs/{_COMPARISON}"}
    if isinstance(schema, dict):
        return {key: _with_nested(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_with_nested(value) for value in schema]
    return schema

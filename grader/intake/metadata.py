"""The metadata of a Gradescope export, read as data. The functions here run in a confined child.

The file is YAML as Ruby writes it: symbols as keys, objects of Ruby classes, aliases for what occurs twice. It is read
as a graph of nodes, of which a few fields are looked at: nothing is constructed, so that no tag has a meaning, no alias
is multiplied out, and a wrong entry is wrong by itself.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from grader.errors import IntakeError
from grader.files import read_regular
from grader.intake.filling import from_wire
from grader.nouns.text import say

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST = 2**28
_NOTHING = {"", "~", "null"}
_FIELDS = ("name", "sid", "email")


def read_metadata(file: str) -> dict[str, Any]:
    """Read the metadata of an export.

    Args:
        file: the path, as a wire value (`filling.to_wire`).

    Returns:
        The name of a submission's folder to its `submitters` (each with `name`, `sid`, `email`), the time in `created`
        (ISO 8601; None where none can be read) and the number of earlier `attempts`; None where its entry is no map.

    Raises:
        IntakeError: it is not YAML, or no map of submissions.
    """
    try:
        root = yaml.compose(_text(from_wire(file)), Loader=_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, OSError, ValueError) as error:
        raise IntakeError(say("{error}", error=str(error))) from error
    if not isinstance(root, yaml.MappingNode):
        raise IntakeError(say("not a map of submissions"))
    return {name: _entry(node) for name, node in _fields(root).items()}


def _text(file: Path) -> str:
    return read_regular(file, _MOST).decode("utf-8-sig")


def _fields(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """The values of a map by their keys, Ruby's `:symbol` keys without the colon; empty where it is none."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value.lstrip(":"): value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _scalar(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode) or (node.style is None and node.value in _NOTHING):
        return ""
    return str(node.value)


def _entry(node: yaml.Node) -> dict[str, Any] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    fields = _fields(node)
    people = [_fields(person) for person in _items(fields.get("submitters"))]
    return {
        "submitters": [{name: _scalar(person.get(name)) for name in _FIELDS} for person in people if person],
        "created": _time(fields.get("created_at")),
        "attempts": len(_items(fields.get("history"))),
    }


def _time(node: yaml.Node | None) -> str | None:
    whole = _fields(node)  # ActiveSupport::TimeWithZone
    text = _scalar(whole.get("utc") or whole.get("time") or node).replace(" UTC", " +00:00")
    for read in (datetime.fromisoformat, _yaml_time):
        with contextlib.suppress(AttributeError, ValueError, OverflowError):
            return read(text).isoformat()
    return None


def _yaml_time(text: str) -> datetime:
    when = yaml.SafeLoader("").construct_yaml_timestamp(yaml.ScalarNode("", text))
    return when if isinstance(when, datetime) else datetime.combine(when, datetime.min.time())

"""Gradescope: the folder or archive of "Export submissions"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from grader.errors import IntakeError
from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import say

METADATA = "submission_metadata.yml"


class _RubyYaml(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML as Ruby writes it: symbols as keys, objects of Ruby classes as plain maps and texts."""


def _plain(loader: Any, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_RubyYaml.add_multi_constructor("!ruby/", _plain)


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether the export's metadata lie there."""
    del chapters
    return path.is_dir() and (inner(path) / METADATA).is_file()


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """A folder a submission, whose it is and when from the metadata; groups are teams.

    Args:
        path: the export, packed or not.
        chapters: chapter id to the file name asked for.
        roster: the class, where known; matched by student id, then e-mail.
        work: a folder to unpack to.

    Raises:
        IntakeError: the metadata are absent or not readable.
    """
    folder = inner(opened(path, work))
    problems: list[Problem] = []
    handins = list(_each(folder, _metadata(folder / METADATA), problems))
    return collect(handins, chapters, roster, work=work, problems=problems)


def _metadata(file: Path) -> dict[str, dict[str, Any]]:
    if not file.is_file():
        raise IntakeError(
            say(
                "{file}: the export has no {metadata}; export the submissions again with metadata",
                file=str(file),
                metadata=METADATA,
            )
        )
    try:
        content = yaml.load(file.read_text("utf-8"), Loader=_RubyYaml)  # noqa: S506 - a subclass of the safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise IntakeError(say("{file}: not readable: {error}", file=str(file), error=str(error))) from error
    if not isinstance(content, dict):
        raise IntakeError(say("{file}: not a map of submissions", file=str(file)))
    return {str(name): _keys(value) for name, value in content.items()}


def _keys(value: Any) -> Any:
    """Ruby's `:symbol` keys without the colon."""
    if isinstance(value, dict):
        return {str(key).lstrip(":"): _keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_keys(item) for item in value]
    return value


def _each(folder: Path, metadata: Mapping[str, dict[str, Any]], problems: list[Problem]) -> Iterator[HandIn]:
    for child in children(folder):
        if child.name == METADATA:
            continue
        entry = metadata.get(child.name)
        if entry is None or not child.is_dir():
            message = say("not in the export's metadata")
            problems.append(Problem(kind="ignored", where=child.name, message=message))
            continue
        people = [person for person in entry.get("submitters") or [] if isinstance(person, dict)]
        first = people[0] if people else {}
        name = str(first.get("name") or "")
        sid = str(first.get("sid") or "")
        yield HandIn(
            where=child.name,
            label=sid or name or child.name,
            parts=((child.name, child),),
            keys=(sid, str(first.get("email") or "")),
            id=sid or str(first.get("email") or ""),
            name=name,
            account=child.name.removeprefix("submission_"),
            members=tuple(tuple(str(p.get(key) or "") for key in ("sid", "email", "name")) for p in people),
            submitted=_time(entry.get("created_at")),
            order=float(len(entry.get("history") or [])),
        )


def _time(value: object) -> datetime | None:
    if isinstance(value, dict):  # ActiveSupport::TimeWithZone
        value = value.get("utc") or value.get("time")
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value).replace(" UTC", "+00:00"))
    except ValueError:
        return None

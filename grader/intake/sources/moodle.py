"""Moodle: the archive of "Download all submissions", with or without a folder a student."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import say

_NAME = re.compile(r"^(?P<name>.+)_(?P<id>\d+)_(?:assignsubmission_)?(?P<kind>file|onlinetext)_?(?P<file>.*)$")


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether most entries are called as Moodle calls them."""
    del chapters
    if not path.is_dir():
        return False
    names = [child.name for child in children(inner(path))]
    return sum("_assignsubmission_" in name and bool(_NAME.match(name)) for name in names) * 2 > len(names)


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """Entries grouped by participant; online text is left to people.

    Args:
        path: the download, or a folder with its content.
        chapters: chapter id to the file name asked for.
        roster: the class; matched by participant number, full name, or the name behind a group's.
        work: a folder to unpack to.
    """
    problems: list[Problem] = []
    handins = list(_grouped(inner(opened(path, work)), roster or Roster(), problems))
    return collect(handins, chapters, roster, work=work, problems=problems)


def _grouped(folder: Path, roster: Roster, problems: list[Problem]) -> Iterator[HandIn]:
    groups: dict[str, list[tuple[re.Match[str], Path]]] = {}
    for child in children(folder):
        match = _NAME.match(child.name)
        if match is None:
            message = say("not a name that Moodle gives")
            problems.append(Problem(kind="ignored", where=child.name, message=message))
        else:
            groups.setdefault(match["id"], []).append((match, child))
    for participant, entries in groups.items():
        yield _handin(participant, entries, roster)


def _handin(participant: str, entries: list[tuple[re.Match[str], Path]], roster: Roster) -> HandIn:
    full = entries[0][0]["name"]
    team, _, person = full.rpartition("-")
    is_grouped = bool(roster.team(team)) or (bool(team) and roster.find(full) is None and roster.find(person))
    files = [(match["file"] or entry.name, entry) for match, entry in entries if match["kind"] == "file"]
    texts = [entry.name for match, entry in entries if match["kind"] == "onlinetext"]
    return HandIn(
        where=entries[0][1].name,
        label=person.strip() if is_grouped else full,
        parts=tuple(files),
        keys=(participant, f"Participant {participant}"),
        account=participant,
        name=person.strip() if is_grouped else full,
        team=team.strip() if is_grouped else "",
        notes=tuple(say("an online entry that is not a file was left out: {name}", name=name) for name in texts),
    )

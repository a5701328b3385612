"""Moodle: the archive of "Download all submissions", with or without a folder a student."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.identity import account_claim
from grader.intake.listing import children, inner, opened
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import Message, say

_MARK = r"_(?P<id>[0-9]+)_(?:assignsubmission_)?(?P<kind>file|onlinetext)(?:_|$)"
_NAME = re.compile(rf"^(?P<name>.+?){_MARK}(?P<file>.*)$", re.DOTALL)
_MARKS = re.compile(r"(?=_(\d+)_(?:assignsubmission_\w+?|file|onlinetext)(?:_|$))", re.IGNORECASE)
"""Whatever may stand for a participant, of any kind of submission, in any case and width; two are too many."""


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether most entries are called as Moodle calls them."""
    del chapters
    if not path.is_dir():
        return False
    names = [child.name for child in children(inner(path))]
    return sum("_assignsubmission_" in name and bool(_NAME.match(name)) for name in names) * 2 > len(names)


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """Entries grouped by participant; online text is left to people.

    A student chooses the end of a flat name. So the first participant in a name is meant, and a name with two of them
    is refused and stands against nobody but the first; so is everything of a participant who has two names, or two
    files that would become one.

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
        elif len(numbers := [unicodedata.normalize("NFKC", mark[1]) for mark in _MARKS.finditer(child.name)]) > 1:
            message = say(
                "its name holds {count} participants ({numbers}); Moodle writes one; see in Moodle whose it is",
                count=len(numbers), numbers=", ".join(numbers),
            )  # fmt: skip
            # What comes later may be the student's own.
            claim = account_claim("moodle", numbers[0], child.name, roster)
            whose = (claim.student,)
            problems.append(Problem(kind="refused", where=child.name, message=message, students=whose, claim=claim))
        else:
            groups.setdefault(match["id"], []).append((match, child))
    for participant, entries in groups.items():
        contradiction = _contradiction(participant, entries)
        if contradiction is None:
            yield _handin(participant, entries, roster)
        else:
            claims = [account_claim("moodle", participant, entry.name, roster) for _, entry in entries]
            problems += [
                Problem(kind="conflict", where=c.where, message=contradiction, students=(c.student,), claim=c)
                for c in claims
            ]


def _contradiction(participant: str, entries: list[tuple[re.Match[str], Path]]) -> Message | None:
    """Why a participant's entries cannot all be theirs."""
    names = {match["name"] for match, _ in entries}
    if len(names) > 1:
        return say(
            "participant {participant} has several names here ({names}); see in Moodle whose these are; none is graded",
            participant=participant, names=", ".join(sorted(names)),
        )  # fmt: skip
    counts = Counter(
        unicodedata.normalize("NFC", name).casefold()
        for match, entry in entries
        if match["kind"] == "file"
        for name in _names(match, entry)
    )
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        return say(
            "participant {participant} has several files called {names}; leave one of each; none is graded",
            participant=participant, names=", ".join(sorted(twice)),
        )  # fmt: skip
    return None


def _names(match: re.Match[str], entry: Path) -> list[str]:
    """What an entry would put into the participant's folder."""
    if not entry.is_dir() or entry.is_symlink():
        return [match["file"] or entry.name]
    return [match["file"]] if match["file"] else [child.name for child in children(entry)]


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
        account=participant,
        platform="moodle",
        name=person.strip() if is_grouped else full,
        team=team.strip() if is_grouped else "",
        notes=tuple(say("an online entry that is not a file was left out: {name}", name=name) for name in texts),
    )

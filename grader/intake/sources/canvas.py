"""Canvas: the archive of "Download submissions", or the folder it unpacks to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import Message, say

_FILE = re.compile(r"^(?P<name>.+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)$", re.IGNORECASE)
_ANONYMOUS = re.compile(r"^(?P<user>anon_[A-Za-z0-9]{4,8})(?P<late>_LATE)?_(?P<attachment>\d+)_(?P<file>.+)$")
_ENTRY = re.compile(r"^(?P<name>.+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<file>(text|link|question).*\.html)$")


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether most files are called as Canvas calls them."""
    del chapters
    if not path.is_dir():
        return False
    files = [child.name for child in children(inner(path)) if child.is_file()]
    return sum(_match(name) is not None for name in files) * 2 > len(files)


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """Files grouped by Canvas user id; `_LATE` is lateness without a time.

    Args:
        path: the download, or a folder with its files.
        chapters: chapter id to the file name asked for.
        roster: the class; a column `canvas id` maps users, else names do.
        work: a folder to unpack to.
    """
    problems: list[Problem] = []
    handins = list(_grouped(inner(opened(path, work)), roster or Roster(), problems))
    return collect(handins, chapters, roster, work=work, problems=problems)


def _match(name: str) -> re.Match[str] | None:
    return _ANONYMOUS.match(name) or _FILE.match(name) or _ENTRY.match(name)


def _grouped(folder: Path, roster: Roster, problems: list[Problem]) -> Iterator[HandIn]:
    groups: dict[str, list[tuple[re.Match[str], Path]]] = {}
    for child in children(folder):
        match = _match(child.name)
        if match is None:
            message = say("not a name that Canvas gives")
            problems.append(Problem(kind="ignored", where=child.name, message=message))
        else:
            groups.setdefault(match["user"], []).append((match, child))
    for user, files in groups.items():
        yield _handin(user, files, roster)


def _handin(user: str, files: list[tuple[re.Match[str], Path]], roster: Roster) -> HandIn:
    parts: dict[str, tuple[int, Path]] = {}
    notes: list[Message] = []
    attachment = 0
    for match, file in files:
        if "attachment" not in match.groupdict():
            notes.append(say("an online entry that is not a file was left out: {name}", name=file.name))
            continue
        number = int(match["attachment"])
        attachment = max(attachment, number)
        if match["file"] in parts:
            notes.append(say("two attachments are called {name}; the newer one counts", name=match["file"]))
        parts[match["file"]] = max(parts.get(match["file"], (-1, file)), (number, file))
    label = files[0][0].groupdict().get("name") or user
    is_team = bool(roster.team(label)) and roster.find(label) is None
    return HandIn(
        where=files[0][1].name,
        label=label,
        parts=tuple((name, file) for name, (_, file) in parts.items()),
        keys=(user,),
        account=user,
        name="" if user.startswith("anon_") or is_team else label,
        team=label if is_team else "",
        late=any(match["late"] for match, _ in files),
        order=float(attachment),
        notes=tuple(notes),
    )

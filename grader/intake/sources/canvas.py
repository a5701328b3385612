"""Canvas: the archive of "Download submissions", or the folder it unpacks to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.intake import people
from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.identity import account_claim
from grader.intake.listing import children, inner, opened
from grader.intake.unpack import is_archive, is_foreign_archive
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import Message, say

_FILE = re.compile(
    r"^(?P<name>.+?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<attachment>[0-9]+)_(?P<file>.+)$", re.IGNORECASE
)
_ANONYMOUS = re.compile(r"^(?P<user>anon_[A-Za-z0-9]{4,8})(?P<late>_LATE)?_(?P<attachment>[0-9]+)_(?P<file>.+)$")
_ENTRY = re.compile(r"^(?P<name>.+?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<file>(text|link|question).*\.html)$")

_MOST_ARCHIVES = 4
"""Archives that one person hands in at a time; more under one account that nobody knows are a class's."""


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether most entries are files called as Canvas calls them; Canvas writes no folders."""
    del chapters
    if not path.is_dir():
        return False
    entries = children(inner(path))
    return sum(child.is_file() and _match(child.name) is not None for child in entries) * 2 > len(entries)


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """Files grouped by Canvas user id; `_LATE` is lateness without a time.

    Canvas writes the name and the number of the user first; what comes after is the student's. Files that only look so,
    and would make one user of several people, are a conflict.

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
    """The parts of a name that Canvas gives. One that starts with a word for work and no person's name is another's."""
    match = _ANONYMOUS.match(name) or _FILE.match(name) or _ENTRY.match(name)
    person = match.groupdict().get("name") if match else None
    return None if person and people.says_nothing(person, ()) else match


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
        contradiction = _contradiction(user, files, roster)
        if contradiction is None:
            yield _handin(user, files, roster)
        else:
            claims = [account_claim("canvas", user, file.name, roster) for _, file in files]
            problems += [
                Problem(kind="conflict", where=c.where, message=contradiction, students=(c.student,), claim=c)
                for c in claims
            ]


def _contradiction(user: str, files: list[tuple[re.Match[str], Path]], roster: Roster) -> Message | None:
    """Why the files of a user cannot all be one person's. Where the roster knows the account, its files are its own."""
    names = {str(match.groupdict().get("name") or "").casefold() for match, _ in files}
    attachments = [match["attachment"] for match, _ in files if "attachment" in match.groupdict()]
    if roster.on("canvas", user) is None:
        named = {person for match, _ in files for person in _people(match, roster)}
        archives = [file for _, file in files if is_archive(file.name) or is_foreign_archive(file.name)]
    else:
        named, archives = set(), []
    is_one = len(names) == 1 and len(set(attachments)) == len(attachments)
    if is_one and len(named) <= 1 and len(archives) <= _MOST_ARCHIVES:
        return None
    return say(
        "{count} files would be those of one Canvas user, {user}, but they are several people's, or not named by "
        "Canvas; none is graded. Say where they come from with --from, or correct the names",
        count=len(files),
        user=user,
    )


def _people(match: re.Match[str], roster: Roster) -> set[str]:
    """Whom the part of a name after the user means: students of the roster, else student numbers."""
    label = Path(match["file"]).stem
    if roster.students:
        number = roster.known(match.groupdict().get("attachment") or "")
        found = {student.id for student in people.meaning(label, roster).students} or ({number.id} if number else set())
        return found if len(found) == 1 else set()
    person = people.guess(label).id
    return {person} if person != label.strip() and any(c.isdigit() for c in person) else set()


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
    is_team = bool(roster.team(label)) and roster.find(label) is None and roster.on("canvas", user) is None
    return HandIn(
        where=files[0][1].name,
        label=label,
        parts=tuple((name, file) for name, (_, file) in parts.items()),
        account=user,
        platform="canvas",
        name="" if user.startswith("anon_") or is_team else label,
        team=label if is_team else "",
        late=any(match["late"] for match, _ in files),
        order=float(attachment),
        notes=tuple(notes),
    )

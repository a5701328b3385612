"""A folder of git clones or bundles, one a student: what is committed on the checked-out branch counts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from grader.errors import IntakeError
from grader.files import slug, unique
from grader.intake.boundary import refusing
from grader.intake.collect import collect
from grader.intake.confined import committed
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.intake.stray import holds_work
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import Message, say

_BUNDLE = ".bundle"


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether most entries are clones, bare repositories or bundles."""
    del chapters
    if not path.is_dir() or _is_repository(path):
        return False
    entries = children(inner(path))
    return sum(_is_repository(child) or child.suffix == _BUNDLE for child in entries) * 2 > len(entries)


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """The commit at HEAD of every repository; its author's address is a hint.

    A plain folder with work is taken as it is.

    Files that are not committed do not count. Nothing that a repository configures has an effect, since no git runs on
    it: `grader.intake.repository` reads its objects. The committer's date was written by the student: it orders the
    attempts, and deadlines are not judged by it.

    Args:
        path: a folder of repositories.
        chapters: chapter id to the file name asked for.
        roster: the class; a column `github` maps repository names.
        work: a folder to check out to.
    """
    problems: list[Problem] = []
    handins = list(_each(inner(opened(path, work)), work / "repositories", problems))
    return collect(handins, chapters, roster, work=work, problems=problems)


def _is_repository(path: Path) -> bool:
    """Whether a folder is a clone or a bare repository, or has a file `.git`, which says that it is one elsewhere."""
    is_bare = os.path.isfile(path / "HEAD") and os.path.isdir(path / "objects")  # noqa: PTH112, PTH113 - never raise
    return is_bare or os.path.isdir(path / ".git") or os.path.isfile(path / ".git")  # noqa: PTH112, PTH113


def _each(folder: Path, work: Path, problems: list[Problem]) -> Iterator[HandIn]:
    places: set[str] = set()
    for child in children(folder):
        if child.is_dir() and not child.is_symlink() and not _is_repository(child) and holds_work(child):
            yield HandIn(child.name, child.name, ((child.name, child),))
            continue
        if not (_is_repository(child) or child.suffix == _BUNDLE):
            message = say("neither a repository nor a bundle")
            problems.append(Problem(kind="ignored", where=child.name, message=message))
            continue
        with refusing(child.name, problems):
            yield _handin(child, work / unique(slug(child.name), places))


def _handin(repository: Path, place: Path) -> HandIn:
    if repository.is_symlink():
        raise IntakeError(say("{name}: a symbolic link", name=repository.name))
    read = committed(repository, place)
    label = repository.name.removesuffix(_BUNDLE).removesuffix(".git")
    return HandIn(
        where=repository.name,
        label=label,
        parts=((label, place),),
        hints=(str(read["email"]), str(read["name"])),
        claimed=datetime.fromisoformat(str(read["committed"])),
        notes=(
            say("commit {commit}", commit=str(read["commit"])[:12]),
            *(Message.model_validate(note) for note in read["notes"]),
        ),
    )

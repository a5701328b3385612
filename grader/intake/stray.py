"""Entries of a download that are not of its kind: work among them is refused by name, never passed over."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from grader.intake.identity import named
from grader.intake.listing import children, inner
from grader.intake.unpack import is_archive, is_foreign_archive
from grader.nouns.intake import Problem, Roster
from grader.nouns.text import say

_MODULES = (".py", ".ipynb")


_DEEPEST = 32
_MOST_SEEN = 20_000
"""Folders in folders, and entries in all, that are looked through; what is larger may hold work."""


def holds_work(entry: Path) -> bool:
    """Whether a file is a module, a notebook or an archive, or a folder holds one.

    A folder that is unreadable, too deep or too full to be looked through may.
    """
    if not entry.is_dir():
        return _is_work(entry.name)
    if entry.is_symlink():
        return True
    left, seen = [(entry, 0)], 0
    while left:
        folder, depth = left.pop()
        try:
            with os.scandir(folder) as found:
                for one in found:
                    seen += 1
                    if seen > _MOST_SEEN or depth >= _DEEPEST:
                        return True
                    if one.is_dir(follow_symlinks=False):
                        left.append((Path(one.path), depth + 1))
                    elif _is_work(one.name):
                        return True
        except OSError:
            return True
    return False


def strays_refused(
    problems: Sequence[Problem], download: Path, source: str, roster: Roster, chapters: Collection[str]
) -> list[Problem]:
    """Return a download's problems, with ignored entries that hold work turned into refusals.

    Such a refusal names the students whom the entry's name means, and blocks the work of none of them.

    Args:
        problems: what the source told.
        download: the folder that the source took in.
        source: the name of the source.
        roster: the class; empty where none is known.
        chapters: names of modules, which say nothing about people.
    """
    entries = children(inner(download)) if download.is_dir() else []
    ignored = {problem.where for problem in problems if problem.kind == "ignored"}
    named_as = {Problem(kind="ignored", where=entry.name, message=say("")).where: entry for entry in entries}
    strays = {where for where in ignored & named_as.keys() if holds_work(named_as[where])}
    told = []
    for problem in problems:
        if problem.kind != "ignored" or problem.where not in strays:
            told.append(problem)
            continue
        message = say(
            "holds work, but the download was read as {source}, and this is not of its kind; not graded. Name the "
            "source with --from, or take this in by itself",
            source=source,
        )
        refused = named(Problem(kind="refused", where=problem.where, message=message), roster, chapters)
        told.append(refused.model_copy(update={"claim": None}))
    return told


def _is_work(name: str) -> bool:
    return name.lower().endswith(_MODULES) or is_archive(name) or is_foreign_archive(name)

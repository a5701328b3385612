"""Entries of a download that are not of its kind: work among them is refused by name, never passed over."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from grader.intake.identity import named
from grader.intake.listing import children, inner
from grader.intake.unpack import is_archive, is_foreign_archive
from grader.nouns.intake import Problem, Roster
from grader.nouns.text import say

_MODULES = (".py", ".ipynb")


def holds_work(entry: Path) -> bool:
    """Whether a file is a module, a notebook or an archive, or a folder holds one; a folder that is unreadable may."""
    if not entry.is_dir():
        return _is_work(entry.name)
    if entry.is_symlink():
        return True
    unreadable: list[OSError] = []
    walk = os.walk(entry, onerror=unreadable.append)
    return any(_is_work(name) for _, _, files in walk for name in files) or bool(unreadable)


def strays_refused(
    problems: Iterable[Problem], download: Path, source: str, roster: Roster, chapters: Collection[str]
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
    strays = {Problem(kind="ignored", where=e.name, message=say("")).where for e in entries if holds_work(e)}
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

"""A zip of zips, or a folder of archives: one archive a student, named after the student."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.intake import people
from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.intake.unpack import is_archive, is_foreign_archive, stem
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import say

_COPY = re.compile(r"[(（](\d+)[)）]\s*$")
_LABELLED = re.compile(r"\.(py|ipynb)$")


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether at least half of what lies there are archives."""
    del chapters
    if not path.is_dir():
        return False
    names = [child.name for child in children(inner(path)) if child.is_file() or child.is_dir()]
    archives = [name for name in names if is_archive(name) or is_foreign_archive(name)]
    return len(archives) * 2 >= len(names) > 0


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """Each archive is one student's; folders and single modules beside them are taken too.

    Whose it is says the archive's own name, and nothing that is in it. A time in that name only orders the attempts.

    Args:
        path: a folder of archives, or an archive of archives.
        chapters: chapter id to the file name asked for.
        roster: the class, where known.
        work: a folder to unpack to.
    """
    problems: list[Problem] = []
    handins = list(_each(inner(opened(path, work)), chapters, problems))
    return collect(handins, chapters, roster, work=work, problems=problems)


def _each(folder: Path, chapters: Mapping[str, str], problems: list[Problem]) -> Iterator[HandIn]:
    for child in children(folder):
        if not (child.is_dir() or is_archive(child.name) or is_foreign_archive(child.name)
                or _LABELLED.search(child.name)):  # fmt: skip
            message = say("neither a folder nor an archive nor a module")
            problems.append(Problem(kind="ignored", where=child.name, message=message))
            continue
        label = child.name if child.is_dir() else stem(child.name) if is_archive(child.name) else child.stem
        if _LABELLED.search(child.name) and not child.is_dir():
            label = people.bare(label, chapters.values())
            if not label:
                message = say("its name does not say whose work it is; put the student's number or name into it")
                problems.append(Problem(kind="refused", where=child.name, message=message))
                continue
        copy = _COPY.search(label)
        yield HandIn(
            where=child.name,
            label=_COPY.sub("", label).strip(),
            parts=((child.name, child),),
            claimed=people.time_in(label),
            order=float(copy[1]) if copy else 0.0,
        )

"""One submission (a folder, a module or a notebook), or a folder per student."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.intake import people
from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.intake.modules import find
from grader.intake.unpack import is_archive
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import say

FITS_EVERYTHING = True

_MODULES = (".py", ".ipynb")
_CODE_FOLDERS = ("code", "src", "代码")


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Everything that is not something else."""
    del chapters
    return path.exists()


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """A file or folder with chapters' modules is one submission; else each folder or file in it is one.

    Args:
        path: a `.py` or `.ipynb` file, a folder, or an archive of such a folder.
        chapters: chapter id to the file name asked for.
        roster: the class, where known.
        work: a folder to copy and unpack to.
    """
    if path.is_file() and path.suffix.lower() in _MODULES:
        label = path.resolve().parent.name if path.name in chapters.values() else path.stem
        asked = path.name
        if find_alone(path, chapters) is None and len(chapters) == 1:
            asked = Path(next(iter(chapters.values()))).stem + path.suffix.lower()
        return collect([HandIn(path.name, label, ((asked, path),))], chapters, roster, work=work)
    folder = opened(path, work)
    if _is_single(folder, chapters):
        label = _label(folder, inner(folder), roster, packed=work in folder.parents)
        return collect([HandIn(label, label, ((label, folder),))], chapters, roster, work=work)
    problems: list[Problem] = []
    return collect(list(_each(inner(folder), problems)), chapters, roster, work=work, problems=problems)


def find_alone(path: Path, chapters: Mapping[str, str]) -> str | None:
    """The chapter that a single file answers by its name."""
    stem = path.stem.lower()
    return next((c for c, m in chapters.items() if stem.startswith(Path(m).stem.split("_")[0].lower())), None)


def _is_single(folder: Path, chapters: Mapping[str, str]) -> bool:
    """Whether the modules lie right in the folder, and not in a folder per student."""
    here = inner(folder)
    found = find(here, chapters)
    if not found.modules:
        return not any(child.is_dir() or is_archive(child.name) for child in children(here))
    places = [(found.folder / module).relative_to(here).parts for module in found.modules.values()]
    return any(len(parts) == 1 or parts[0].lower() in _CODE_FOLDERS for parts in places)


def _label(outer: Path, within: Path, roster: Roster | None, *, packed: bool) -> str:
    """Which of two folder names is the student's, where the one is all that lies in the other."""
    names = [outer.resolve().name, within.resolve().name]
    if not packed:
        names.reverse()
    looks_personal = (name for name in names if people.whose(name, roster or Roster()) or people.is_personal(name))
    return next(looks_personal, names[0])


def _each(folder: Path, problems: list[Problem]) -> Iterator[HandIn]:
    for child in children(folder):
        if child.is_dir() or is_archive(child.name) or child.suffix.lower() in _MODULES:
            label = child.name if child.is_dir() else child.stem
            order = child.stat(follow_symlinks=False).st_mtime
            yield HandIn(child.name, label, ((child.name, child),), submitted=people.time_in(label), order=order)
        else:
            message = say("neither a folder nor an archive nor a module")
            problems.append(Problem(kind="ignored", where=child.name, message=message))

"""One submission (a folder, a module or a notebook), or a folder per student."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.intake import people
from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.intake.modules import find
from grader.intake.unpack import is_archive, is_foreign_archive, stem
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
        label = people.bare(path.stem, chapters.values()) or path.resolve().parent.name
        asked = path.name
        if find_alone(path, chapters) is None and len(chapters) == 1:
            asked = Path(next(iter(chapters.values()))).stem + path.suffix.lower()
        return collect([HandIn(path.name, label, ((asked, path),))], chapters, roster, work=work)
    folder = opened(path, work)
    if _is_single(folder, chapters):
        label = _label(folder, roster or Roster(), chapters, packed=work in folder.parents)
        is_inside = work in folder.parents and label != folder.name
        handin = HandIn(label, label, ((label, folder),), inside=is_inside)
        return collect([handin], chapters, roster, work=work)
    problems: list[Problem] = []
    return collect(list(_each(inner(folder), chapters, problems)), chapters, roster, work=work, problems=problems)


def find_alone(path: Path, chapters: Mapping[str, str]) -> str | None:
    """The chapter that a single file answers by its name."""
    stem = path.stem.lower()
    return next((c for c, m in chapters.items() if stem.startswith(Path(m).stem.split("_")[0].lower())), None)


def _is_single(folder: Path, chapters: Mapping[str, str]) -> bool:
    """Whether the modules lie right in the folder, and not in a folder per student."""
    here = inner(folder)
    found = find(here, chapters)
    if not found.modules:
        several = any(child.is_dir() or is_archive(child.name) for child in children(here))
        return not several and not _is_class(here, chapters)
    places = [(found.folder / module).relative_to(here).parts for module in found.modules.values()]
    is_here = any(len(parts) == 1 or parts[0].lower() in _CODE_FOLDERS for parts in places)
    return is_here and not _is_class(here, chapters)


def _is_class(folder: Path, chapters: Mapping[str, str]) -> bool:
    """Whether several people's work lies side by side, however much it looks like one hand-in.

    That is so where modules are called after several people (`alice_ch01.py`, `bob_ch01.py`), and where folders with
    modules, or several archives, lie beside a module.
    """
    entries = children(folder)
    modules = [child for child in entries if child.is_file() and child.suffix.lower() in _MODULES]
    named = {name for child in modules if (name := _name_beside_chapter(child.stem, chapters))}
    archives = [child for child in entries if is_archive(child.name)]
    folders = [
        child
        for child in entries
        if child.is_dir()
        and not child.is_symlink()
        and child.name.lower() not in _CODE_FOLDERS
        and not people.says_nothing(child.name, chapters.values())
        and find(child, chapters).modules
    ]
    return len(named) > 1 or len(archives) > 1 or bool(folders)


def _name_beside_chapter(stem: str, chapters: Mapping[str, str]) -> str:
    bare = people.bare(stem, chapters.values())
    is_named = bare != stem.strip(" _-.") or any(c.isdigit() for c in people.guess(stem).id if people.is_personal(stem))
    return bare.casefold() if is_named else ""


def _label(folder: Path, roster: Roster, chapters: Mapping[str, str], *, packed: bool) -> str:
    """The name that stands for the student: the outer one, unless it says nothing or only the next one means a student.

    A student chose what lies in an archive, but not what it is called here. So the name of a folder in it only counts
    where the archive's own says nothing, as in `homework.zip`.
    """
    outer = folder.resolve().name
    within = children(folder)
    names = [outer, within[0].name] if inner(folder) != folder else [outer]
    if packed or len(names) == 1:
        return names[-1] if people.says_nothing(outer, chapters.values()) else outer
    known = (
        (name for name in names if people.meaning(name, roster, chapters.values()).students)
        if roster.students
        else (name for name in names if people.is_personal(name))
    )
    return next(known, names[-1] if people.says_nothing(outer, chapters.values()) else outer)


def _each(folder: Path, chapters: Mapping[str, str], problems: list[Problem]) -> Iterator[HandIn]:
    for child in children(folder):
        is_packed = is_archive(child.name) or is_foreign_archive(child.name)
        if child.is_dir() or is_packed or child.suffix.lower() in _MODULES:
            is_module = child.suffix.lower() in _MODULES and not child.is_dir()
            label = people.bare(child.stem, chapters.values()) if is_module else child.name
            if not label:
                message = say("its name does not say whose work it is; put the student's number or name into it")
                problems.append(Problem(kind="refused", where=child.name, message=message))
                continue
            label = stem(label) if is_packed and not child.is_dir() else label
            order = child.stat(follow_symlinks=False).st_mtime
            yield HandIn(child.name, label, ((child.name, child),), claimed=people.time_in(label), order=order)
        else:
            message = say("neither a folder nor an archive nor a module")
            problems.append(Problem(kind="ignored", where=child.name, message=message))

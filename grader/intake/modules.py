"""Finding the chapters' modules in what a student handed in, however it was named or wrapped."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.files import is_junk, open_regular
from grader.nouns.text import Message, say

_COPY = re.compile(
    r"(?:[(（]\d+[)）]|-\d{1,2}|_\d|(?P<chinese>副本)(?:\s*[(（]\d+[)）])?|(?P<english>[-_\s]copy))\Z", re.IGNORECASE
)
_SUFFIXES = (".py", ".ipynb")
_DEPTH = 8
_LONGEST = 2**22  # bytes of a file that are looked into


@dataclass(frozen=True)
class Found:
    """The modules of one hand-in.

    Attributes:
        folder: where the student's code starts: the folder that all modules lie in.
        package: the root of the hand-in without needless wrapping folders.
        modules: chapter id to path relative to `folder`.
        notes: what was named otherwise than asked for.
    """

    folder: Path
    package: Path
    modules: dict[str, str]
    notes: tuple[Message, ...]


def find(root: Path, chapters: Mapping[str, str]) -> Found:
    """Find the best match for every chapter; a chapter without one is absent.

    A module is found by its exact name, then in another case, as a download's copy (`ch01 (1).py`), by the chapter's
    short name (`ch01.py`), or with something before it (`2023001_ch01_overview.py`). Of two, the one with less left to
    write is preferred (students fill in the notebook and hand in the untouched module with it), then a `.py` over an
    `.ipynb`, a file further up over one further down.
    """
    package = unwrapped(root)
    files = list(_files(package))
    chosen: dict[str, Path] = {}
    notes: list[Message] = []
    for chapter, module in chapters.items():
        ranked = sorted(
            (rank, unwritten(file), file.suffix.lower() != ".py", len(file.parts), str(file))
            for file in files
            if (rank := _rank(file.name, module, chapters)) is not None
        )
        if not ranked:
            continue
        paths = [Path(entry[-1]) for entry in ranked]
        chosen[chapter] = paths[0]
        if paths[0].name != module:
            notes.append(say("{found} was taken for {asked}", found=paths[0].name, asked=module))
        others = [path.relative_to(package).as_posix() for path in paths[1:]]
        if others:
            notes.append(say("{found} counts; also there: {others}", found=paths[0].name, others=", ".join(others)))
    folder = _common({path.parent for path in chosen.values()}, package)
    modules = {chapter: path.relative_to(folder).as_posix() for chapter, path in chosen.items()}
    return Found(folder=folder, package=package, modules=modules, notes=tuple(notes))


def unwritten(file: Path) -> int:
    """Count the parts of a template that are still in a file."""
    try:
        with open_regular(file) as stream:
            return stream.read(_LONGEST).count(b"NotImplementedError")
    except OSError:
        return 0


def unwrapped(root: Path) -> Path:
    """Return the folder, or the only folder in it where there is nothing else (one folder too many)."""
    for _ in range(_DEPTH):
        children = [child for child in root.iterdir() if not is_junk(child.name)]
        if len(children) != 1 or children[0].is_symlink() or not children[0].is_dir():
            return root
        root = children[0]
    return root


def is_text(path: Path) -> bool:
    """Whether a path's name is text, and not bytes that cannot be decoded."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if not is_junk(name) and len((here / name).relative_to(root).parts) <= _DEPTH
        )
        yield from (
            here / name
            for name in sorted(files)
            if Path(name).suffix.lower() in _SUFFIXES
            and is_text(here / name)
            and not is_junk(name)
            and not (here / name).is_symlink()
            and (here / name).is_file()  # opening a pipe would wait for somebody to write to it
        )


def _rank(name: str, module: str, chapters: Mapping[str, str]) -> int | None:
    """How far a file's name is from the one asked for; None where it is something else."""
    asked = Path(module).stem
    stem = Path(name).stem
    plain = _without_copy(stem).strip().lower()
    if stem == asked:
        return 0
    if stem.lower() == asked.lower():
        return 1
    if plain == asked.lower():
        return 2
    short = asked.split("_")[0].lower()
    if plain == short and sum(Path(m).stem.split("_")[0].lower() == short for m in chapters.values()) == 1:
        return 3
    if plain.endswith(asked.lower()) or plain.startswith(asked.lower()):
        return 4
    return None


def _without_copy(stem: str) -> str:
    """A file's stem without what systems append to the name of a copy: ` (1)`, `-1`, `_2`, ` - 副本 (2)`, ` - copy`.

    The blanks before it are taken off afterwards: a pattern that begins with them would try each of them again.
    """
    mark = _COPY.search(stem)
    if mark is None:
        return stem
    before = stem[: mark.start()].rstrip()
    if mark["chinese"]:
        return before.removesuffix("-").rstrip()
    if mark["english"] and mark["english"][0] not in "-_":
        return before.removesuffix("-").rstrip() if before.endswith("-") else stem
    return before


def _common(folders: set[Path], root: Path) -> Path:
    if not folders:
        return root
    return Path(os.path.commonpath(folders))

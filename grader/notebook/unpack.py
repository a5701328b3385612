"""A submission whose chapter is a notebook → folders that stand for it: one to run, one to read."""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.files import CACHES, INSTALLED
from grader.notebook import notes
from grader.notebook.answers import answers_in
from grader.notebook.magics import Plain, plain_python
from grader.notebook.read import Cell, UnreadableError, read_cells
from grader.nouns.base import Noun
from grader.nouns.course import Chapter
from grader.nouns.submission import Submission
from grader.nouns.text import Message
from grader.nouns.use import Use

SUFFIX = ".ipynb"
RUNNER = "grader_notebook_cells.py"
_RUNNER_SOURCE = Path(__file__).parent / "cells.py"
_LEFT_BEHIND = shutil.ignore_patterns(*CACHES, *INSTALLED)


class Place(Noun):
    """A line of a notebook: cell and line in the cell, both counted from 1."""

    cell: int
    line: int


class Opened(Noun):
    """One chapter of a submission, ready to be run and read.

    Attributes:
        folder, module: what runs.
        reading: the folder in which the same module is plain source, for checks of the syntax tree.
        notebook: the notebook's file name; empty for a module that was handed in as such.
        lines: for each line of the source to read, where it stands in the notebook.
        notes: what is worth saying before anything has run.
        broken: why there is nothing to run.
    """

    folder: Path
    module: str
    reading: Path
    notebook: str = ""
    lines: tuple[Place, ...] = ()
    notes: tuple[Message, ...] = ()
    broken: Message | None = None

    def place(self, file: str, line: int) -> tuple[str, int]:
        """Where a line of the source to read stands in what was handed in."""
        if self.notebook and file == self.module and 1 <= line <= len(self.lines):
            at = self.lines[line - 1]
            return f"{self.notebook}:cell {at.cell}", at.line
        return file, line

    def placed(self, use: Use) -> Use:
        """A use of a forbidden name with its place in what was handed in."""
        file, line = self.place(use.file, use.line)
        return use.model_copy(update={"file": file, "line": line})


@contextmanager
def opened(submission: Submission, chapter: Chapter) -> Iterator[Opened]:
    """The chapter's module of a submission; a notebook is turned into one, in a copy that is deleted afterwards."""
    module = submission.modules.get(chapter.id, chapter.module)
    if not module.endswith(SUFFIX):
        yield Opened(folder=submission.folder, module=module, reading=submission.folder)
        return
    try:
        cells = read_cells(submission.folder / module)
    except UnreadableError as error:
        yield Opened(folder=submission.folder, module=module, reading=submission.folder, broken=error.message)
        return
    except OSError:
        yield Opened(folder=submission.folder, module=module, reading=submission.folder)
        return
    with tempfile.TemporaryDirectory(prefix="grader-notebook-", ignore_cleanup_errors=True) as scratch:
        yield _unpacked(submission, chapter, Path(module), cells, Path(scratch))


def _unpacked(submission: Submission, chapter: Chapter, notebook: Path, cells: Sequence[Cell], scratch: Path) -> Opened:
    name = notebook.with_suffix(".py").as_posix()
    run, read = scratch / "run", scratch / "read"
    shutil.copytree(submission.folder, run, symlinks=True, ignore=_LEFT_BEHIND)
    shutil.copytree(submission.folder, read, symlinks=True, ignore=_only_python)
    plain = [(cell.number, plain_python(cell.source)) for cell in cells if cell.kind == "code"]
    shutil.copyfile(_RUNNER_SOURCE, (run / name).parent / RUNNER)
    answers = {q.answer: "" for q in chapter.questions if q.rubric and q.answer} | answers_in(cells, chapter.questions)
    source = module_source(notebook.name, plain, answers)
    (run / name).write_text(source, encoding="utf-8")
    text, lines = flat_source(plain)
    (read / name).parent.mkdir(parents=True, exist_ok=True)
    (read / name).write_text(text, encoding="utf-8", errors="replace")
    return Opened(
        folder=run,
        module=name,
        reading=read,
        notebook=notebook.as_posix(),
        lines=lines,
        notes=notes.left_out(notebook.name, plain),
    )


def _only_python(folder: str, names: list[str]) -> set[str]:
    left = _LEFT_BEHIND(folder, names)
    return left | {name for name in names if not name.endswith(".py") and not Path(folder, name).is_dir()}


def module_source(notebook: str, cells: Sequence[tuple[int, Plain]], answers: dict[str, str]) -> str:
    """The module that stands for a notebook: its cells as text, run one after another by `cells.run`."""
    texts = "".join(f"    ({number}, {plain.source!a}),\n" for number, plain in cells if plain.source.strip())
    return (
        f"import os as _os\nimport {Path(RUNNER).stem} as _cells\n"
        f"_cells.run(globals(), _os.path.dirname(__file__), {notebook!a}, [\n{texts}], {answers!a})\n"
    )


def flat_source(cells: Sequence[tuple[int, Plain]]) -> tuple[str, tuple[Place, ...]]:
    """The cells one after another as one source, without those that are not Python, and where each line stands."""
    text: list[str] = []
    places: list[Place] = []
    for number, plain in cells:
        if _parses(plain.source):
            for line, content in enumerate(re.split(r"\r\n|\r|\n", plain.source), 1):
                text.append(content)
                places.append(Place(cell=number, line=line))
    return "\n".join(text) + "\n", tuple(places)


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True

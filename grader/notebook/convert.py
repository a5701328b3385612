"""Conversion of a notebook to a module to run and a plain source to check. Runs in a reader's child."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.notebook import notes
from grader.notebook.answers import answers_in
from grader.notebook.magics import Plain, plain_python
from grader.notebook.read import read_cells, unreadable
from grader.nouns.question import Question
from grader.nouns.text import Message, say

RUNNER = "grader_notebook_cells.py"
"""The file beside the module that runs the cells: a copy of `cells`."""
_LONGEST_SOURCE = 2**20  # characters of code that are parsed cell by cell; longer code is not searched
LONGEST = 8 * 2**20
"""Characters of the module that stands for a notebook; pictures in the text of cells make it large."""


@dataclass(frozen=True)
class Place:
    """A line of a notebook: cell and line in the cell, both counted from 1."""

    cell: int
    line: int


@dataclass(frozen=True)
class Converted:
    """What a notebook is turned into.

    Attributes:
        source: the module that runs its cells one after another.
        text: the cells as one plain source, for checks of the syntax tree.
        lines: for each line of `text`, where it stands in the notebook.
        notes: remarks that can be made before anything has run.
    """

    source: str
    text: str
    lines: tuple[Place, ...]
    notes: tuple[Message, ...]


def converted(file: Path, questions: Sequence[Question], free_text: Iterable[str]) -> Converted:
    """Convert a notebook to a module.

    Args:
        file: the notebook.
        questions: the chapter's, whose headings are looked for in its markdown.
        free_text: the keys of `ANSWERS` that are answered by free text; blank where the notebook has none.

    Raises:
        UnreadableError: it is not a notebook, or holds too much text.
    """
    cells = read_cells(file)
    plain = [(cell.number, plain_python(cell.source)) for cell in cells if cell.kind == "code"]
    answers = dict.fromkeys(free_text, "") | answers_in(cells, questions)
    source = module_source(file.name, plain, answers)
    if len(source) > LONGEST:
        raise unreadable(file, say("its cells hold more than {size} MiB of text", size=LONGEST // 2**20))
    text, lines = flat_source(plain)
    return Converted(source, text, lines, notes.left_out(file.name, plain))


def module_source(notebook: str, cells: Sequence[tuple[int, Plain]], answers: dict[str, str]) -> str:
    """Return the module that stands for a notebook: its cells as text, run one after another by `cells.run`."""
    texts = "".join(f"    ({number}, {plain.source!a}),\n" for number, plain in cells if plain.source.strip())
    return (
        f"import os as _os\nimport {Path(RUNNER).stem} as _cells\n"
        f"_cells.run(globals(), _os.path.dirname(__file__), {notebook!a}, [\n{texts}], {answers!a})\n"
    )


def flat_source(cells: Sequence[tuple[int, Plain]]) -> tuple[str, tuple[Place, ...]]:
    """Join the Python cells to one source, and return it with the place of each line."""
    text: list[str] = []
    places: list[Place] = []
    is_long = sum(len(plain.source) for _, plain in cells) > _LONGEST_SOURCE
    for number, plain in cells:
        if is_long or _may_parse(plain.source):
            for line, content in enumerate(re.split(r"\r\n|\r|\n", plain.source), 1):
                text.append(content)
                places.append(Place(cell=number, line=line))
    return "\n".join(text) + "\n", tuple(places)


def _may_parse(source: str) -> bool:
    """Whether a cell is Python, or so deep or so large that it can only be tried where it runs."""
    try:
        ast.parse(source)
    except (RecursionError, MemoryError):  # the parser says the latter of its own stack, too
        return True
    except (SyntaxError, ValueError):
        return False
    return True

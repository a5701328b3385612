"""The starting notebook for students, made from the template module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from grader.nouns.course import Chapter, Course
from grader.nouns.question import Question

_WHERE = (
    "在 notebook 里，文字题写在它的标题下面，不写进 ANSWERS。  \n"
    "In this notebook, free text goes below the heading of its question, not into ANSWERS."
)
_KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def template_notebooks(course: Course, chapters: tuple[Chapter, ...]) -> dict[Path, str]:
    """Return the notebook beside each chapter's template: file to text."""
    folder = course.template_folder
    return {
        (folder / chapter.module).with_suffix(".ipynb"): notebook_text(
            (folder / chapter.module).read_text(encoding="utf-8"), chapter
        )
        for chapter in chapters
        if (folder / chapter.module).is_file()
    }


def notebook_text(source: str, chapter: Chapter) -> str:
    """Convert a template module to a notebook; equal sources give identical bytes.

    The docstring becomes the first markdown cell, every function a code cell, every free-text answer a markdown cell
    under a heading that names its question; other answers stay in `ANSWERS`.
    """
    cells: list[Any] = []
    for kind, text in _cells(source, chapter):
        make = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
        cells.append(make(text, id=f"{chapter.id[:50]}-{len(cells) + 1}"))  # type: ignore[no-untyped-call]
    notebook = v4.new_notebook(cells=cells, metadata=_KERNEL)  # type: ignore[no-untyped-call]
    text = nbformat.writes(notebook, version=4)  # type: ignore[no-untyped-call]
    return f"{text.rstrip()}\n"


def _cells(source: str, chapter: Chapter) -> Iterator[tuple[str, str]]:
    tree = ast.parse(source)
    lines = source.splitlines()
    free = {question.answer: question for question in chapter.questions if question.rubric}
    about = (ast.get_docstring(tree) or "").strip().replace(chapter.module, f"{chapter.id}.ipynb")
    where = f"\n\n{_WHERE}" if free else ""
    yield "markdown", f"# {chapter.title.zh} · {chapter.title.en}\n\n{about}{where}".strip()
    start = tree.body[0].end_lineno or 0 if ast.get_docstring(tree) else 0
    gathered: list[str] = []
    for node in tree.body[1:] if ast.get_docstring(tree) else tree.body:
        end = node.end_lineno or node.lineno
        text = "\n".join(lines[start:end]).strip("\n")
        start = end
        if isinstance(node, ast.FunctionDef | ast.ClassDef) or _is_answers(node):
            if gathered:
                yield "code", "\n".join(gathered).strip("\n")
                gathered = []
            yield from _answers(node, lines, free) if _is_answers(node) else [("code", text)]
        else:
            gathered.append(text)
    if gathered:
        yield "code", "\n".join(gathered).strip("\n")


def _is_answers(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == "ANSWERS" for target in targets)


def _answers(node: ast.stmt, lines: list[str], free: Mapping[str | None, Question]) -> Iterator[tuple[str, str]]:
    """Return free text as markdown cells and the other entries as a smaller `ANSWERS`, each with its comments."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    kept: list[str] = []
    start = node.lineno
    for key, entry in zip(value.keys, value.values, strict=True) if isinstance(value, ast.Dict) else ():
        end = entry.end_lineno or entry.lineno
        text = lines[start:end]
        start = end
        question = free.get(key.value if isinstance(key, ast.Constant) else None)  # type: ignore[arg-type]
        if question is None:
            kept += text
        else:
            notes = [line.strip().removeprefix("#").strip() for line in text if line.strip().startswith("#")]
            yield "markdown", _free_text(question, notes)
    if kept:
        yield "code", "\n".join([lines[node.lineno - 1], *kept, "}"])


def _free_text(question: Question, notes: list[str]) -> str:
    quoted = "\n".join(f"> {note}  " for note in notes)
    heading = f"### {question.title.zh} · {question.title.en} (`{question.answer}`)"
    return f"{heading}\n\n{quoted}\n\n<!-- 在这一行下面作答 / write your answer below this line -->\n"

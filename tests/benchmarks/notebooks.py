"""The workload in the forms that otter-grader, nbgrader and pytest take."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from workload import ANSWERS, PROMPT, SENTENCES

LOADING = """
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
torch.set_num_threads(1)
model = AutoModelForCausalLM.from_pretrained({folder!r}, local_files_only=True).eval()
tokenizer = AutoTokenizer.from_pretrained({folder!r}, local_files_only=True)
"""


def checks(expected: dict[str, Any]) -> dict[str, str]:
    """One truth a question, as an expression."""
    numbers, ids = expected["log_probability"], expected["token_ids"]
    calls = [f"log_probability(model, tokenizer, {text!r})" for text in SENTENCES]
    return {
        "log_probability": " and ".join(
            f"abs({call} - {number!r}) < 1e-3" for call, number in zip(calls, numbers, strict=True)
        ),
        "token_ids": f"[token_ids(tokenizer, text) for text in {SENTENCES!r}] == {ids!r}",
        "parameter_count": f"parameter_count(model) == {expected['parameter_count']!r}",
        "greedy": f"greedy(model, tokenizer, {PROMPT!r}) == {expected['greedy']!r}",
    }


def write(path: Path, cells: list[object]) -> None:
    """A notebook with a Python kernel."""
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def otter(top: Path, model: str, expected: dict[str, object], count: int) -> tuple[Path, list[Path]]:
    """The autograder zip, and one notebook a student."""
    zipped = top / "autograder.zip"
    top.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python", "warn_missing_pdf": False}))
        archive.writestr("requirements.txt", "")
        for name, expression in checks(expected).items():
            case = {"code": f">>> bool({expression})\nTrue", "hidden": False, "locked": False}
            suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
            test = {"name": name, "points": 10, "suites": [suite]}
            archive.writestr(f"files/tests/{name}.py", f"OK_FORMAT = True\ntest = {test!r}\n")
            archive.writestr(f"tests/{name}.py", f"OK_FORMAT = True\ntest = {test!r}\n")
    notebooks = []
    for number in range(count):
        notebooks.append(top / f"student{number}" / "ch01.ipynb")
        cells = [new_code_cell("import otter\ngrader = otter.Notebook('ch01.ipynb')")]
        cells += [new_code_cell(LOADING.format(folder=model)), new_code_cell(f"# student {number}\n{ANSWERS}")]
        cells += [new_code_cell(f"grader.check({name!r})") for name in checks(expected)]
        write(notebooks[-1], cells)
    return zipped, notebooks


def nbgrader(top: Path, model: str, expected: dict[str, object], count: int) -> list[str]:
    """A course folder with a source notebook and handed-in ones; the students' names."""

    def cells(solution: str) -> list[Any]:
        made: list[Any] = [new_markdown_cell("# ch01")]
        made.append(new_code_cell(LOADING.format(folder=model)))
        made.append(new_code_cell(solution))
        made[-1].metadata["nbgrader"] = _cell("solution", grade=False, solution=True)
        for name, expression in checks(expected).items():
            made.append(new_code_cell(f"assert {expression}"))
            made[-1].metadata["nbgrader"] = _cell(f"test_{name}", grade=True, solution=False)
        return made

    (top / "nbgrader_config.py").parent.mkdir(parents=True, exist_ok=True)
    (top / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\n")
    write(top / "source" / "ch01" / "ch01.ipynb", cells("### BEGIN SOLUTION\n" + ANSWERS + "\n### END SOLUTION"))
    names = [f"student{number}" for number in range(count)]
    for name in names:
        write(top / "submitted" / name / "ch01" / "ch01.ipynb", cells(f"# {name}\n{ANSWERS}"))
    return names


def _cell(name: str, *, grade: bool, solution: bool) -> dict[str, object]:
    kind = {"schema_version": 3, "cell_type": "code", "grade_id": name, "locked": grade, "task": False}
    return {**kind, "grade": grade, "solution": solution, **({"points": 10} if grade else {})}


def pytest_file(top: Path, model: str, expected: dict[str, object]) -> Path:
    """A test module that imports `ch01` from the folder it is run in."""
    lines = ["import sys\nsys.path.insert(0, '.')\nfrom ch01 import *", LOADING.format(folder=model)]
    lines += [f"def test_{name}():\n    assert {expression}\n" for name, expression in checks(expected).items()]
    path = top / "test_ch01.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path

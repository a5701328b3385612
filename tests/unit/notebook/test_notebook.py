"""Notebooks handed in as work: read as text, turned into a module, run statement by statement."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v3, v4

from grader.execute.opened import opened
from grader.language.speak import speak
from grader.notebook.answers import answers_in
from grader.notebook.convert import converted
from grader.notebook.magics import plain_python
from grader.notebook.read import Cell, UnreadableError, read_cells
from grader.nouns.course import Chapter
from grader.nouns.question import Question, RubricItem
from grader.nouns.submission import Submission
from grader.nouns.text import Text

WHY = Question(
    id="why_base",
    title=Text(zh="为什么", en="Why the base model"),
    points=1,
    answer="why_base",
    rubric=(RubricItem(points=1, about=Text(zh="一", en="one")),),
)
TWICE = Question.model_validate({"id": "twice", "title": {"zh": "倍", "en": "Twice"}, "points": 1, "call": "twice(x)"})
CHAPTER = Chapter(id="demo", title=Text(zh="演示", en="Demo"), questions=(TWICE, WHY))


def notebook(folder: Path, *cells: Any, name: str = "demo.ipynb") -> Path:
    nodes = [v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(v4.new_notebook(cells=nodes), folder / name)
    return folder / name


def handed_in(folder: Path) -> Submission:
    return Submission(id="s", student="s", folder=folder, modules={"demo": "demo.ipynb"})


def run(folder: Path, expression: str) -> Any:
    """What an expression over the unpacked module gives, in a process of its own."""
    with opened(handed_in(folder), CHAPTER) as own:
        code = f"import json, sys; sys.path.insert(0, '.'); import demo; print(json.dumps({expression}))"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=own.folder, capture_output=True, text=True, check=True, encoding="utf-8"
        )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install torch\nx = 1", "pass\nx = 1"),
        ("!pip install \\\n  torch\nx = 1", "pass\n\nx = 1"),
        ("if x:\n    !ls\n    y = 2", "if x:\n    pass\n    y = 2"),
        ("files = !ls *.txt", "files = []"),
        ("time = %timeit -o f()", "time = []"),
        ("%time y = f(3)", "y = f(3)"),
        ("%%time\ny = f(3)", "\ny = f(3)"),
        ("torch.tensor?\n?torch\nhelp??  # more", "pass\npass\npass"),
    ],
)
def test_what_only_jupyter_understands_is_left_out_and_lines_keep_their_place(source: str, plain: str) -> None:
    """Magics, shell lines and help become `pass`, an empty list or the statement they time."""
    assert plain_python(source).source == plain
    assert plain_python(source).left_out


@pytest.mark.parametrize(
    "source",
    [
        's = """\n%not a magic\n!nor this\nwhat?\n"""',
        "s = '''it's\n%x'''",
        "x = (7\n     % 3)",
        "x = 7 \\\n  % 3",
        "x = {  # a ( in a comment\n  'a':\n!r\n}",
        "y = 'a\\'b' if x != 3 else \"#\"\nz = x % 2",
        's = "open \\\n%not a magic"',
    ],
)
def test_strings_brackets_and_joined_lines_are_left_alone(source: str) -> None:
    """A line that only looks like a magic, inside a string or an expression, is Python."""
    assert plain_python(source) == (source, False, "")


def test_a_cell_for_another_language_is_left_out_whole() -> None:
    """`%%bash` and its like are not Python at all."""
    plain = plain_python("%%bash\nrm -rf x")
    assert (plain.source, plain.language) == ("", "bash")


def test_a_free_text_answer_stands_under_the_heading_of_its_question() -> None:
    """By id or title; to the next heading or code cell; without quoted text and comments."""
    cells = [
        Cell(number=1, kind="markdown", source="## 1.2 why_base\n> the question\n\n<!-- here -->\nBecause.\n"),
        Cell(number=2, kind="markdown", source="And so.\n```\n# not a heading\n```\n# Other\nno"),
    ]
    assert answers_in(cells, [WHY, TWICE]) == {"why_base": "Because.\n\n\nAnd so.\n```\n# not a heading\n```"}
    for heading in ("# 1.2 为什么？", "### Why the Base Model"):
        assert answers_in([Cell(number=1, kind="markdown", source=f"{heading}\nx")], [WHY]) == {"why_base": "x"}
    split = [
        Cell(number=1, kind="markdown", source="# why_base"),
        Cell(number=2, kind="code", source="1"),
        Cell(number=3, kind="markdown", source="not the answer"),
    ]
    assert answers_in(split, [WHY]) == {}


def test_a_failing_cell_loses_nothing_that_was_defined(tmp_path: Path) -> None:
    """Errors, syntax errors, sys.exit and undefined names in scratch lines are noted; definitions stay."""
    notebook(
        tmp_path,
        "def twice(x):\n    return helper(x)\ntwice(undefined)\ny = 5",
        "broken (",
        "import sys; sys.exit(1)",
        "def helper(x):\n    return x + x + y - 5",
    )
    assert run(tmp_path, "demo.twice(4)") == 8
    errors = run(tmp_path, "demo.notebook_cells()['errors']")
    assert [(e["cell"], e["line"], e["type"]) for e in errors] == [
        (1, 3, "NameError"),
        (2, 1, "SyntaxError"),
        (3, 1, "SystemExit"),
    ]


def test_display_and_plots_do_not_break_it(tmp_path: Path) -> None:
    """Display helpers are there, plotting works or is stood in for, `from __future__` holds for the cells after it."""
    notebook(
        tmp_path,
        "from __future__ import annotations\nfrom IPython.display import HTML, display\nimport seaborn.objects as so",
        "import matplotlib.pyplot as plt\nfig, axis = plt.subplots()\naxis.plot([1, 2])\nplt.show()\nget_ipython()",
        "def twice(x: Absent) -> Absent:\n    display(HTML('x'))\n    return 2 * x",
    )
    assert run(tmp_path, "demo.notebook_cells()['errors']") == []
    assert run(tmp_path, "demo.twice(4)") == 8


def test_redefinitions_are_reported_and_an_overwritten_function_is_put_back(tmp_path: Path) -> None:
    """The last definition counts; a value under a function's name does not."""
    notebook(tmp_path, "def twice(x):\n    return 1", "def twice(x):\n    return 2 * x", "twice = twice(3)")
    assert run(tmp_path, "demo.twice(4)") == 8
    report = run(tmp_path, "demo.notebook_cells()")
    assert report["redefined"] == [{"name": "twice", "cells": [1, 2]}]
    assert report["replaced"] == [{"name": "twice", "cell": 2}]


def test_markdown_answers_fill_only_blank_ones(tmp_path: Path) -> None:
    """What stands in ANSWERS comes first; without ANSWERS one is made."""
    markdown = v4.new_markdown_cell("# why_base\nfrom markdown")
    notebook(tmp_path, markdown)
    assert run(tmp_path, "demo.ANSWERS") == {"why_base": "from markdown"}
    notebook(tmp_path, "ANSWERS = {'why_base': 'own'}", markdown)
    assert run(tmp_path, "demo.ANSWERS") == {"why_base": "own"}


def test_lines_of_the_source_to_read_lead_back_to_cells(tmp_path: Path) -> None:
    """What checks of the syntax tree find is said with cell and line; cells that do not parse are passed over."""
    notebook(tmp_path, "a = 1\nb = 2", "broken (", v4.new_markdown_cell("text"), "!ls\nc = 3")
    read = converted(tmp_path / "demo.ipynb", (), ())
    assert read.text.splitlines() == ["a = 1", "b = 2", "pass", "c = 3"]
    assert [(line.cell, line.line) for line in read.lines] == [(1, 1), (1, 2), (4, 1), (4, 2)]


def test_what_the_source_says_is_placed_in_cells(tmp_path: Path) -> None:
    """A forbidden name and the place of an answer are told with cell and line; other files keep theirs."""
    forbid = TWICE.model_copy(update={"forbid": ("generate",)})
    chapter = CHAPTER.model_copy(update={"questions": (forbid, WHY)})
    notebook(
        tmp_path,
        "import helper\n\ndef twice(x):\n    x.generate()\n    return helper.go(x)",
        "ANSWERS = {'why_base': 1}",
    )
    (tmp_path / "helper.py").write_text("def go(x):\n    return x.generate()\n")
    with opened(handed_in(tmp_path), chapter) as own:
        twice, why = own.sources["twice"], own.sources["why_base"]
    assert [(use.file, use.line) for use in twice.uses] == [("demo.ipynb:cell 1", 4), ("helper.py", 2)]
    assert (twice.file, twice.line) == ("demo.ipynb:cell 1", 3)
    assert (why.file, why.line) == ("demo.ipynb:cell 2", 1)


def test_a_version_3_notebook_is_converted(tmp_path: Path) -> None:
    """Worksheets and `input` of nbformat 3 give the same cells."""
    old = v3.new_notebook(worksheets=[v3.new_worksheet(cells=[v3.new_code_cell(input="x = 1")])])
    (tmp_path / "demo.ipynb").write_text(v3.writes_json(old), encoding="utf-8")
    assert read_cells(tmp_path / "demo.ipynb") == (Cell(number=1, kind="code", source="x = 1"),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b'{"cells": [', "JSON is broken at line 1"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[1, 2]", "no cells"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "no cells|damaged"),
        (b'{"nbformat": "x"}', "damaged|no cells"),
        (b'{"nbformat": 3}', "damaged|no cells"),
        (b"[" * 100_000, "damaged"),
    ],
)
def test_a_broken_notebook_gets_a_clear_message(tmp_path: Path, content: bytes, reason: str) -> None:
    """Whatever is in the file, the reader says what is wrong and what to do."""
    file = tmp_path / "demo.ipynb"
    file.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read_cells(file)
    message = caught.value.message
    assert "demo.py" in str(message.values["module"])
    assert re.search(reason, speak(message, "en"))

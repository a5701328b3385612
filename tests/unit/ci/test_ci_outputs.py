"""Annotations and summaries: escaped, bounded, worst first, on the right lines."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from grader.ci.annotations import LARGEST_NOTEBOOK, Annotation, annotate, json_line
from grader.ci.results import LONGEST_SUMMARY, cut
from grader.nouns.report import ChapterScore, Environment, Isolation, QuestionScore, Report
from grader.nouns.text import Text, say
from grader.nouns.verdict import CaseVerdict, Status


def question(number: int, status: Status, lost: float, file: str | None = "ch.py") -> QuestionScore:
    case = CaseVerdict(id="public-1", hidden=False, status=status, share=0, file=file, line=number)
    title = Text(zh=f"题 {number}", en=f"Question {number}")
    return QuestionScore(
        id=f"q{number}",
        title=title,
        score=20 - lost,
        max_score=20,
        status=status,
        message=say("lost {lost}", lost=lost),
        cases=(case,),
    )


def report(*questions: QuestionScore) -> Report:
    chapter = ChapterScore(id="ch", title=Text(zh="章", en="Chapter"), score=0, max_score=20, questions=questions)
    environment = Environment(grader="0", python="3", torch="2", transformers="5", platform="x", models=())
    return Report(
        submission="s",
        student="s",
        score=0,
        max_score=20,
        isolation=Isolation(level=2, backend="x"),
        environment=environment,
        chapters=(chapter,),
    )


def test_commands_are_escaped() -> None:
    """Percent signs and line ends in messages; commas and colons too in properties."""
    annotation = Annotation(kind="error", file="a:b,c%.py", line=3, title="t: 1,5", message="50 %\r\nx: y, z", lost=1)
    assert str(annotation) == "::error file=a%3Ab%2Cc%25.py,line=3,title=t%3A 1%2C5::50 %25%0D%0Ax: y, z"


def test_ten_of_a_kind_those_that_cost_most_first(tmp_path: Path) -> None:
    """Faults are errors, lost marks warnings, what is not written notices; free text and full marks are none."""
    every = [
        *(question(n, "wrong", lost=n) for n in range(1, 16)),
        question(16, "error", 20),
        question(17, "missing", 20),
        question(18, "needs_review", 20),
        question(19, "correct", 0),
        question(20, "crashed", 1, file=None),
    ]
    (tmp_path / "hw").mkdir()
    found = annotate(report(*every), tmp_path / "hw", tmp_path, "en")
    assert [a.line for a in found if a.kind == "warning"] == list(range(15, 5, -1))
    assert [(a.kind, a.line) for a in found if a.kind != "warning"] == [("error", 16), ("notice", 17)]
    assert found[0].file == "hw/ch.py"
    assert found[0].message == "lost 20"


def test_a_cell_is_annotated_on_its_line_of_the_file(tmp_path: Path) -> None:
    """The line in the JSON text where that line of the cell stands, whatever was printed before it."""
    cells = [
        v4.new_markdown_cell('x = "一"'),
        v4.new_code_cell('import math\nx = "一"\n', outputs=[v4.new_output("stream", text="import math\n")]),
        v4.new_code_cell('import math\nx = "一"\n\ny = 2'),
    ]
    file = tmp_path / "ch.ipynb"
    nbformat.write(v4.new_notebook(cells=cells), file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [lines[json_line(file, 3, n) - 1].strip() for n in (1, 2, 4)] == [
        '"import math\\n",',
        '"x = \\"一\\"\\n",',
        '"y = 2"',
    ]
    assert json_line(file, 3, 4) > json_line(file, 2, 2)
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8"))), encoding="utf-8")
    assert json_line(file, 3, 4) == 1
    assert json_line(file, 9, 1) == 1
    (annotation,) = annotate(report(question(4, "wrong", 1, file="ch.ipynb:cell 3")), tmp_path, tmp_path, "en")
    assert (annotation.file, annotation.title) == ("ch.ipynb", "Question 4 19 / 20 (cell 3, line 4)")


def test_a_summary_stays_below_the_limit() -> None:
    """Cut at a line, in bytes, with a word about it."""
    text = "| 一二三 |\n" * 200_000
    short = cut(text, LONGEST_SUMMARY)
    assert len(short.encode()) <= LONGEST_SUMMARY < 1024 * 1024
    assert "已截断" in short[-80:]
    assert cut("short", LONGEST_SUMMARY) == "short"


def test_a_forged_file_is_not_opened(tmp_path: Path) -> None:
    """Devices, pipes, other folders and links: no annotation, and nothing waits; the control has its place."""
    own = tmp_path / "hw"
    own.mkdir()
    (own / "ch.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "secret.ipynb").write_text('{"cells": [{"source": ["x"]}]}', encoding="utf-8")
    (own / "link.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (own / "out").symlink_to(tmp_path)
    (own / "zero.ipynb").symlink_to("/dev/zero")
    os.mkfifo(own / "pipe.ipynb")
    outside = ("/dev/zero:cell 1", "../secret.ipynb:cell 1", "out/secret.ipynb:cell 1", "/etc/passwd", "hw/../../x")
    inside = ("link.ipynb:cell 1", "zero.ipynb:cell 1", "pipe.ipynb:cell 1", "x" * 5000)
    for file in (*outside, *inside):
        assert annotate(report(question(1, "wrong", 1, file=file)), own, tmp_path, "en") == (), file
    (honest,) = annotate(report(question(1, "wrong", 1, file="ch.py")), own, tmp_path, "en")
    assert (honest.file, honest.line) == ("hw/ch.py", 1)


@pytest.mark.parametrize("file", ["a\0b:cell 1", "a\x1b[2J.py", "\ud800.py", "\u202ea.py", "a\r::error::b"], ids=ascii)
def test_a_forged_name_is_text(file: str, tmp_path: Path) -> None:
    """A name that no file has is at most shown."""
    for annotation in annotate(report(question(1, "wrong", 1, file=file)), tmp_path, tmp_path, "en"):
        assert str(annotation).isprintable()


def test_where_a_question_is_answered_stands_in_for_a_forged_place(tmp_path: Path) -> None:
    """An invented file costs nobody the annotation."""
    forged = question(7, "wrong", 1, file="/dev/zero:cell 1").model_copy(update={"file": "ch.py", "line": 4})
    (annotation,) = annotate(report(forged), tmp_path, tmp_path, "en")
    assert (annotation.file, annotation.line) == ("ch.py", 4)


def test_a_notebook_made_to_take_long_takes_no_time(tmp_path: Path) -> None:
    """Hundreds of thousands of lines in other spellings, deep nesting, too many bytes."""
    file = tmp_path / "ch.ipynb"
    sources = ["\u00e9" if n % 2 else "e" for n in range(300_000)]
    file.write_text(json.dumps({"cells": [{"source": sources}, {"source": ["here"]}]}, indent=1), encoding="utf-8")
    began = time.monotonic()
    assert file.read_text(encoding="utf-8").splitlines()[json_line(file, 2, 1) - 1].strip() == '"here"'
    assert json_line(file, 10**9, 10**9) == 1
    file.write_text("[" * 1_000_000, encoding="utf-8")
    assert json_line(file, 1, 1) == 1
    file.write_text('{"cells": "abc"}', encoding="utf-8")
    assert json_line(file, 1, 1) == 1
    file.write_bytes(b'"' + b"\\" * (LARGEST_NOTEBOOK - 1))
    assert json_line(file, 1, 1) == 1
    with file.open("wb") as stream:
        stream.truncate(2**40)
    assert json_line(file, 1, 1) == 1
    assert time.monotonic() - began < 10

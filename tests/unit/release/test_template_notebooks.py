"""Notebook templates come from the module templates and stay in step with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grader.course.load import load_chapter, load_chapters, load_course
from grader.execute.opened import opened
from grader.notebook.convert import converted
from grader.nouns.submission import Submission
from grader.release.notebooks import notebook_text, template_notebooks


def test_every_notebook_is_in_step_with_its_module(assignments: Path) -> None:
    """Each template has the notebook that `make templates` writes, byte for byte."""
    course = load_course(assignments)
    expected = template_notebooks(course, load_chapters(course))
    assert expected
    stale = [file.name for file, text in expected.items() if not file.is_file() or file.read_text("utf-8") != text]
    assert stale == [], "run `make templates`"


def test_free_text_goes_into_markdown_and_the_rest_stays_code(toy: Path) -> None:
    """A rubric question has its own heading; functions are code cells; nothing is lost on the way back."""
    course = load_course(toy / "assignments")
    chapter = load_chapter(course, "toy")
    source = (
        '"""Toy, toy.py."""\nimport math\n\n'
        'ANSWERS = {\n    # Say why.\n    "why": "",\n    "other": "A",  # a letter\n}\n\n\n'
        "# how\ndef log_sum(numbers):\n    raise NotImplementedError\n"
    )
    text = notebook_text(source, chapter)
    folder = toy / "mine"
    folder.mkdir()
    (folder / "toy.ipynb").write_text(text.replace("below this line -->", "below this line -->\\n\\n稳定"), "utf-8")
    submission = Submission(id="s", student="s", folder=folder, modules={"toy": "toy.ipynb"})
    with opened(submission, chapter) as own:
        done = subprocess.run(
            [sys.executable, "-c", "import toy; print(ascii(toy.ANSWERS), toy.math.pi > 3, toy.log_sum.__name__)"],
            cwd=own.folder,
            capture_output=True,
            text=True,
            check=True,
        )
    assert "# how\ndef log_sum" in converted(folder / "toy.ipynb", chapter.questions, ()).text
    assert done.stdout.strip() == r"{'other': 'A', 'why': '\u7a33\u5b9a'} True log_sum"
    assert "toy.ipynb." in text
    assert "> Say why." in text

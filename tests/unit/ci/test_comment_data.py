"""A report that an untrusted job left behind is data: the comment says it, and nothing in it does anything."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from grader.ci.comment import LONGEST, body
from grader.ci.results import write_results
from grader.nouns.course import Course
from grader.nouns.report import ChapterScore, Environment, QuestionScore, Report
from grader.nouns.text import Text, say
from grader.nouns.verdict import CaseVerdict

COURSE = Course.model_validate({"id": "c", "title": {"zh": "课", "en": "Course"}, "chapters": ["ch"]})
DATA = "report.data.json"


def honest(folder: Path) -> dict[str, Any]:
    """What an honest run leaves in a folder; returned as the data of its report."""
    case = CaseVerdict(id="public-1", hidden=False, status="wrong", share=0, message=say("lost"))
    title = Text(zh="题", en="Question")
    question = QuestionScore(
        id="q", title=title, score=0, max_score=10, status="wrong", message=say("lost"), cases=(case,)
    )
    environment = Environment(grader="0", python="3", torch="2", transformers="5", platform="x", models=())
    chapter = ChapterScore(id="ch", title=title, score=0, max_score=10, questions=(question,))
    whole = Report(
        submission="s", student="s", score=0, max_score=10, isolation=None, environment=environment, chapters=(chapter,)
    )
    write_results(folder, whole, course=COURSE, language="en")
    return dict(json.loads((folder / DATA).read_text(encoding="utf-8")))


def comment(folder: Path) -> str:
    """The comment on what lies in a folder."""
    began = time.monotonic()
    text = body(folder, [], course=COURSE, language="en")
    assert time.monotonic() - began < 20
    assert len(text.encode()) <= LONGEST
    return text


def test_an_honest_report_is_posted(tmp_path: Path) -> None:
    """The control."""
    honest(tmp_path)
    assert "0 / 10 | lost |" in comment(tmp_path)


TEMPLATES = (
    "{b}",
    "{a:>2000000000}",
    "{a.__class__}",
    "{a[0]}",
    "{",
    "{a:{a}}",
    "@all {a}",
    "\x1b[2J\u202e{a}",
    "{a}" * 100_000,
    "<img src=x>\n\n# {a}",
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda text: ascii(text[:20]))
def test_a_template_of_somebody_elses_is_text(template: str, tmp_path: Path) -> None:
    """It is shown as it is written, harmless and bounded; the rest of the report is still posted."""
    data = honest(tmp_path)
    forged = {"text": template, "values": {"a": "x" * 1000}}
    question = data["chapters"][0]["questions"][0]
    question["message"] = question["diagnosis"] = question["cases"][0]["message"] = forged
    data["notes"] = [forged]
    (tmp_path / DATA).write_text(json.dumps(data), encoding="utf-8")
    text = comment(tmp_path)
    assert "0 / 10" in text
    assert not set("\x1b\u202e") & set(text)
    assert "<img" not in text.replace("\\<", "")
    assert "@all" not in text


def test_values_without_end(tmp_path: Path) -> None:
    """Messages that double at each level, and thousands of them."""
    data = honest(tmp_path)
    message: dict[str, Any] = {"text": "0123456789", "values": {}}
    for _ in range(40):
        message = {"text": "{a}{a}{a}{a}", "values": {"a": message}}
    data["notes"] = [message] * 300
    (tmp_path / DATA).write_text(json.dumps(data), encoding="utf-8")
    assert "0 / 10" in comment(tmp_path)


@pytest.mark.parametrize("number", ["1" + "0" * 5000, "1e999999", "NaN", "true"])
def test_numbers_without_end(number: str, tmp_path: Path) -> None:
    """A number that cannot be said is no reason to fail."""
    data = honest(tmp_path)
    data["notes"] = [{"text": "{n} {n:.2f} {n!r}", "values": {"n": "N"}}]
    (tmp_path / DATA).write_text(json.dumps(data).replace('"N"', number), encoding="utf-8")
    assert comment(tmp_path)


def test_what_is_no_report_is_said_so(tmp_path: Path) -> None:
    """Links, pipes, nesting, other files, too many bytes: the comment says that there is no report."""
    honest(tmp_path)
    file, other = tmp_path / DATA, tmp_path / "other.json"
    file.rename(other)
    file.symlink_to(other)
    assert "left no report" in comment(tmp_path)
    file.unlink()
    os.mkfifo(file)
    assert "left no report" in comment(tmp_path)
    file.unlink()
    for text in ("[" * 100_000, '{"a":' * 100_000, "", "null", "\udcff"):
        file.write_bytes(text.encode(errors="surrogateescape"))
        assert "left no report" in comment(tmp_path)
    with file.open("wb") as stream:
        stream.truncate(2**40)
    assert "left no report" in comment(tmp_path)

"""Every export is read back by a reader of its own format and holds the marks of the reports."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from grader.errors import ExportError
from grader.render import formats
from grader.render.sheet import harmless

STRUCTURED = ["csv", "junit", "markdown", "gradescope", "json", "html", "classpage", "record"]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("name", STRUCTURED)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_format_shows_what_a_hidden_case_gave_away(name, language, reports, course) -> None:
    """What was printed or raised on a hidden input stays with the staff, whose own record is `record`."""
    text = formats.render(name, reports[:20], course=course, language=language)
    assert ("SECRET-HIDDEN-INPUT" in text) == (name == "record")
    assert "\x1b" not in text


def test_csv(reports, course) -> None:
    """Pandas reads the same scores; a question is a column."""
    text = formats.render("csv", reports, course=course, language="zh")
    table = pd.read_csv(io.StringIO(text), encoding="utf-8-sig", dtype={"student": str})
    table.columns = [name.removeprefix("\ufeff") for name in table.columns]
    assert list(table["student"]) == [r.student for r in reports]
    assert list(table["score"]) == [r.score for r in reports]
    assert list(table["ch01_overview.top_tokens"]) == [r.chapters[0].questions[1].score for r in reports]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "|x", "｜x", "\tx"])
def test_a_spreadsheet_computes_nothing(cell) -> None:
    """A student called `=HYPERLINK(…)` stays a text."""
    assert harmless(cell) == f"'{cell}"
    assert harmless("张三") == "张三"


def test_junit(reports, course) -> None:
    """Counts add up, kinds follow the status, marks are properties."""
    root = ET.fromstring(formats.render("junit", reports, course=course, language="zh"))
    cases = list(root.iter("testcase"))
    assert int(root.get("tests")) == len(cases) == 60 * 8
    assert int(root.get("failures")) == len(list(root.iter("failure")))
    assert int(root.get("errors")) == len(list(root.iter("error")))
    scores = [float(p.get("value")) for c in cases for p in c.iter("property") if p.get("name") == "score"]
    assert scores == [q.score for r in reports for c in r.chapters for q in c.questions]


def test_gradescope(reports, course) -> None:
    """One object for one report, with the fields Gradescope knows."""
    result = json.loads(formats.render("gradescope", reports[:1], course=course, language="en"))
    assert result["score"] == reports[0].score
    assert [t["score"] for t in result["tests"]] == [q.score for c in reports[0].chapters for q in c.questions]
    known = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
             "visibility", "extra_data"}  # fmt: skip
    assert all(set(t) <= known and t["status"] in ("passed", "failed") for t in result["tests"])
    assert result["visibility"] == "visible"


def test_canvas_template_is_filled_and_nothing_else_is_touched(reports, course) -> None:
    """Columns are found by title, people by ID, SIS id or name; EX stays; marks go onto Canvas's own scale."""
    template = (
        "Student,ID,SIS User ID,SIS Login ID,Section,大语言模型概述 (771),Other (772),Current Score (read only)\r\n"
        "    Points Possible,,,,,100,10,(read only)\r\n"
        "张伟,5000,,,A,,7,50\r\n王芳,9,20230001,,A,EX,7,50\r\n"
        '"Martin, Alice",9,,,A,1,7,50\r\nStudent Test,1,,,A,,,\r\n'
    ).encode("gb18030")
    text = formats.render("canvas", reports[:10], course=course, language="zh", template=template)
    rows = _rows(text)
    column = "大语言模型概述 (771)"
    assert float(rows[1][column]) == pytest.approx(reports[0].chapters[0].score / 30 * 100, abs=0.005)
    assert rows[2][column] == "EX"
    assert float(rows[3][column]) == pytest.approx(reports[5].chapters[0].score / 30 * 100, abs=0.005)
    assert rows[4][column] == ""
    assert [r["Other (772)"] for r in rows] == ["10", "7", "7", "7", ""]
    assert text.splitlines()[0] == template.decode("gb18030").splitlines()[0]


def test_canvas_template_without_our_chapters(reports, course) -> None:
    """A wrong gradebook is refused: Canvas would make new assignments of it."""
    with pytest.raises(ExportError, match=r"Quiz \(1\)"):
        formats.render("canvas", reports, course=course, language="en", template=b"Student,ID,Quiz (1)\nx,1,\n")


def test_canvas_from_nothing(reports, course) -> None:
    """A new gradebook has the points row and everybody's marks."""
    rows = _rows(formats.render("canvas", reports, course=course, language="en"))
    assert rows[0]["Student"].strip() == "Points Possible"
    assert [float(r["Tokens and vocabularies"]) for r in rows[1:]] == [r.chapters[1].score for r in reports]
    assert [r["ID"] for r in rows[1:]] == [r.account for r in reports]


@pytest.mark.parametrize(
    "head",
    [
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Feedback comments",
        "编号,全名,电子邮件地址,状态,成绩,最高分,成绩可修改,反馈评论",
    ],
)
def test_moodle(head, reports, course) -> None:
    """The teacher's worksheet, in either language; closed rows and strangers stay as they are."""
    body = f"{head}\r\nParticipant 5000,x,a@x,ok,,60.00,Yes,\r\n参与者5001,y,b@x,ok,,120.00,是,\r\n"
    body += "Participant 5002,z,c@x,ok,3,60.00,No,\r\nParticipant 1,nobody,d@x,no,,60.00,Yes,\r\n"
    text = formats.render("moodle", reports[:5], course=course, language="zh", template=body.encode("utf-8-sig"))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert ",".join(rows[0]) == head
    grades = [row[4] for row in rows[1:]]
    assert float(grades[0]) == reports[0].score
    assert float(grades[1]) == pytest.approx(reports[1].score * 2, abs=0.01)
    assert grades[2:] == ["3", ""]
    assert "<script>" not in text
    assert rows[1][7].startswith("<ul>")


def test_moodle_needs_its_worksheet(reports, course) -> None:
    """No worksheet is invented, since its headers are the site's."""
    with pytest.raises(ExportError, match="--template"):
        formats.render("moodle", reports, course=course, language="zh")


def test_an_unknown_format_and_a_needless_template(reports, course) -> None:
    """Both are told in words."""
    with pytest.raises(ExportError, match="there are: canvas"):
        formats.render("pdf", reports, course=course, language="zh")
    with pytest.raises(ExportError, match="no template"):
        formats.render("csv", reports, course=course, language="zh", template=b"")


def test_markdown_is_inert(reports, course) -> None:
    """A student's name or message makes no table cell, link, mention or tag."""
    evil = reports[0].model_copy(update={"name": "a|b <img src=x> @all [x](y) `c`"})
    text = formats.render("markdown", [evil], course=course, language="en")
    assert "<img" not in text.replace("\\<", "")
    assert "a\\|b" in text

"""What a student wrote is text in every format: terminals, pages, spreadsheets and comments obey nothing of it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Text, say
from grader.render import formats, sheet
from grader.render.plain import as_markdown

HARMFUL = (
    "\x1b[2J\x1b]8;;http://evil\x1b\\Z\x1b]8;;\x07",
    "\x9b2JZ",
    "\u202eZ\u2066",
    "a\u200bZ\ufeff",
    "Z\ud800",
    "[link=http://evil]Z[/link]",
    "[/nothing]Z",
    "Z\r100 / 100",
    "</pre><script>alert(1)</script>Z",
    "::error file=x::Z",
)


def spoiled(whole: Report, text: str) -> Report:
    """A report with a text in every place that a student can write to."""
    chapters = []
    for chapter in whole.chapters:
        questions = []
        for question in chapter.questions:
            cases = tuple(
                case.model_validate(
                    dict(case) | {"hidden": False, "message": say("{x}", x=text), "inputs": text, "output": text,
                                  "traceback": text, "file": text}
                )
                for case in question.cases
            )  # fmt: skip
            questions.append(question.model_validate(dict(question) | {"cases": cases, "message": say("{x}", x=text)}))
        chapters.append(chapter.model_copy(update={"questions": tuple(questions)}))
    fields = dict.fromkeys(("submission", "student", "name", "team", "account"), text)
    return whole.model_copy(update={**fields, "chapters": tuple(chapters), "notes": (say("{x}", x=text),)})


WORKSHEET = (
    "Identifier,Full name,Grade,Maximum grade,Grade can be changed,Feedback comments\r\n"
    "Participant 1,{name},,60,Yes,\r\n"
)
"""What Moodle exports; the format of that name fills it in."""


@pytest.mark.parametrize("name", formats.names())
@pytest.mark.parametrize("text", HARMFUL, ids=ascii)
def test_nothing_is_obeyed(name: str, text: str, reports: tuple[Report, ...], course: Course) -> None:
    """No control character, direction or invisible character is left, and what can be read still is, in any format."""
    whole, template = spoiled(reports[0], text), None
    if name == "moodle":
        whole = whole.model_copy(update={"name": reports[0].student})
        template = WORKSHEET.format(name=reports[0].student).encode()
    rendered = formats.render(name, [whole], course=course, language="zh", template=template)
    rendered.encode()
    left = {c for c in rendered.removeprefix("\ufeff") if unicodedata.category(c)[0] == "C"} - set("\n\r\t")
    assert left <= ({"\u2060"} if name == "markdown" else set())
    assert "Z" in rendered
    assert "<script>alert" not in rendered or name not in {"html", "classpage", "markdown"}
    if name not in {"csv", "canvas", "moodle"}:
        assert "\r" not in rendered
    if name == "junit":
        ET.fromstring(rendered)


@pytest.mark.parametrize("text", HARMFUL, ids=ascii)
def test_colours_are_the_only_escapes_in_a_terminal(text: str, reports: tuple[Report, ...], course: Course) -> None:
    """With colour on, what is escaped is the grader's own; an honest report has the same kinds."""
    for name in ("terminal", "table"):
        plain, hostile = (
            formats.render(name, [one], course=course, language="en", color=True)
            for one in (reports[0], spoiled(reports[0], text))
        )
        assert "\x1b[" in plain
        assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", hostile)
        assert "\x9b" not in hostile


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@all see #12", "\\@\u2060all see \\#\u206012"),
        ("https://evil.example www.evil.example", "https:\u2060//evil.example www\u2060.evil.example"),
        ("![x](y) <img> `c` $m$ ~~s~~", "\\!\\[x\\](y) \\<img\\> \\`c\\` \\$m\\$ \\~\\~s\\~\\~"),
        ("a\n\n# b", "a \\# b"),
        ("50 % of 3.5, a@ b", "50 % of 3.5, a\\@ b"),
    ],
)
def test_a_comment_calls_nobody(text: str, shown: str) -> None:
    """GitHub looks for mentions, issues and addresses in the page, after Markdown: a backslash does not stop it."""
    assert as_markdown(text) == shown


FORMULAS = (
    *("=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", "﹣1", "⁼1", "−1", ";=1", "a;=1", "a,\t=1", "a\n=1", "|=1"),
    *(" =1", "\u3000=1", "\u200b=1", "\ufeff=1", "'=1", '"=1', 'a";=1', "\t=1", "\r=1", "a\r\n=1", ";;=1", "; '=1"),
)


def begins_a_formula(cell: str) -> bool:
    """Whether a spreadsheet might compute a cell: it is judged by the first character that is not space or unseen."""
    seen = "".join(c for c in cell if not c.isspace() and unicodedata.category(c)[0] != "C").lstrip('"')
    return unicodedata.normalize("NFKC", seen[:1])[:1] in {"=", "+", "-", "@", "−"}


def cells(text: str, delimiter: str, *, quoted: bool) -> list[str]:
    """All cells as a program reads them that separates by `delimiter`, and knows of quotes or not."""
    if not quoted:
        return re.split(f"[{re.escape(delimiter)}\r\n]", text)
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]


def assert_nothing_is_computed(text: str) -> None:
    for delimiter in ",;\t|":
        for quoted in (True, False):
            assert not [cell for cell in cells(text, delimiter, quoted=quoted) if begins_a_formula(cell)]


@pytest.mark.parametrize("formula", FORMULAS, ids=ascii)
def test_every_table_of_our_own_computes_nothing(formula: str, reports: tuple[Report, ...], course: Course) -> None:
    """In all columns of every CSV that is made from nothing, whatever separates the cells."""
    titled = spoiled(reports[0], formula)
    for name in ("csv", "canvas"):
        text = formats.render(name, [titled], course=course, language="en").removeprefix("\ufeff")
        assert_nothing_is_computed(text)
    assert_nothing_is_computed(sheet.text([["kind", formula], [formula, 3]]))


@given(
    st.lists(st.text(st.sampled_from("=+-@＝＋；;,\t\r\n |'\"ab1\u200b\u202e−﹢"), max_size=12), min_size=1, max_size=4)
)
def test_no_text_begins_a_formula(row: list[str]) -> None:
    """Any mixture of signs, separators, quotes and invisible characters."""
    assert_nothing_is_computed(sheet.text([row]))


def test_numbers_and_names_are_not_changed(reports: tuple[Report, ...], course: Course) -> None:
    """The control: marks stay numbers, names of any script stay as they are."""
    assert (
        sheet.text([["张伟", "O'Neil", "Zoë", "a-b", -1.5, 7, "x=1", "1.50"]])
        == "张伟,O'Neil,Zoë,a-b,-1.5,7,x=1,1.50\r\n"
    )
    assert "'" not in formats.render("csv", reports, course=course, language="en")


def test_a_comment_in_a_worksheet_is_no_formula(reports: tuple[Report, ...], course: Course) -> None:
    """The teacher's own cells stay as they came, even `=x`; the one that is filled in is made harmless."""
    head = "Identifier,Full name,Grade,Maximum grade,Grade can be changed,Feedback comments,Note"
    body = f"{head}\r\nParticipant 1,{reports[0].student},,60,Yes,,=x\r\n"
    whole = spoiled(reports[0], "a;=HYPERLINK(1)").model_copy(update={"name": reports[0].student})
    text = formats.render("moodle", [whole], course=course, language="en", template=body.encode())
    (_, row) = csv.reader(io.StringIO(text, newline=""))
    assert row[-1] == "=x"
    assert ";'=HYPERLINK" in row[-2]
    assert ";=HYPERLINK" not in text


def test_titles_are_texts_of_the_course() -> None:
    """A title from a forged report is as harmless as a message."""
    assert Text(zh="\x1b[2J题", en="\u202eQ").get("zh") == "\\x1b[2J题"

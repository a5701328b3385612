"""The HTML pages: escaped, self-contained, and alive in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.left_out import NO_BROWSER

from grader.render import formats

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(("name", "scripts"), [("html", 0), ("classpage", 1)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_load_and_run_nothing_foreign(name, scripts, language, reports, course) -> None:
    """No address is fetched, student output is text, the policy forbids the rest."""
    text = formats.render(name, reports[:10], course=course, language=language)
    tags = _Tags()
    tags.feed(text)
    assert [tag for tag, _ in tags.found].count("script") == scripts
    assert not [a for _, a in tags.found if any(k in a for k in ("src", "onload", "onerror", "onclick"))]
    assert all((a.get("href") or "#").startswith("#") for _, a in tags.found)
    assert "default-src 'none'" in text
    assert "{{7*7}}" in text or name == "classpage"
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in text


def test_one_report_is_one_page_with_its_marks(reports, course) -> None:
    """The student's number, name and every mark are on it."""
    text = formats.render("html", reports[:1], course=course, language="zh")
    assert reports[0].student in text
    assert "句子的概率" in text
    assert "Noto Sans CJK SC" in text


def _browse(page: Path, *words: str) -> str:
    assert BROWSER is not None
    done = subprocess.run(
        [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=3000",
         f"--user-data-dir={page.parent / 'profile'}", *words, page.as_uri()],
        check=True, capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    return done.stdout


@pytest.mark.chromium
@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
def test_the_class_page_sorts_in_chromium(tmp_path, reports, course) -> None:
    """A click on the score sorts everybody's marks, a filter hides the others; nothing fails on the page."""
    text = formats.render("classpage", reports, course=course, language="zh")
    probe = """<script>
    window.onerror = (e) => document.body.setAttribute("data-failed", e);
    const table = document.querySelector("#students");
    const heads = [...table.tHead.rows[0].cells];
    const at = heads.findIndex((h) => h.id === "total");
    heads[at].click();
    const marks = [...table.tBodies[0].rows].map((r) => Number(r.cells[at].dataset.value));
    document.body.setAttribute("data-sorted", marks.every((m, i) => !i || marks[i - 1] <= m));
    heads[at].click();
    const first = Number(table.tBodies[0].rows[0].cells[at].dataset.value);
    document.body.setAttribute("data-first", first);
    filter.value = "20230003"; filter.dispatchEvent(new Event("input"));
    document.body.setAttribute("data-left", [...table.tBodies[0].rows].filter((r) => !r.hidden).length);
    </script></body>"""
    page = tmp_path / "class.html"
    page.write_text(text.replace("</body>", probe), encoding="utf-8")
    (body,) = re.findall(r"<body[^>]*>", _browse(page, "--dump-dom"))
    assert 'data-sorted="true"' in body
    assert f'data-first="{max(r.score for r in reports):g}"' in body
    assert 'data-left="1"' in body
    assert "data-failed" not in body


@pytest.mark.chromium
@pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER)
def test_pages_are_drawn(tmp_path, reports, course) -> None:
    """Chromium draws both pages; the picture is not blank."""
    from PIL import Image

    for name in ("html", "classpage"):
        page = tmp_path / f"{name}.html"
        chosen = reports[:1] if name == "html" else reports
        page.write_text(formats.render(name, chosen, course=course, language="zh"), encoding="utf-8")
        picture = tmp_path / f"{name}.png"
        _browse(page, f"--screenshot={picture}", "--window-size=1200,1800")
        colors = Image.open(picture).convert("RGB").getcolors(2**24)
        assert len(colors) > 50

"""What a CI run leaves behind: a report for people and for tools, without anything a hidden case gave away."""

from __future__ import annotations

from pathlib import Path

from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language
from grader.render import formats
from grader.render.visible import visible

DATA = "report.data.json"
LONGEST_SUMMARY = 1000 * 1024
"""Bytes of a step summary; GitHub refuses more than 1024 KiB."""
_CUT = "\n\n… (cut, see the files of this run / 已截断，见运行留下的文件)\n"


def write_results(out: Path, report: Report, *, course: Course, language: Language) -> str:
    """Write `report.json`, `report.data.json`, `junit.xml` and `summary.md`; returns the summary.

    Args:
        out: folder for the files, made where it is not there.
        report: whole; what is written is what its student may see.
        course: the course.
        language: of all words but those of `report.data.json`, which keeps the messages themselves.
    """
    out.mkdir(parents=True, exist_ok=True)

    def rendered(name: str) -> str:
        return formats.render(name, [report], course=course, language=language)

    summary = cut(rendered("markdown"), LONGEST_SUMMARY)
    for name, text in (
        ("report.json", rendered("json") + "\n"),
        (DATA, visible(report).model_dump_json() + "\n"),
        ("junit.xml", rendered("junit")),
        ("summary.md", summary),
    ):
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    return summary


def cut(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, ended at a line, with a word that it was cut."""
    body = text.encode()
    if len(body) <= most:
        return text
    kept = body[: most - len(_CUT.encode())].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n")] + _CUT

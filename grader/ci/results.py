"""What a CI run leaves behind: a report for people and for tools, without anything a hidden case gave away."""

from __future__ import annotations

from pathlib import Path

from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language
from grader.render.formats import json, junit, markdown
from grader.render.visible import shown

DATA = "report.data.json"
LONGEST_SUMMARY = 1000 * 1024
"""Bytes of a step summary; GitHub refuses more than 1024 KiB."""
_CUT = "\n\n… (cut, see the files of this run / 已截断，见运行留下的文件)\n"


def visible(report: Report) -> Report:
    """The report as its student may see it."""
    chapters = tuple(
        chapter.model_copy(
            update={
                "questions": tuple(
                    question.model_copy(update={"cases": tuple(shown(case) for case in question.cases)})
                    for question in chapter.questions
                )
            }
        )
        for chapter in report.chapters
    )
    return report.model_copy(update={"chapters": chapters})


def write_results(out: Path, report: Report, *, course: Course, language: Language) -> str:
    """Write `report.json`, `report.data.json`, `junit.xml` and `summary.md`; returns the summary.

    Args:
        out: folder for the files, made where it is not there.
        report: already `visible`.
        course: the course.
        language: of all words but those of `report.data.json`, which keeps the messages themselves.
    """
    out.mkdir(parents=True, exist_ok=True)
    summary = cut(markdown.render([report], course=course, language=language), LONGEST_SUMMARY)
    for name, text in (
        ("report.json", json.render([report], course=course, language=language) + "\n"),
        (DATA, report.model_dump_json() + "\n"),
        ("junit.xml", junit.render([report], course=course, language=language)),
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

"""What a CI run leaves behind: a report for people and for tools, without anything a hidden case gave away."""

from __future__ import annotations

import os
from pathlib import Path

from grader.errors import GraderError
from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language, say
from grader.render import formats
from grader.render.visible import visible

DATA = "report.data.json"
LONGEST_SUMMARY = 1000 * 1024
"""Bytes of a step summary; GitHub refuses more than 1024 KiB."""
_CUT = "\n\n… (cut, see the files of this run / 已截断，见运行留下的文件)\n"


def write_results(out: Path, report: Report, *, course: Course, language: Language) -> str:
    """Write `report.json`, `report.data.json`, `junit.xml` and `summary.md`; returns the summary.

    Args:
        out: folder for the files, made where it is not there; see `results_folder`.
        report: whole; what is written is what its student may see.
        course: the course.
        language: of all words but those of `report.data.json`, which keeps the messages themselves.

    Raises:
        GraderError: a file cannot be made there.
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
        _write_new(out / name, text)
    return summary


def results_folder(out: Path, checkout: Path) -> Path:
    """Return the folder to write results to; no part of its path is under a student's control.

    Args:
        out: as the staff name it.
        checkout: the folder that holds what a student wrote, links among it.

    Raises:
        GraderError: it lies in the checkout, its path leads through the checkout, or it is a link.
    """
    inside = checkout.resolve()
    place = out.absolute()
    steps = [step.parent.resolve() / step.name for step in (place, *place.parents) if step.name != ".."]
    if any(inside in step.parents for step in steps) or place.resolve() == inside or place.is_symlink():
        raise GraderError(
            say(
                "{out}: results are not written into the checkout {checkout} or through a link, where a student could "
                "have put a link; name a new folder with --out",
                out=str(out),
                checkout=str(checkout),
            )
        )
    return place.resolve()


def _write_new(file: Path, text: str) -> None:
    """Write a file that was not there before: an old one goes, and no link is followed."""
    try:
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o666)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123 - of a descriptor
            stream.write(text)
    except OSError as error:
        raise GraderError(say("{file} cannot be written: {error}", file=str(file), error=str(error))) from error


def cut(text: str, most: int) -> str:
    """Cut a text at a line end to at most this many bytes of UTF-8, and say that it was cut."""
    body = text.encode()
    if len(body) <= most:
        return text
    kept = body[: most - len(_CUT.encode())].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n")] + _CUT

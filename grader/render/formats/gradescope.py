"""Gradescope's results.json, one test per question: https://gradescope-autograders.readthedocs.io/en/latest/specs/"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import ChapterScore, QuestionScore, Report
from grader.nouns.text import Language, one_line, say
from grader.render.plain import points
from grader.render.visible import location, reasons

SUFFIX = ".json"
PER_SUBMISSION = True


def render(reports: Sequence[Report], *, course: Course, language: Language) -> str:
    """One report as an object, several as a list. `score` is the report's, since policy is more than a sum of tests."""
    results = [_results(report, course, language) for report in reports]
    return json.dumps(results[0] if len(results) == 1 else results, ensure_ascii=False, indent=2) + "\n"


def _results(report: Report, course: Course, language: Language) -> dict[str, Any]:
    seconds = sum(case.usage.wall for chapter in report.chapters for q in chapter.questions for case in q.cases)
    level = report.isolation.level if report.isolation else None
    return {
        "score": report.score,
        "execution_time": round(seconds, 3),
        "output": "\n".join(speak(note, language) for note in report.notes),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(chapter, q, language, f"{n}.{m}") for n, chapter in enumerate(_in_order(report, course), 1)
                  for m, q in enumerate(chapter.questions, 1)],
        "leaderboard": [],
        "extra_data": {"submission": one_line(report.submission), "max_score": report.max_score,
                       "needs_review": report.needs_review, "isolation": level},
    }  # fmt: skip


def _in_order(report: Report, course: Course) -> list[ChapterScore]:
    return sorted(report.chapters, key=lambda chapter: course.chapters.index(chapter.id))


def _test(chapter: ChapterScore, question: QuestionScore, language: Language, number: str) -> dict[str, Any]:
    return {
        "name": f"{question.title.get(language)} ({question.id})",
        "number": number,
        "score": question.score,
        "max_score": question.max_score,
        **({} if question.is_open else {"status": "passed" if question.score >= question.max_score else "failed"}),
        "output": "\n".join(_output(question, language)),
        "output_format": "text",
        "tags": [chapter.id, question.status, *(["advanced"] if question.advanced else [])],
        "visibility": "visible",
        "extra_data": {"status": question.status, "misconception": question.misconception},
    }


def _output(question: QuestionScore, language: Language) -> Iterator[str]:
    yield from reasons(question, language)
    for case in question.cases:
        if case.share >= 1:
            continue
        yield f"{case.id}  {points(case.share * 100)} %  {location(case)}".rstrip()
        if case.traceback:
            yield case.traceback.rstrip()
        if case.output:
            yield speak(say("your program printed:"), language) + "\n" + case.output.rstrip()

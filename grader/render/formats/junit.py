"""JUnit XML (junit-10.xsd): one suite per chapter and student, one test case per question; marks are properties."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import ChapterScore, QuestionScore, Report
from grader.nouns.text import Language, printable
from grader.nouns.verdict import FAULTS
from grader.render.plain import mark, points
from grader.render.statuses import STATUS_NAMES
from grader.render.visible import location, reasons

SUFFIX = ".xml"


def render(reports: Sequence[Report], *, course: Course, language: Language) -> str:
    """The document. Faults of running are errors, lost marks are failures, work for a person is skipped."""
    root = ET.Element("testsuites", name=printable(course.title.get(language)))
    for report in reports:
        for chapter in report.chapters:
            root.append(_suite(report, chapter, language))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report, chapter: ChapterScore, language: Language) -> ET.Element:
    suite = ET.Element("testsuite", name=printable(f"{report.submission}.{chapter.id}"))
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("student", report.student),
        ("score", points(chapter.score)),
        ("max_score", points(chapter.max_score)),
    ):
        ET.SubElement(properties, "property", name=name, value=printable(value))
    for question in chapter.questions:
        suite.append(_case(report, chapter, question, language))
    statuses = [question.status for question in chapter.questions]
    errors = sum(status in FAULTS for status in statuses)
    skipped = statuses.count("needs_review")
    suite.set("tests", str(len(statuses)))
    suite.set("errors", str(errors))
    suite.set("skipped", str(skipped))
    suite.set("failures", str(len(statuses) - errors - skipped - statuses.count("correct")))
    suite.set("time", f"{sum(_seconds(question) for question in chapter.questions):.3f}")
    if report.submitted:
        suite.set("timestamp", report.submitted.strftime("%Y-%m-%dT%H:%M:%S"))
    return suite


def _seconds(question: QuestionScore) -> float:
    return sum(case.usage.wall for case in question.cases)


def _case(report: Report, chapter: ChapterScore, question: QuestionScore, language: Language) -> ET.Element:
    case = ET.Element(
        "testcase",
        name=question.id,
        classname=printable(f"{report.submission}.{chapter.id}"),
        time=f"{_seconds(question):.3f}",
    )
    properties = ET.SubElement(case, "properties")
    for name, value in (
        ("score", mark(question)),
        ("max_score", points(question.max_score)),
        ("status", question.status),
    ):
        ET.SubElement(properties, "property", name=name, value=value)
    if question.status == "correct":
        return case
    message = "\n".join(reasons(question, language))
    word = speak(STATUS_NAMES[question.status], language)
    if question.status == "needs_review":
        ET.SubElement(case, "skipped", message=printable(message or word))
        return case
    kind = "error" if question.status in FAULTS else "failure"
    element = ET.SubElement(case, kind, message=printable(message or word), type=question.status)
    failing = [one for one in question.cases if one.share < 1]
    element.text = printable("\n".join(filter(None, (one.traceback or location(one) for one in failing))))
    printed = "".join(one.output for one in failing)
    if printed:
        ET.SubElement(case, "system-out").text = printable(printed)
    return case

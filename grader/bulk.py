"""Many submissions: taken in, graded side by side, written down."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from grader.errors import IntakeError
from grader.nouns.course import Chapter, Course
from grader.nouns.report import Report
from grader.nouns.submission import Submission
from grader.nouns.text import Language
from grader.own import own_work
from grader.pipeline import Grading
from grader.render import json


def take(paths: Iterable[Path], chapters: Sequence[Chapter]) -> tuple[Submission, ...]:
    """The submissions at some paths: a folder with a chapter's file is one, else each of its sub-folders is.

    Raises:
        IntakeError: a path holds no submission, or two submissions have one name.
    """
    modules = {chapter.id: chapter.module for chapter in chapters}
    submissions: dict[str, Submission] = {}
    for path in paths:
        for submission in _at(path, modules):
            if submission.id in submissions:
                other = submissions[submission.id].folder
                raise IntakeError(f"two submissions are called {submission.id}: {other} and {submission.folder}")
            submissions[submission.id] = submission
    return tuple(submissions.values())


def _at(path: Path, modules: dict[str, str]) -> list[Submission]:
    try:
        return [own_work(path, modules)]
    except IntakeError:
        if not path.is_dir():
            raise
    found = []
    for folder in sorted(child for child in path.iterdir() if child.is_dir()):
        try:
            found.append(own_work(folder, modules))
        except IntakeError:
            continue
    if not found:
        raise IntakeError(f"{path}: neither it nor its folders hold one of {', '.join(modules.values())}")
    return found


def grade_all(
    grading: Grading, submissions: Sequence[Submission], *, jobs: int, done: Callable[[Report], object]
) -> tuple[Report, ...]:
    """Grade submissions on `jobs` threads; the reports come in the order of the submissions.

    `done` is told each report as it is ready, in the calling thread.
    """
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = {pool.submit(grading.grade, submission): i for i, submission in enumerate(submissions)}
        reports: dict[int, Report] = {}
        try:
            for future in as_completed(futures):
                reports[futures[future]] = future.result()
                done(reports[futures[future]])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tuple(reports[i] for i in range(len(submissions)))


def write_results(out: Path, reports: Sequence[Report], *, course: Course, language: Language) -> None:
    """Write `reports/<submission>.json` and `scores.csv` into a folder."""
    folder = out / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    for report in reports:
        text = json.render([report], course=course, language=language)
        (folder / f"{report.submission}.json").write_text(text + "\n", encoding="utf-8")
    with (out / "scores.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["submission", "student", *course.chapters, "score", "max_score", "needs_review"])
        for report in reports:
            marks = {chapter.id: chapter.score for chapter in report.chapters}
            row = [report.submission, report.student, *(marks.get(chapter, "") for chapter in course.chapters)]
            writer.writerow([*row, report.score, report.max_score, int(report.needs_review)])

"""A generated class from three platforms to every export, through the command line; killed, regraded, rescored."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copytree
from xml.etree import ElementTree as ET

import psutil
import pytest
from courses.generated import people, write_class

from grader.bulk import grade
from grader.course.load import load_chapters, load_course
from grader.nouns.binding import ModelChoice
from grader.nouns.report import Report
from grader.pipeline import Grading
from grader.sandbox.lazy import Lazy
from grader.store.ledger import FILE, Ledger

SMALL = Path(__file__).parents[1] / "courses" / "small"
COUNT = 500


def _grade(folder: Path, course: Path, out: Path, *more: object) -> list[object]:
    level = ("--allow-level", 1, "--public-secret")
    return ["grade", *sorted(folder.glob("*.zip")), "--roster", folder / "roster.csv", "--course", course, "--chapter",
            "warmup", "--out", out, "--jobs", 2, *level, *more]  # fmt: skip


@pytest.fixture(scope="module")
def graded(grader, tmp_path_factory):
    """The class, graded once: everybody, the folder of downloads, the result folder, what was printed."""
    base = tmp_path_factory.mktemp("class")
    everyone = people(COUNT)
    write_class(base / "downloads", everyone)
    done = grader.process(*_grade(base / "downloads", SMALL, base / "out"))
    assert "Traceback" not in done.stderr, done.stderr
    return everyone, base / "downloads", base / "out", done


def _reports(out: Path) -> dict[str, Report]:
    with Ledger(out / FILE) as ledger:
        return {report.student: report for report in ledger.reports()}


def test_everybody_is_graded_but_the_broken_ones_are_named(graded) -> None:
    """Every sound hand-in has a report under the student's number; every broken one is refused by name."""
    everyone, _, out, done = graded
    broken = {p.id for p in everyone if p.broken}
    sharing = {p.team for p in everyone if p.id in broken and p.team}
    expected = {p.id for p in everyone if p.id not in broken and not (p.team and p.team in sharing)}
    found = set(_reports(out))
    assert expected <= found
    assert not found & {p.id for p in everyone if p.broken and not p.team}
    problems = list(csv.DictReader(io.StringIO((out / "problems.csv").read_text("utf-8-sig"))))
    refused = [p for p in problems if p["kind"] == "refused"]
    assert len(refused) >= len([p for p in everyone if p.broken and not p.team])
    assert not [p for p in problems if p["kind"] == "unmapped"]
    assert done.returncode == 2, "the exit code tells that something was refused"
    assert not (out.parent / "outside.py").exists()
    assert not list(out.rglob("outside.py"))


def test_marks_follow_from_the_work_and_the_policy(graded) -> None:
    """Right work has full marks; days beyond the free one cost a fifth each; lateness comes from the platforms."""
    everyone, _, out, _ = graded
    reports = _reports(out)
    for person in everyone:
        report = reports.get(person.id)
        if report is None or (person.team and person.kinds["warmup"] != "right"):
            continue
        (chapter,) = report.chapters
        raw = sum(q.score for q in chapter.questions)
        if person.kinds["warmup"] == "right" and not person.team:
            assert raw == 20
        assert report.score == pytest.approx(raw * (1 - 0.2 * max(0, report.days_late - 1)), abs=0.006)
    third = COUNT // 3
    assert all(reports[p.id].days_late == min(1, p.late_days) for p in everyone[:third] if p.id in reports)
    alone = [p for p in everyone[2 * third :] if p.id in reports and not p.team]
    assert {p.late_days for p in alone} > {0}
    assert all(reports[p.id].days_late == p.late_days for p in alone)
    named = [r for r in reports.values() for q in r.chapters[0].questions if q.misconception == "sum"]
    assert named


def test_team_members_share_a_report(graded) -> None:
    """Both members of a Gradescope group have the same mark."""
    everyone, _, out, _ = graded
    reports = _reports(out)
    teams = {p.team for p in everyone if p.team}
    pairs = [[reports[p.id].score for p in everyone if p.team == t and p.id in reports] for t in teams]
    assert any(len(pair) == 2 for pair in pairs)
    assert all(len(set(pair)) <= 1 for pair in pairs)


@pytest.fixture
def exported(grader) -> Callable[..., Path]:
    """Writes a result folder in a format: the folder, the format, where to, more words; returns where to."""

    def export(out: Path, name: str, to: Path, *more: object) -> Path:
        done = grader("report", out, "--format", name, "--to", to, "--course", SMALL, "--chapter", "warmup", *more)
        assert done.returncode == 0, done.stderr
        return to

    return export


def _rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))


def test_every_export_holds_the_ledgers_marks(exported, graded, tmp_path) -> None:
    """CSV, JSON, JUnit, Gradescope, Canvas and Moodle are read back; every mark equals the ledger's."""
    everyone, _, out, _ = graded
    scores = {student: report.score for student, report in _reports(out).items()}
    rows = _rows(exported(out, "csv", tmp_path / "a.csv"))
    assert {r["student"]: float(r["score"]) for r in rows} == scores
    body = json.loads(exported(out, "json", tmp_path / "a-json.json").read_text("utf-8"))
    listed = body if isinstance(body, list) else [body]
    assert {r["student"]: r["score"] for r in listed} == scores
    root = ET.parse(exported(out, "junit", tmp_path / "a.xml")).getroot()
    found = {}
    for suite in root:
        values = {p.get("name"): p.get("value") for p in suite.find("properties")}
        found[values["student"]] = float(values["score"])
    assert found == scores
    folder = exported(out, "gradescope", tmp_path / "gradescope")
    assert sorted(json.loads(f.read_text("utf-8"))["score"] for f in folder.iterdir()) == sorted(scores.values())

    gradebook = tmp_path / "canvas-export.csv"
    lines = ["Student,ID,SIS User ID,SIS Login ID,Section,热身 (77)", "    Points Possible,,,,,20"]
    gradebook.write_text("\n".join([*lines, *(f'"{p.name}",{p.canvas},{p.id},,1,' for p in everyone)]), "utf-8")
    filled = _rows(exported(out, "canvas", tmp_path / "canvas.csv", "--template", gradebook))[1:]
    assert {r["SIS User ID"]: float(r["热身 (77)"]) for r in filled if r["热身 (77)"]} == scores

    worksheet = tmp_path / "moodle-export.csv"
    head = "编号,全名,学号,电子邮件地址,状态,成绩,最高分,成绩可修改,反馈评论"
    lines = [f"参与者{p.moodle},{p.name},{p.id},{p.email},已提交,,20.00,是," for p in everyone]
    worksheet.write_text("\n".join([head, *lines]), "utf-8")
    filled = _rows(exported(out, "moodle", tmp_path / "moodle.csv", "--template", worksheet))
    assert {r["学号"]: float(r["成绩"]) for r in filled if r["成绩"]} == scores


def test_pages_and_files_are_written(exported, graded, tmp_path) -> None:
    """A page a student, a class page with everybody, `scores.csv` and a report file each."""
    _, _, out, _ = graded
    reports = _reports(out)
    pages = exported(out, "html", tmp_path / "pages", "--lang", "zh")
    assert len(list(pages.iterdir())) == len(reports) == len(list((out / "reports").iterdir()))
    page = exported(out, "classpage", tmp_path / "class.html", "--lang", "zh").read_text("utf-8")
    assert all(student in page for student in reports)
    assert {r["student"]: float(r["score"]) for r in _rows(out / "scores.csv")} == {
        s: r.score for s, r in reports.items()
    }


def test_grading_again_runs_nothing(grader, graded) -> None:
    """A second run recalls all work: no row of work is new, no score differs."""
    _, downloads, out, _ = graded
    before = _work(out)
    scores = {s: r.score for s, r in _reports(out).items()}
    grader(*_grade(downloads, SMALL, out))
    assert _work(out) == before
    assert {s: r.score for s, r in _reports(out).items()} == scores
    assert grader("diff", out).returncode == 0


def _work(out: Path) -> dict[str, int]:
    with closing(sqlite3.connect(out / FILE)) as ledger:
        return dict(ledger.execute("SELECT question, COUNT(*) FROM work GROUP BY question"))


@pytest.fixture
def small(tmp_path) -> Path:
    """A copy of the course that a test may change, beside a class of 30 and its results."""
    copytree(SMALL, tmp_path / "small")
    write_class(tmp_path / "downloads", people(30, seed=3))
    return tmp_path / "small"


def _edit(course: Path, old: str, new: str) -> None:
    file = course / "warmup" / "assignment.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_rescoring_starts_nothing_and_diff_says_why(grader, small, tmp_path) -> None:
    """A wider tolerance is marked anew from the ledger: no child, no unpacking; `diff` names the reason."""
    out = tmp_path / "out"
    grader(*_grade(tmp_path / "downloads", small, out))
    before = {s: r.score for s, r in _reports(out).items()}
    work = _work(out)
    _edit(small, "rtol: 1.0e-6", "rtol: 1.0e-2")
    course = load_course(small)
    chapters = tuple(c for c in load_chapters(course) if c.id == "warmup")
    children = len(psutil.Process().children(recursive=True))
    with Grading(course, chapters, ModelChoice()) as grading:
        result = grade.rescore(grading, out)
        assert isinstance(grading.runtime.sandbox, Lazy)
        assert not grading.runtime.sandbox.is_open
        assert len(psutil.Process().children(recursive=True)) == children
    assert result.failed == ()
    assert _work(out) == work
    moved = {r.student for r in result.reports if r.score != before[r.student]}
    assert moved == {p.id for p in people(30, seed=3) if p.kinds["warmup"] == "rough"} & set(before)
    diff = grader("diff", out)
    assert diff.returncode == 1
    assert "marked again" in diff.stdout or "重新" in diff.stdout


def test_a_changed_question_runs_just_that_question(grader, small, tmp_path) -> None:
    """Another limit for one question runs that question for everybody, and nothing else."""
    out = tmp_path / "out"
    grader(*_grade(tmp_path / "downloads", small, out))
    before = _work(out)
    _edit(small, "compare: {exact: {}}\n  limits: {wall: 5}", "compare: {exact: {}}\n  limits: {wall: 6}")
    grader(*_grade(tmp_path / "downloads", small, out))
    after = _work(out)
    assert after["shout"] == 2 * before["shout"]
    assert {q: n for q, n in after.items() if q != "shout"} == {q: n for q, n in before.items() if q != "shout"}


def test_an_override_is_kept_and_shown(grader, exported, small, tmp_path) -> None:
    """A teacher's mark with its reason survives rescoring and is on the student's page."""
    out = tmp_path / "out"
    grader(*_grade(tmp_path / "downloads", small, out))
    student = next(iter(_reports(out)))
    words = ("override", out, student, "warmup/mean", "9.5", "--reason", "讨论后更正", "--course", small)
    assert grader(*words).returncode == 0
    assert grader("rescore", out, "--course", small, "--chapter", "warmup").returncode == 0
    report = _reports(out)[student]
    assert report.chapters[0].questions[0].score == 9.5
    page = exported(out, "html", tmp_path / "pages") / f"{report.submission}.html"
    assert "讨论后更正" in page.read_text("utf-8")


def test_killed_again_and_again_it_ends_with_the_same_scores(grader, small, tmp_path) -> None:
    """`kill -9` after every few submissions; started again each time, nothing is lost and nothing counts twice."""
    whole = tmp_path / "whole"
    grader(*_grade(tmp_path / "downloads", small, whole))
    out = tmp_path / "out"
    for stop_after in (1, 9):
        words = _grade(tmp_path / "downloads", small, out, "--log-json")
        with grader.start(*words, stdout=subprocess.DEVNULL) as process:
            for line in process.stderr:
                if line.startswith("{") and json.loads(line)["done"] >= stop_after:
                    break
            os.kill(process.pid, signal.SIGKILL)
    with Ledger(out / FILE) as ledger:
        assert [run.ending for run in ledger.runs()] == [""] * 2
    with closing(sqlite3.connect(out / FILE)) as file:
        assert list(file.execute("PRAGMA integrity_check")) == [("ok",)]
    grader(*_grade(tmp_path / "downloads", small, out))
    assert {s: r.score for s, r in _reports(out).items()} == {s: r.score for s, r in _reports(whole).items()}
    assert _work(out) == _work(whole)


def test_a_dry_run_shows_who_is_who_and_runs_nothing(grader, small, tmp_path) -> None:
    """A line for everybody in the roster: what became of their work. The exit code tells of refusals; no results."""
    paths = sorted((tmp_path / "downloads").glob("*.zip"))
    words = ("grade", *paths, "--dry-run", "--roster", tmp_path / "downloads" / "roster.csv", "--course", small,
             "--chapter", "warmup", "--lang", "en")  # fmt: skip
    done = grader(*words)
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    for person in people(30, seed=3):
        (line,) = (line for line in lines if person.id in line)
        assert line.startswith("refused" if person.broken else "taken") or person.team
    assert "refused:" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_bar_is_drawn_for_people_only(grader, small, tmp_path) -> None:
    """On a terminal: done of total, rate, faults. Elsewhere nothing but problems is said."""
    import pty

    downloads = tmp_path / "downloads"
    (downloads / "moodle.zip").unlink()
    (downloads / "gradescope.zip").unlink()
    quiet = grader(*_grade(downloads, small, tmp_path / "quiet"))
    assert all(line.startswith("refused") for line in quiet.stderr.splitlines())
    seen = bytearray()

    def read(fd: int) -> bytes:
        part = os.read(fd, 4096)
        seen.extend(part)
        return part

    pty.spawn(grader.words(*_grade(downloads, small, tmp_path / "out", "--lang", "en")), read)
    total = len(_reports(tmp_path / "out"))
    text = seen.decode("utf-8", "replace")
    assert f"{total}/{total}" in text
    assert "with faults" in text

"""Exceptions that staff grant through the command line, from the word for a person to the reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import CommandLine, Done

from grader.nouns.report import Report
from grader.store.ledger import FILE, Ledger

WORK = {
    "2023001_Li_Wei": "import math\n\ndef log_sum(numbers):\n    return sum(math.log(n) for n in numbers)\n",
    "2023002_Wang_Fang": "def log_sum(numbers):\n    return 0.0\n",
    "2023003_Wang_Fang": "def log_sum(numbers):\n    return 0.0\n",
}


class Class:
    """A small class that was graded, and commands on its results."""

    def __init__(self, grader: CommandLine, toy: Path) -> None:
        self._grader, self._course, self.out = grader, toy / "assignments", toy / "out"
        hand_ins = toy / "class"
        for name, text in WORK.items():
            (hand_ins / name).mkdir(parents=True)
            (hand_ins / name / "toy.py").write_text(text)
        roster = toy / "roster.csv"
        roster.write_text("id,name\n2023001,Li Wei\n2023002,Wang Fang\n2023003,Wang Fang\n")
        done = self("grade", hand_ins, "--roster", roster, "--out", self.out, "--public-secret", "--allow-level", 1)
        assert done.returncode in {0, 1}, done.stderr

    def __call__(self, *words: object) -> Done:
        return self._grader(*words, "--course", self._course)

    def grant(self, command: str, *words: object) -> Done:
        """Grant something in English and score again."""
        done = self(command, self.out, *words, "--reason", "ill", "--who", "staff", "--lang", "en")
        if done.returncode == 0:
            assert self("rescore", self.out).returncode == 0
        return done

    def reports(self) -> dict[str, Report]:
        """Everybody's newest report."""
        with Ledger(self.out / FILE) as ledger:
            return {report.student: report for report in ledger.reports()}


@pytest.fixture
def graded(grader: CommandLine, toy: Path) -> Class:
    """The class."""
    return Class(grader, toy)


def test_exceptions_reach_reports_tables_and_exports(grader: CommandLine, graded: Class) -> None:
    """Excused, dropped, full marks, extended: in the report with the reason, in the table, in Canvas, in the diff."""
    (question,) = (q.id for q in graded.reports()["2023001"].chapters[0].questions[:1])
    assert graded.grant("full-marks", f"toy/{question}").returncode == 0
    marks = {who: r.chapters[0].questions[0] for who, r in graded.reports().items()}
    assert {who: mark.score == mark.max_score for who, mark in marks.items()} == dict.fromkeys(marks, True)
    moved = grader("diff", graded.out, "--lang", "en").stdout
    assert "full marks for all who handed it in, by staff: ill" in moved

    assert graded.grant("full-marks", f"toy/{question}", "--withdraw").returncode == 0
    assert graded.reports()["2023002"].chapters[0].questions[0].score == 0
    assert graded.grant("excuse", "Li Wei", "toy").returncode == 0
    assert graded.reports()["2023001"].excused == ("toy",)
    assert "EX" in graded("report", graded.out, "--format", "canvas").stdout
    assert "EX" in graded("report", graded.out, "--format", "csv").stdout
    page = graded("report", graded.out, "--format", "markdown", "--lang", "en").stdout
    assert "toy: does not count, by staff: ill" in page

    assert graded.grant("extend", "2023003", "toy", "36h").returncode == 0
    late = graded("late", graded.out, "--lang", "en").stdout
    assert "2023003" in late
    assert "toy +1.5" in late
    assert "2023002" not in late


REFUSED = {
    "two people of one name": (("excuse", "Wang Fang", "toy"), "2023002 (Wang Fang), 2023003 (Wang Fang)"),
    "nobody": (("excuse", "Zhao", "toy"), "nobody of that number"),
    "nearly somebody": (("excuse", "Li", "toy"), "perhaps 2023001"),
    "no such chapter": (("excuse", "2023001", "toys"), "no such place"),
    "no such question": (("drop-question", "toy/nothing"), "no such place"),
    "a chapter dropped": (("drop-question", "toy"), "say which question"),
    "no time": (("extend", "2023001", "toy", "soon"), "is no time"),
    "no time at all": (("extend", "2023001", "toy"), "say how long"),
    "a question extended": (("extend", "2023001", "toy/log_sum", "1d"), "a deadline is a chapter's"),
    "nothing to take back": (("excuse", "2023001", "toy", "--withdraw"), "nothing to take back"),
    "a mark above the maximum": (("override", "2023001", "toy/log_sum", "99"), "say --beyond"),
}


def test_what_is_not_meant_is_refused(graded: Class) -> None:
    """A word that means nobody or several, a place or a time that is none: exit code 2, what to do, nothing kept."""
    for words, said in REFUSED.values():
        done = graded.grant(*words)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    with Ledger(graded.out / FILE) as ledger:
        assert ledger.rulings() == ()
        assert ledger.overrides() == ()


def test_every_word_for_a_person_works_everywhere(graded: Class) -> None:
    """Number, name in any width or case, and report id mean the same person to `override` and `excuse`."""
    report = graded.reports()["2023001"]
    for word in ("2023001", "li wei", report.submission, "２０２３００１"):
        for words in (("override", word, "toy/log_sum", 1), ("excuse", word, "toy/log_sum")):
            assert graded.grant(*words).returncode == 0, word
    with Ledger(graded.out / FILE) as ledger:
        assert {ruling.student for ruling in ledger.rulings()} == {"2023001"}
        assert {override.student for override in ledger.overrides()} == {"2023001"}

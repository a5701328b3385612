"""One wrong bit in a ledger: what is not as it was written is named, and the rest is read."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.errors import LedgerError
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.outcome import Returned
from grader.nouns.override import Override
from grader.nouns.report import Environment, Report
from grader.nouns.ruling import Ruling
from grader.nouns.submission import Submission
from grader.nouns.verdict import Verdict
from grader.store import schema
from grader.store.damage import damage_of, repairs_of
from grader.store.ledger import FILE, Ledger, WorkEntry, existing
from grader.store.rescue import mended

STUDENTS = [f"2023{number:03}" for number in range(40)]
FLIPS = 250


def _report(student: str) -> Report:
    environment = Environment(grader="0", python="3", torch="2", transformers="5", platform="l", models=())
    score = float(int(student) % 11)
    return Report(submission=student, student=student, name=f"Name {student}", score=score, max_score=10,
                  isolation=None, environment=environment, chapters=())  # fmt: skip


def fill(file: Path) -> None:
    """A run of a class with work, verdicts, reports, and some marks set by hand."""
    with Ledger(file) as ledger:
        run = ledger.begin("grade", {"course": "c"})
        ledger.keep_fingerprint("f" * 32)
        for student in STUDENTS:
            submission = Submission(id=student, student=student, folder=Path("f"), modules={"c": "c.py"})
            ledger.keep_submissions(run, [(submission, "d")])
            evidence = Evidence(outcomes=(Returned(value=[int(student)] * 40),))
            ledger.keep_work(run, [WorkEntry(f"work-{student}", student, "c", "q", evidence)])
            judged = Judged(verdict=Verdict(question="q", share=0.5, status="partial"))
            ledger.keep_verdicts(run, [(f"verdict-{student}", f"work-{student}", judged)])
            ledger.keep_scores(run, [(_report(student), {"c/q": (f"work-{student}", f"verdict-{student}")})])
        for student in STUDENTS[:5]:
            decided = Override(student=student, chapter="c", score=7.5, reason="r", who="w",
                               at=datetime(2024, 1, 1, tzinfo=UTC))  # fmt: skip
            ledger.override(decided)


def contents(ledger: Ledger) -> list[object]:
    """All that a command reads from a ledger."""
    return [
        *ledger.scores(1),
        *ledger.submissions(1),
        *ledger.overrides(),
        *ledger.recall([f"work-{s}" for s in STUDENTS]).values(),
        *ledger.verdicts([f"verdict-{s}" for s in STUDENTS]).values(),
        ledger.fingerprint(),
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[object]]:
    """A ledger's bytes, and what is read from it."""
    file = tmp_path_factory.mktemp("whole") / FILE
    fill(file)
    with Ledger(file, writable=False) as ledger:
        return file.read_bytes(), contents(ledger)


def flipped(body: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(body)
    changed[place] ^= 1 << bit
    return bytes(changed)


def test_no_wrong_bit_goes_unnoticed(whole: tuple[bytes, list[object]], tmp_path: Path) -> None:
    """Wherever it is: what is read is as it was, or less than that and named, or the file is refused."""
    body, before = whole
    chance = random.Random(17)
    noticed = 0
    for _ in range(FLIPS):
        file = tmp_path / FILE
        file.write_bytes(flipped(body, chance.randrange(len(body)), chance.randrange(8)))
        try:
            with Ledger(file, writable=False) as ledger:
                found, said = contents(ledger), damage_of(ledger)
        except LedgerError:
            noticed += 1
            continue
        assert said or found == before
        assert all(one in before for one in found if one != "")
        noticed += bool(said)
    assert noticed > FLIPS / 5, "a good part of a ledger is rows"


def test_a_damaged_file_is_mended_and_kept(whole: tuple[bytes, list[object]], tmp_path: Path) -> None:
    """After mending the ledger opens for writing; nothing in it is wrong, what is missing was named."""
    body, before = whole
    chance = random.Random(4)
    mendings = 0
    for number in range(FLIPS // 2):
        file = tmp_path / str(number) / FILE
        file.parent.mkdir()
        file.write_bytes(flipped(body, chance.randrange(len(body)), chance.randrange(8)))
        try:
            said = mended(file)
            with Ledger(file) as ledger:
                found = contents(ledger)
                said = (*said, *damage_of(ledger))
        except LedgerError:
            continue
        assert said or found == before
        assert all(one in before for one in found if one != "")
        if old := list(file.parent.glob("ledger-damaged-*.sqlite")):
            mendings += 1
            assert old[0].read_bytes() != body
        shutil.rmtree(file.parent)
    assert mendings


def body_of(table: str, column: str, student: str) -> Callable[[Path], None]:
    """Changes one value of one row behind the ledger's back."""

    def change(file: Path) -> None:
        db = sqlite3.connect(file, isolation_level=None)
        db.execute(f"DROP TRIGGER {table}_update")
        key = {"work": "submission", "verdicts": "work"}.get(table, "id" if table == "submissions" else "student")
        owner = f"work-{student}" if table == "verdicts" else student
        ((value,),) = db.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (owner,)).fetchall()
        if isinstance(value, bytes):
            value = flipped(value, len(value) // 2, 3)
        else:
            value = value + 1 if isinstance(value, float) else f"{value[:-1]}?"
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, owner))
        db.close()

    return change


@pytest.mark.parametrize(
    ("table", "column"),
    [("scores", "body"), ("scores", "score"), ("scores", "sources"), ("rulings", "value"), ("submissions", "body")],
)
def test_a_damaged_row_costs_its_student_only(tmp_path: Path, table: str, column: str) -> None:
    """It is left out and its student named with what to do; everybody else is read."""
    fill(tmp_path / FILE)
    student = STUDENTS[3]
    body_of(table, column, student)(tmp_path / FILE)
    with existing(tmp_path) as ledger:
        assert len({r.student for r in ledger.reports()}) == len(STUDENTS) - (table == "scores")
        assert len(ledger.overrides()) == 5 - (table == "rulings")
        assert len(ledger.submissions(1)) == len(STUDENTS) - (table == "submissions")
        (said,) = damage_of(ledger)
    assert student in str(said)
    assert "grader override" in str(said) if table == "rulings" else "grader grade" in str(said)


@pytest.mark.parametrize("table", ["work", "verdicts"])
def test_what_is_damaged_can_be_kept_anew(tmp_path: Path, table: str) -> None:
    """Its key leads to a new row from then on; the neighbour's stays; what was mended is said as such."""
    fill(tmp_path / FILE)
    spoiled, sound = STUDENTS[:2]
    body_of(table, "body", spoiled)(tmp_path / FILE)
    key = f"{'work' if table == 'work' else 'verdict'}-{spoiled}"
    judged = Judged(verdict=Verdict(question="q", share=1, status="correct"))
    with Ledger(tmp_path / FILE) as ledger:
        read = ledger.recall if table == "work" else ledger.verdicts
        assert key not in read([key, f"work-{sound}"])
        assert ledger.is_spoiled(key)
        assert not ledger.is_spoiled(f"work-{sound}")
        fresh = ledger.renewed(key)
        assert ledger.renewed(key) == fresh == ledger.current(key), "asked for twice, made once"
        if table == "work":
            ledger.keep_work(1, [WorkEntry(fresh, spoiled, "c", "q", Evidence())])
        else:
            ledger.keep_verdicts(1, [(fresh, f"work-{spoiled}", judged)])
        assert damage_of(ledger) == ()
        assert spoiled in str(repairs_of(ledger)[0])
    with Ledger(tmp_path / FILE) as ledger:
        assert ledger.current(key) == fresh
        assert (ledger.recall if table == "work" else ledger.verdicts)([fresh])


def as_first_version(file: Path) -> None:
    """A ledger as the first version wrote it: without seals, without some tables, with a mark in a table of its own."""
    with Ledger(file) as ledger:
        ledger.add("overrides", [("2024-01-01T00:00:00+00:00", "w", STUDENTS[0], "c", None, 7.5, "r")])
    db = sqlite3.connect(file, isolation_level=None)
    for table in schema.SINCE:
        db.execute(f"DROP TABLE {table}")
    for table in set(schema.SEALED) - set(schema.SINCE):
        db.execute(f"ALTER TABLE {table} DROP COLUMN seal")
    db.execute(f"PRAGMA user_version = {schema.UNSEALED}")
    db.close()


def test_a_ledger_of_the_first_version_is_read_and_brought_up_to_date(tmp_path: Path) -> None:
    """Read as it is, without a change of its file; once it is written, new rows are sealed and old ones still read."""
    file = tmp_path / FILE
    fill(file)
    as_first_version(file)
    body = file.read_bytes()
    with existing(tmp_path) as ledger:
        assert len(ledger.reports()) == len(STUDENTS)
        assert ledger.fingerprint() == ""
    assert file.read_bytes() == body
    with Ledger(file) as ledger:
        assert len(ledger.reports()) == len(STUDENTS)
        assert [(o.student, o.score) for o in ledger.overrides()] == [(STUDENTS[0], 7.5)]
        ledger.keep_fingerprint("new")
        ledger.rule(Ruling(kind="drop", chapter="c", question="q", reason="r", who="w", at=datetime.now(UTC)))
        assert len(ledger.rulings()) == 1
        run = ledger.begin("grade", {})
        ledger.keep_scores(run, [(_report("1"), {})])
        assert damage_of(ledger) == ()
    body_of("scores", "body", "1")(file)
    with existing(tmp_path) as ledger:
        assert ledger.reports() == ()
        assert len(damage_of(ledger)) == 1

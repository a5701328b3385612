"""The record of all grading runs in a results folder: `ledger.sqlite`.

Rows are added and never changed. Every write is one transaction, so a killed process leaves whole records.

    with Ledger(folder / FILE) as ledger:
        run = ledger.begin("grade", about)
        known = ledger.recall(keys)               raw outcomes by content hash
        ledger.keep_work(run, work)
        ledger.keep_verdicts(run, verdicts)
        ledger.keep_scores(run, scores)
        ledger.end(run, "done")
"""

from __future__ import annotations

import getpass
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from grader.errors import LedgerError
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.override import Override
from grader.nouns.report import Report
from grader.nouns.submission import Submission
from grader.nouns.text import say
from grader.store import schema
from grader.store.evidence import decode, encode

FILE = "ledger.sqlite"
_AT_ONCE = 500
_WAIT = 60.0

Sources = Mapping[str, tuple[str, str]]
"""`chapter/question` to the keys of the work and the verdict behind its mark."""


@dataclass(frozen=True)
class Run:
    """One run as it was recorded.

    Attributes:
        id: number of the run.
        at: when it began, ISO 8601.
        who: the user who started it.
        command: `grade` or `rescore`.
        about: course, chapters and environment.
        ending: how it ended; empty for a run that was killed or is still going.
    """

    id: int
    at: str
    who: str
    command: str
    about: dict[str, Any]
    ending: str


@dataclass(frozen=True)
class WorkEntry:
    """Raw outcomes of one question of one submission, with their key."""

    key: str
    submission: str
    chapter: str
    question: str
    evidence: Evidence


class Ledger:
    """An open ledger file. Several threads may share one object, and several processes may read one file.

    Raises:
        LedgerError: the file cannot be read, written, or is of another version.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.RLock()
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._errors():
            self._db = sqlite3.connect(file, check_same_thread=False, timeout=_WAIT, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA cache_size = -65536")  # KiB
            self._db.execute("PRAGMA mmap_size = 268435456")
            self._db.execute("PRAGMA recursive_triggers = ON")  # so that REPLACE cannot delete either
            self._make()

    def _make(self) -> None:
        with self._transaction() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in schema.statements():
                    db.execute(statement)
            elif version != schema.VERSION:
                raise LedgerError(
                    say(
                        "{file}: written by another version of the grader ({version})",
                        file=str(self.file),
                        version=version,
                    )
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(say("{file}: {error}", file=str(self.file), error=str(error))) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing, one thread at a time. A nested transaction is part of the outer one."""
        with self._lock, self._errors():
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep everything that this thread writes until the end, or nothing of it. Other threads wait."""
        with self._transaction():
            yield

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock, self._errors():
            return self._db.execute(query, values).fetchall()

    def _bodies(self, table: str, keys: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            query = f"SELECT key, body FROM {table} WHERE key IN ({marks})"  # noqa: S608 - our own table names
            found.update((key, zlib.decompress(body)) for key, body in self._rows(query, part))
        return found

    # Runs

    def begin(self, command: str, about: Mapping[str, Any]) -> int:
        """Record the start of a run and return its number. `about` holds course, chapters and environment."""
        row = (_now(), _who(), command, json.dumps(about, ensure_ascii=False, default=str))
        with self._transaction() as db:
            cursor = db.execute("INSERT INTO runs (at, who, command, about) VALUES (?, ?, ?, ?)", row)
            return int(cursor.lastrowid or 0)

    def end(self, run: int, how: str) -> None:
        """Record how a run ended."""
        with self._transaction() as db:
            db.execute("INSERT INTO endings VALUES (?, ?, ?)", (run, _now(), how))

    def runs(self) -> tuple[Run, ...]:
        """Return all runs, oldest first."""
        rows = self._rows(
            "SELECT id, runs.at, who, command, about, COALESCE(MAX(how), '') FROM runs "
            "LEFT JOIN endings ON run = id GROUP BY id ORDER BY id"
        )
        return tuple(
            Run(id=number, at=at, who=who, command=command, about=json.loads(about), ending=ending)
            for number, at, who, command, about, ending in rows
        )

    def last_scored(self) -> int:
        """Return the number of the newest run that has scores.

        Raises:
            LedgerError: there is none.
        """
        ((run,),) = self._rows("SELECT MAX(run) FROM scores")
        if run is None:
            raise LedgerError(
                say("{file}: nothing has been graded here yet; run `grader grade` first", file=str(self.file))
            )
        return int(run)

    def scored(self) -> list[int]:
        """Return the numbers of the runs that have scores, oldest first."""
        return [int(run) for (run,) in self._rows("SELECT DISTINCT run FROM scores ORDER BY run")]

    # Submissions

    def keep_submissions(self, run: int, submissions: Iterable[tuple[Submission, str]]) -> None:
        """Record the submissions of a run, each with the digest of its files."""
        rows = [(run, s.id, _now(), digest, s.model_dump_json()) for s, digest in submissions]
        with self._transaction() as db:
            db.executemany("INSERT INTO submissions VALUES (?, ?, ?, ?, ?)", rows)

    def submissions(self, run: int) -> tuple[tuple[Submission, str], ...]:
        """Return the submissions of a run, each with the digest of its files."""
        rows = self._rows("SELECT body, digest FROM submissions WHERE run = ? ORDER BY rowid", (run,))
        return tuple((Submission.model_validate_json(body), digest) for body, digest in rows)

    # Work and verdicts

    def recall(self, keys: Sequence[str]) -> dict[str, Evidence]:
        """Return key to raw outcomes, for those keys that the ledger has."""
        return {key: decode(body) for key, body in self._bodies("work", keys).items()}

    def keep_work(self, run: int, work: Iterable[WorkEntry]) -> None:
        """Record raw outcomes, all of them or none."""
        rows = [(w.key, run, _now(), w.submission, w.chapter, w.question, _packed(encode(w.evidence))) for w in work]
        with self._transaction() as db:
            db.executemany("INSERT INTO work VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)

    def verdicts(self, keys: Sequence[str]) -> dict[str, Judged]:
        """Return key to verdict, for those keys that the ledger has."""
        return {key: Judged.model_validate_json(body) for key, body in self._bodies("verdicts", keys).items()}

    def keep_verdicts(self, run: int, verdicts: Iterable[tuple[str, str, Judged]]) -> None:
        """Record verdicts: key of the verdict, key of the work it judges, the verdict."""
        rows = [(key, work, run, _now(), _packed(v.model_dump_json().encode())) for key, work, v in verdicts]
        with self._transaction() as db:
            db.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)

    # Scores

    def keep_scores(self, run: int, scores: Iterable[tuple[Report, Sources]]) -> None:
        """Record the reports of a run, each with the sources of its marks."""
        rows = [
            (
                run,
                r.submission,
                _now(),
                r.score,
                r.max_score,
                json.dumps(sources),
                _packed(r.model_dump_json().encode()),
            )
            for r, sources in scores
        ]
        with self._transaction() as db:
            db.executemany("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def reports(self, run: int | None = None) -> tuple[Report, ...]:
        """Return the reports of a run; of the newest run with scores when None."""
        run = self.last_scored() if run is None else run
        rows = self._rows("SELECT body FROM scores WHERE run = ? ORDER BY rowid", (run,))
        return tuple(Report.model_validate_json(zlib.decompress(body)) for (body,) in rows)

    def sources(self, run: int) -> dict[str, Sources]:
        """Return report id to the sources of its marks."""
        rows = self._rows("SELECT student, sources FROM scores WHERE run = ?", (run,))
        return {who: {place: (w, v) for place, (w, v) in json.loads(text).items()} for who, text in rows}

    def moved(self, old: int, new: int) -> frozenset[str]:
        """Return the ids of the new run's reports that differ from those of the old run in any way."""
        rows = self._rows(
            "SELECT b.student FROM scores AS b LEFT JOIN scores AS a ON a.student = b.student AND a.run = ? "
            "WHERE b.run = ? AND (a.body IS NULL OR a.body != b.body)",
            (old, new),
        )
        return frozenset(student for (student,) in rows)

    # Overrides

    def override(self, override: Override) -> None:
        """Record a person's decision about a mark."""
        row = (override.at.isoformat(), override.who, override.student, override.chapter, override.question,
               override.score, override.reason)  # fmt: skip
        with self._transaction() as db:
            db.execute(
                "INSERT INTO overrides (at, who, student, chapter, question, score, reason) VALUES (?,?,?,?,?,?,?)", row
            )

    def overrides(self) -> tuple[Override, ...]:
        """Return all decisions, oldest first."""
        rows = self._rows("SELECT at, who, student, chapter, question, score, reason FROM overrides ORDER BY id")
        names = ("at", "who", "student", "chapter", "question", "score", "reason")
        return tuple(Override.model_validate(dict(zip(names, row, strict=True))) for row in rows)


def _packed(body: bytes) -> bytes:
    return zlib.compress(body, 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"

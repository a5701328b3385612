"""The record of all grading runs in a results folder: `ledger.sqlite`.

Rows are added and never changed. Every write is one transaction, so a killed process leaves whole records. A row that
was damaged since is left out and named in `damage`; see `grader.store.damage` for the words.

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
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from grader.errors import LedgerError
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.override import Override
from grader.nouns.report import Report
from grader.nouns.ruling import Ruling
from grader.nouns.submission import Submission
from grader.nouns.text import say
from grader.sandbox.wire import WireError
from grader.store.database import Damage, Database, Row
from grader.store.evidence import decode, encode

FILE = "ledger.sqlite"
_AT_ONCE = 500

Sources = Mapping[str, tuple[str, str]]
"""`chapter/question` to the keys of the work and the verdict behind its mark."""

T = TypeVar("T")


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


def existing(out: Path, *, writable: bool = False) -> Ledger:
    """Open the ledger of a results folder that has one; nothing is made in a folder named by mistake.

    Raises:
        LedgerError: nothing was graded there, or the file cannot be read.
    """
    file = out / FILE
    if not file.is_file():
        raise LedgerError(say("{file}: nothing has been graded here yet; run `grader grade` first", file=str(file)))
    return Ledger(file, writable=writable)


class Ledger(Database):
    """An open ledger file; see `Database` for its errors."""

    def __init__(self, file: Path, *, writable: bool = True) -> None:
        super().__init__(file, writable=writable)
        self._spoiled: set[str] = set()
        self._fresh = {row["key"]: row["fresh"] for row in self._known("renewals")}

    def _known(self, table: str, column: str = "", wanted: Sequence[Any] = ()) -> list[Row]:
        """Return rows; none of a table that a ledger of an older version does not have."""
        return self.rows(table, column, wanted) if self.has(table) else []

    def _read(self, table: str, rows: Iterable[Row], read: Callable[[Row], T]) -> Iterator[tuple[Row, T]]:
        """Yield what rows hold; one that cannot be read is damage."""
        for row in rows:
            try:
                value = read(row)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error, WireError):
                self.note(Damage(table, row))
            else:
                yield row, value

    def _by_key(self, table: str, keys: Sequence[str], read: Callable[[Row], T]) -> dict[str, T]:
        found: dict[str, T] = {}
        for start in range(0, len(keys), _AT_ONCE):
            part = list(keys[start : start + _AT_ONCE])
            rows = self.rows(table, "key", part)
            whole = {row["key"]: value for row, value in self._read(table, rows, read)}
            found |= whole
            spoiled = [d.row["key"] for d in self.damage if d.table == table and "key" in d.row]
            self._spoiled.update(key for key in spoiled if key in part and key not in whole)
        return found

    # Runs

    def begin(self, command: str, about: Mapping[str, Any]) -> int:
        """Record the start of a run and return its number. `about` holds course, chapters and environment."""
        row = (_now(), user(), command, json.dumps(about, ensure_ascii=False, default=str))
        with self.transaction() as db:
            cursor = db.execute("INSERT INTO runs (at, who, command, about) VALUES (?, ?, ?, ?)", row)
            return int(cursor.lastrowid or 0)

    def end(self, run: int, how: str) -> None:
        """Record how a run ended."""
        with self.transaction() as db:
            db.execute("INSERT INTO endings VALUES (?, ?, ?)", (run, _now(), how))

    def runs(self) -> tuple[Run, ...]:
        """Return all runs, oldest first."""
        rows = self.plain(
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
        scored = self.scored()
        if not scored:
            raise LedgerError(
                say("{file}: nothing has been graded here yet; run `grader grade` first", file=str(self.file))
            )
        return scored[-1]

    def scored(self) -> list[int]:
        """Return the numbers of the runs that have scores, oldest first."""
        if not self.has("scores"):
            return []
        if not self.is_sound:
            return sorted({row["run"] for row in self.rows("scores")})
        return [int(run) for (run,) in self.plain("SELECT DISTINCT run FROM scores ORDER BY run")]

    # Submissions

    def keep_submissions(self, run: int, submissions: Iterable[tuple[Submission, str]]) -> None:
        """Record the submissions of a run, each with the digest of its files."""
        self.add("submissions", [(run, s.id, _now(), digest, s.model_dump_json()) for s, digest in submissions])

    def submissions(self, run: int) -> tuple[tuple[Submission, str], ...]:
        """Return the submissions of a run, each with the digest of its files."""
        rows = self.rows("submissions", "run", [run])
        found = self._read("submissions", rows, lambda row: Submission.model_validate_json(row["body"]))
        return tuple((submission, row["digest"]) for row, submission in found)

    # Work and verdicts

    def recall(self, keys: Sequence[str]) -> dict[str, Evidence]:
        """Return key to raw outcomes, for those keys that the ledger has."""
        return self._by_key("work", keys, lambda row: decode(zlib.decompress(row["body"])))

    def keep_work(self, run: int, work: Iterable[WorkEntry]) -> None:
        """Record raw outcomes, all of them or none."""
        rows = [(w.key, run, _now(), w.submission, w.chapter, w.question, _packed(encode(w.evidence))) for w in work]
        self.add("work", rows, keep_first=True)

    def verdicts(self, keys: Sequence[str]) -> dict[str, Judged]:
        """Return key to verdict, for those keys that the ledger has."""
        return self._by_key("verdicts", keys, lambda row: Judged.model_validate_json(zlib.decompress(row["body"])))

    def keep_verdicts(self, run: int, verdicts: Iterable[tuple[str, str, Judged]]) -> None:
        """Record verdicts: key of the verdict, key of the work it judges, the verdict."""
        rows = [(key, work, run, _now(), _packed(v.model_dump_json().encode())) for key, work, v in verdicts]
        self.add("verdicts", rows, keep_first=True)

    def current(self, key: str) -> str:
        """Return the key under which a row of work or of verdicts is kept now."""
        while key in self._fresh:
            key = self._fresh[key]
        return key

    def renewed(self, key: str) -> str:
        """Return a new key for a row: from now on it is looked for there, and is not found until it is kept anew."""
        with self.transaction():
            if key in self._fresh:  # another thread was faster: equal work of two students has one row
                return self.current(key)
            fresh = f"{key[:16]}-{secrets.token_hex(4)}"
            self.add("renewals", [(key, fresh, _now(), user())])
            self._fresh[key] = fresh
            return fresh

    def is_spoiled(self, key: str) -> bool:
        """Whether a row of work or of verdicts was asked for and found damaged."""
        return key in self._spoiled

    # Scores

    def keep_scores(self, run: int, scores: Iterable[tuple[Report, Sources]]) -> None:
        """Record the reports of a run, each with the sources of its marks."""
        rows = [
            (
                run,
                r.submission,
                _now(),
                float(r.score),
                float(r.max_score),
                json.dumps(sources),
                _packed(r.model_dump_json().encode()),
            )
            for r, sources in scores
        ]
        self.add("scores", rows)

    def reports(self, run: int | None = None) -> tuple[Report, ...]:
        """Return the reports of a run; of the newest run with scores when None."""
        return tuple(report for report, _ in self.scores(self.last_scored() if run is None else run))

    def scores(self, run: int) -> tuple[tuple[Report, Sources], ...]:
        """Return the reports of a run, each with the sources of its marks."""
        rows = self.rows("scores", "run", [run])
        return tuple(pair for _, pair in self._read("scores", rows, _score))

    def sources(self, run: int) -> dict[str, Sources]:
        """Return report id to the sources of its marks."""
        return {report.submission: sources for report, sources in self.scores(run)}

    # Decisions

    def override(self, override: Override) -> None:
        """Record a mark that a person sets."""
        o = override
        values = (_real(o.score), _real(o.worth))
        self.add("rulings", [(o.at.isoformat(), o.who, "mark", o.student, o.chapter, o.question, *values, 0, o.reason)])

    def overrides(self) -> tuple[Override, ...]:
        """Return all marks that persons set, oldest first."""
        names = ("at", "who", "student", "chapter", "question", "score", "reason")
        old = self._read("overrides", self.rows("overrides"),
                         lambda row: Override.model_validate({name: row[name] for name in names}))  # fmt: skip
        new = self._read("rulings", (row for row in self._known("rulings") if row["kind"] == "mark"), _mark)
        return tuple(override for _, override in (*old, *new))

    def rule(self, ruling: Ruling) -> None:
        """Record an exception that a person grants."""
        r = ruling
        values = (float(r.days), None, int(r.withdrawn))
        self.add("rulings", [(r.at.isoformat(), r.who, r.kind, r.student, r.chapter, r.question, *values, r.reason)])

    def rulings(self) -> tuple[Ruling, ...]:
        """Return all exceptions, oldest first; those that were taken back too."""
        rows = (row for row in self._known("rulings") if row["kind"] != "mark")
        return tuple(ruling for _, ruling in self._read("rulings", rows, _ruling))

    def fingerprint(self) -> str:
        """Return the fingerprint of the secret that hidden cases are drawn with; empty where none was recorded."""
        return next((row["fingerprint"] for row in reversed(self._known("secrets"))), "")

    def keep_fingerprint(self, fingerprint: str) -> None:
        """Record the fingerprint of the secret that hidden cases are drawn with from now on."""
        self.add("secrets", [(_now(), user(), fingerprint)])


def _score(row: Row) -> tuple[Report, Sources]:
    report = Report.model_validate_json(zlib.decompress(row["body"]))
    return report, {place: (work, verdict) for place, (work, verdict) in json.loads(row["sources"]).items()}


def _mark(row: Row) -> Override:
    names = ("at", "who", "student", "chapter", "question", "worth", "reason")
    return Override.model_validate({**{name: row[name] for name in names}, "score": row["value"]})


def _ruling(row: Row) -> Ruling:
    names = ("at", "who", "kind", "student", "chapter", "question", "withdrawn", "reason")
    return Ruling.model_validate({**{name: row[name] for name in names}, "days": row["value"]})


def _real(number: float | None) -> float | None:
    return None if number is None else float(number)


def _packed(body: bytes) -> bytes:
    return zlib.compress(body, 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def user() -> str:
    """Return the name of whoever runs this; `unknown` where the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"

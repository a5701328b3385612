"""The tables of a ledger. Rows are added and never changed; triggers refuse UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Iterable

VERSION = 3
UNSEALED = 1
"""The version whose rows had no seals; its files are brought up to date when they are next written."""

TABLES = {
    "runs": "id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, command TEXT NOT NULL, about TEXT NOT NULL",
    "endings": "run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, how TEXT NOT NULL",
    "submissions": "run INTEGER NOT NULL REFERENCES runs, id TEXT NOT NULL, at TEXT NOT NULL, digest TEXT NOT NULL, "
    "body TEXT NOT NULL, seal TEXT NOT NULL DEFAULT '', PRIMARY KEY (run, id)",
    "work": "key TEXT PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, submission TEXT NOT NULL, "
    "chapter TEXT NOT NULL, question TEXT NOT NULL, body BLOB NOT NULL, seal TEXT NOT NULL DEFAULT ''",
    "verdicts": "key TEXT PRIMARY KEY, work TEXT NOT NULL, run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, "
    "body BLOB NOT NULL, seal TEXT NOT NULL DEFAULT ''",
    "scores": "run INTEGER NOT NULL REFERENCES runs, student TEXT NOT NULL, at TEXT NOT NULL, score REAL NOT NULL, "
    "max_score REAL NOT NULL, sources TEXT NOT NULL, body BLOB NOT NULL, seal TEXT NOT NULL DEFAULT '', "
    "PRIMARY KEY (run, student)",
    "overrides": "id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, student TEXT NOT NULL, "
    "chapter TEXT NOT NULL, question TEXT, score REAL, reason TEXT NOT NULL, seal TEXT NOT NULL DEFAULT ''",
    "renewals": "key TEXT PRIMARY KEY, fresh TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, "
    "seal TEXT NOT NULL DEFAULT ''",
    "rulings": "id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, "
    "student TEXT NOT NULL, chapter TEXT NOT NULL, question TEXT, value REAL, worth REAL, withdrawn INTEGER NOT NULL, "
    "reason TEXT NOT NULL, seal TEXT NOT NULL DEFAULT ''",
    "secrets": "id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, fingerprint TEXT NOT NULL, "
    "seal TEXT NOT NULL DEFAULT ''",
}
"""Table to columns.

`work` holds raw outcomes by content hash, and `verdicts` how they were judged. `scores` holds one report for each run
and student; its `sources` names the work and the verdict behind every mark. Bodies are compressed with zlib.
`renewals` says which key a row is kept under instead, where the first one is damaged or is to be run again. `secrets`
holds the fingerprints of the secrets that hidden cases were drawn with; the newest counts. `rulings` holds the marks
that persons set (kind `mark`, with the question's points at that time as `worth`) and the exceptions they grant;
`overrides` holds the marks that were set with versions before 3.

A `seal` is a digest of the other values of its row, without a number that SQLite gave.
"""

SEALED = tuple(table for table, columns in TABLES.items() if "seal TEXT" in columns)
"""Tables whose rows carry a seal."""
SINCE = {"renewals": 2, "secrets": 2, "rulings": 3}
"""The versions that tables came with, other than the first."""
NUMBERED = frozenset(table for table, columns in TABLES.items() if columns.startswith("id INTEGER PRIMARY KEY"))
"""Tables whose first column is a number that SQLite gives."""


def statements() -> list[str]:
    """Return the SQL statements that create an empty ledger."""
    return [*_made(TABLES), f"PRAGMA user_version = {VERSION}"]


def upgrade(version: int) -> list[str]:
    """Return the SQL statements that bring a ledger of an older version up to date; rows without seals stay without."""
    unsealed = [table for table in SEALED if table not in SINCE] if version == UNSEALED else []
    altered = [f"ALTER TABLE {table} ADD COLUMN seal TEXT NOT NULL DEFAULT ''" for table in unsealed]
    new = [table for table, since in SINCE.items() if since > version]
    return [*altered, *_made(new), f"PRAGMA user_version = {VERSION}"]


def _made(tables: Iterable[str]) -> list[str]:
    made = [f"CREATE TABLE {table} ({TABLES[table]}) STRICT" for table in tables]
    made += [
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: the ledger only grows'); END"
        for table in tables
        for verb in ("UPDATE", "DELETE")
    ]
    return made

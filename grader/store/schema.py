"""The tables of a ledger. Rows are added and never changed; triggers refuse UPDATE and DELETE."""

from __future__ import annotations

VERSION = 1

TABLES = {
    "runs": "id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, command TEXT NOT NULL, about TEXT NOT NULL",
    "endings": "run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, how TEXT NOT NULL",
    "submissions": "run INTEGER NOT NULL REFERENCES runs, id TEXT NOT NULL, at TEXT NOT NULL, digest TEXT NOT NULL, "
    "body TEXT NOT NULL, PRIMARY KEY (run, id)",
    "work": "key TEXT PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, submission TEXT NOT NULL, "
    "chapter TEXT NOT NULL, question TEXT NOT NULL, body BLOB NOT NULL",
    "verdicts": "key TEXT PRIMARY KEY, work TEXT NOT NULL, run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, "
    "body BLOB NOT NULL",
    "scores": "run INTEGER NOT NULL REFERENCES runs, student TEXT NOT NULL, at TEXT NOT NULL, score REAL NOT NULL, "
    "max_score REAL NOT NULL, sources TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, student)",
    "overrides": "id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, student TEXT NOT NULL, "
    "chapter TEXT NOT NULL, question TEXT, score REAL, reason TEXT NOT NULL",
}
"""Table to columns.

`work` holds raw outcomes by content hash, and `verdicts` how they were judged. `scores` holds one report for each run
and student; its `sources` names the work and the verdict behind every mark. Bodies are compressed with zlib.
"""


def statements() -> list[str]:
    """Return the SQL statements that create an empty ledger."""
    made = [f"CREATE TABLE {table} ({columns}) STRICT" for table, columns in TABLES.items()]
    made += [
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: the ledger only grows'); END"
        for table in TABLES
        for verb in ("UPDATE", "DELETE")
    ]
    return [*made, f"PRAGMA user_version = {VERSION}"]

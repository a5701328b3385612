"""Mends a ledger whose file is damaged: what can still be read goes into a new one, and the old one is kept beside."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from grader.nouns.text import Message, say
from grader.store import schema
from grader.store.damage import damage_of
from grader.store.ledger import Ledger

_BESIDE = ("-wal", "-shm", "")
"""What SQLite keeps beside a file, and the file itself, last: until it is moved, all is as it was."""


def mended(file: Path) -> tuple[Message, ...]:
    """Mend a ledger where it needs it, and say what was done and what is lost; nothing where it is sound or not there.

    Only one process may have the file open.

    Raises:
        LedgerError: the file is no ledger, or nothing of it can be read.
    """
    if not file.is_file() or not file.stat().st_size:
        return ()
    with Ledger(file, writable=False) as old:
        if old.is_sound:
            return ()
        new = file.with_name(f"{file.stem}-new{file.suffix}")
        _remove(new)
        with Ledger(new) as fresh:
            lost = sum(_copied(old, fresh, table) for table in schema.TABLES)
        said = damage_of(old)[1:]  # the first says that the file is damaged
    kept = file.with_name(f"{file.stem}-damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}{file.suffix}")
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{file}{ending}").replace(f"{kept}{ending}")
    new.replace(file)
    head = say("{file}: damaged; what can be read is in a new one ({lost} rows are not), the old one is {kept}",
               file=file.name, lost=lost, kept=kept.name)  # fmt: skip
    return head, *said


def _copied(old: Ledger, fresh: Ledger, table: str) -> int:
    """Copy the rows of a table that are whole; how many the new ledger did not take."""
    lost = 0
    if not old.has(table):
        return lost
    with fresh.transaction() as db:
        for row in old.reachable(table):
            marks = ", ".join("?" * len(row))
            try:
                db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608 - our names
            except sqlite3.Error:
                lost += 1
    return lost


def _remove(file: Path) -> None:
    for ending in _BESIDE:
        Path(f"{file}{ending}").unlink(missing_ok=True)

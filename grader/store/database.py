"""A SQLite file whose rows are only added, each under a seal: what is damaged is found, named and left out.

Rows are read by the database's own indexes while its structure is sound. Where it is not, every row that can still be
reached is read, and the others are named as damage.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from grader.errors import LedgerError
from grader.nouns.text import say
from grader.sandbox.kernel import scratch
from grader.store import schema

_WAIT = 60.0
_CANNOT_SHARE = ("unable to open database file", "readonly database", "disk I/O error")
"""What SQLite says of a file beside which it may not put those that readers and writers share."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Damage:
    """A row that is not as it was written.

    Attributes:
        table: where it is; empty where the file itself is damaged.
        row: what can still be read of it; nothing where rows could not be reached.
    """

    table: str
    row: Row


class Database:
    """An open file. Several threads may share one object, and several processes may read one file.

    Attributes:
        file: where it is.
        is_sound: whether SQLite's own check of the file found nothing.
        damage: what was found damaged so far, each once.
    """

    def __init__(self, file: Path, *, writable: bool = True) -> None:
        """Open a file; one that is not there is made.

        Args:
            file: where it is.
            writable: False to write nothing, neither to the file nor beside it.

        Raises:
            LedgerError: the file cannot be read or written, is no ledger, or is of another version; it is to be
                written and damaged.
        """
        self.file = file
        self._lock = threading.RLock()
        self._copy = ""
        self.damage: list[Damage] = []
        with self.errors():
            self._db = self._writable() if writable else self._readable()
        try:
            with self.errors():
                self._db.text_factory = _text
                self.is_sound = self._checked()
                self._version = self._settle(writable=writable)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
            if self._copy:
                scratch.remove(self._copy)

    def _writable(self) -> sqlite3.Connection:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(say("{file}: {error}", file=str(self.file.parent), error=str(error.strerror))) from error
        db = _connect(self.file.resolve().as_uri())
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA cache_size = -65536")  # KiB
        db.execute("PRAGMA mmap_size = 268435456")
        db.execute("PRAGMA recursive_triggers = ON")  # so that REPLACE cannot delete either
        return db

    def _readable(self) -> sqlite3.Connection:
        """Open the file as it is, without writing anything beside it where nobody has it open.

        SQLite keeps what was written last in a second file while somebody writes, and after a process was killed.
        Where its owner alone may touch that, a copy of both is read.
        """
        place = self.file.resolve()
        waiting = place.with_name(f"{place.name}-wal")
        if not waiting.is_file():
            return _reading(f"{place.as_uri()}?mode=ro&immutable=1")
        try:
            return _reading(f"{place.as_uri()}?mode=ro")
        except sqlite3.OperationalError as error:
            if not str(error).startswith(_CANNOT_SHARE):
                raise
        self._copy = scratch.make()
        for file in (place, waiting):
            shutil.copyfile(file, Path(self._copy, file.name))
        return _reading(Path(self._copy, place.name).as_uri())

    def _checked(self) -> bool:
        try:
            found = self._db.execute("PRAGMA integrity_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) or "not a database" in str(error):
                raise
            found = []
        return found == [("ok",)]

    def _settle(self, *, writable: bool) -> int:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if not self.is_sound:
            if writable:
                raise LedgerError(say("{file}: damaged; run `grader grade` again, which mends it", file=str(self.file)))
            self.damage.append(Damage("", {}))
        elif writable and version in range(schema.VERSION):
            with self.transaction() as db:
                for statement in schema.statements() if version == 0 else schema.upgrade(version):
                    db.execute(statement)
            return schema.VERSION
        if version not in range(schema.VERSION + 1):
            raise LedgerError(
                say("{file}: written by another version of the grader ({version})",
                    file=str(self.file), version=version)
            )  # fmt: skip
        return int(version)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what SQLite raises into an error that names the file."""
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the second where SQLite quotes what is damaged
            raise LedgerError(say("{file}: {error}", file=str(self.file), error=str(error))) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing, one thread at a time. A nested transaction is part of the outer one."""
        with self._lock, self.errors():
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
        with self.transaction():
            yield

    def add(self, table: str, rows: Iterable[Sequence[Any]], *, keep_first: bool = False) -> None:
        """Add rows under their seals, all or none.

        Args:
            table: one of the sealed tables.
            rows: values in the order of its columns, without a number that SQLite gives.
            keep_first: leave out rows whose key is there already.
        """
        sealed = [(*row, _seal(row)) for row in rows]
        if not sealed:
            return
        number = "NULL, " if table in schema.NUMBERED else ""
        marks = ", ".join("?" * len(sealed[0]))
        ending = " ON CONFLICT DO NOTHING" if keep_first else ""
        with self.transaction() as db:
            db.executemany(f"INSERT INTO {table} VALUES ({number}{marks}){ending}", sealed)  # noqa: S608 - our names

    def has(self, table: str) -> bool:
        """Whether the file's version has a table; one whose maker was killed at once has none."""
        return self._version >= schema.SINCE.get(table, schema.UNSEALED)

    def plain(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what a query finds, unchecked."""
        with self._lock, self.errors():
            return self._db.execute(query, values).fetchall()

    def rows(self, table: str, column: str = "", wanted: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a sealed table that are whole, in the order they were added.

        Args:
            table: its name.
            column: where one of the wanted values has to be; every row when empty.
            wanted: those values.
        """
        if not self.is_sound:
            return [row for row in self.reachable(table) if not column or row[column] in wanted]
        where = f" WHERE {column} IN ({', '.join('?' * len(wanted))})" if column else ""
        with self._lock, self.errors():
            cursor = self._db.execute(f"SELECT * FROM {table}{where} ORDER BY rowid", wanted)  # noqa: S608 - our names
            names = [description[0] for description in cursor.description]
            found = [dict(zip(names, values, strict=True)) for values in cursor]
        return [row for row in found if self._is_whole(table, row)]

    def reachable(self, table: str) -> Iterator[Row]:
        """Every row that can be read, from both ends of the table: what is broken lies between."""
        found: dict[int, Row] = {}
        whole = False
        for order in ("ASC", "DESC"):
            with self._lock, suppress(sqlite3.DatabaseError, UnicodeDecodeError):
                cursor = self._db.execute(f"SELECT rowid AS place_, * FROM {table} NOT INDEXED ORDER BY rowid {order}")  # noqa: S608 - our names
                names = [description[0] for description in cursor.description]
                for values in cursor:
                    row = dict(zip(names, values, strict=True))
                    found.setdefault(row.pop("place_"), row)
                whole = True
            if whole:
                break
        if not whole:
            self.note(Damage(table, {}))
        return (found[place] for place in sorted(found) if self._is_whole(table, found[place]))

    def _is_whole(self, table: str, row: Row) -> bool:
        seal = row.get("seal", "")
        names = [name for name in row if name != "seal" and not (name == "id" and table in schema.NUMBERED)]
        if seal and seal != _seal([row[name] for name in names]):
            self.note(Damage(table, row))
            return False
        return True

    def note(self, damage: Damage) -> None:
        """Remember damage, once."""
        with self._lock:
            if damage not in self.damage:
                self.damage.append(damage)


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, check_same_thread=False, timeout=_WAIT, isolation_level=None)


def _reading(address: str) -> sqlite3.Connection:
    """A connection on which something was read, since SQLite only then opens the file."""
    db = _connect(address)
    try:
        db.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _text(body: bytes) -> str:
    """Read text of a row, whatever has become of it: its seal tells."""
    return body.decode("utf-8", "replace")


def _seal(values: Iterable[Any]) -> str:
    whole = hashlib.sha256()
    for value in values:
        part = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        whole.update(b"%d:" % len(part))
        whole.update(part)
    return whole.hexdigest()[:16]

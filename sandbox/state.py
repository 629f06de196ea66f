"""All that must survive a restart, in one SQLite file. One process, one connection, one loop: no locks needed."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from zlib import crc32

# Decimals are kept as text: SQLite would turn a NUMERIC column into floats.
sqlite3.register_adapter(Decimal, lambda value: format(value, "f"))
sqlite3.register_converter("DECIMALTEXT", lambda raw: Decimal(raw.decode()))

# Each room of the sandbox has a file of tables, read in order of their names.
SCHEMA = "\n".join(file.read_text() for file in sorted((Path(__file__).parent / "schema").glob("*.sql")))
# Another schema, another number: a state that other code has written is recognized by it.
SCHEMA_VERSION = crc32(SCHEMA.encode()) >> 1
OUTLIVES_RESET = ("signing_key",)


class State:
    """The connection, transactions and settings. In memory when no path is given."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _move_aside_if_of_another_version(path)
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES)
        self.db.row_factory = sqlite3.Row
        # A crash of the process loses nothing under NORMAL; a crash of the machine may lose the last moments.
        self.db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
        if _version_of(self.db) != SCHEMA_VERSION:
            self.db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    def tables(self) -> list[str]:
        rows = self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return [row["name"] for row in rows]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Inside another transaction it simply is part of that one."""
        if self.db.in_transaction:
            yield self.db
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return found

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self.db.execute(sql, values).fetchall()

    def insert(self, table: str, **values: object) -> int:
        """Insert one row; the id of it."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        cursor = self.db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names come from our own code
            tuple(values.values()),
        )
        return cursor.lastrowid or 0

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.row("SELECT value FROM setting WHERE name = ?", name)
        return default if found is None else json.loads(found["value"])

    def save_setting(self, name: str, value: Any) -> None:
        self.db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, json.dumps(value)))

    def empty(self) -> None:
        """Forget everything but the signing key. Ids start over, so that the same calls get the same answers.

        Inside a transaction: foreign keys are checked when it ends, so the tables may come in any order.
        """
        self.db.execute("PRAGMA defer_foreign_keys = ON")
        for table in self.tables():
            if table not in OUTLIVES_RESET:
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names of our own tables
        self.db.execute("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        self.db.close()


def _version_of(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def _move_aside_if_of_another_version(path: Path) -> None:
    """A state that other code has written is a simulation, nothing to migrate, but somebody may miss it."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as db:
        is_empty = db.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if is_empty or _version_of(db) == SCHEMA_VERSION:
            return
    aside = path.with_name(f"{path.name}.old")
    for suffix in ("", "-wal", "-shm"):
        aside.with_name(aside.name + suffix).unlink(missing_ok=True)
        if (file := path.with_name(path.name + suffix)).exists():
            file.rename(aside.with_name(aside.name + suffix))
    print(f"{path} is of another version of the sandbox: it is {aside.name} now, a new state begins", file=sys.stderr)

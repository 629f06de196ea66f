"""A limiter that the processes of one machine share through a small SQLite file."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .bucket import Bucket
from .limiter import BucketLimiter

BUSY_SECONDS = 10.0

_TABLE = """
CREATE TABLE IF NOT EXISTS autoshares_limit (
    name TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    idle_at REAL NOT NULL
) WITHOUT ROWID
"""
_SAVE = """
INSERT INTO autoshares_limit (name, bucket, idle_at) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET bucket = excluded.bucket, idle_at = excluded.idle_at
"""


class SqliteLimiter(BucketLimiter):
    """`path` is created when missing; it must lie on a local disk. Its clock is the machine's wall clock.

    Each use opens the file anew: no connection is shared between threads, or carried through a fork.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], float] = time.time, **options: Any) -> None:
        super().__init__(**options)
        self._path = str(path)
        self._clock = clock
        with self._connected() as connection:
            connection.execute(_TABLE)

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[Bucket, float]]:
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")  # from here on the only one
            now = self._clock()
            row = connection.execute("SELECT bucket FROM autoshares_limit WHERE name = ?", (name,)).fetchone()
            if row is None:
                connection.execute("DELETE FROM autoshares_limit WHERE idle_at <= ?", (now,))
            bucket = Bucket.from_text(row and row[0])
            yield bucket, now
            connection.execute(_SAVE, (name, bucket.to_text(), bucket.idle_at))
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        with closing(connection):  # closing without COMMIT rolls back
            connection.execute("PRAGMA synchronous = OFF")  # who loses power loses a minute of counting, not money
            yield connection

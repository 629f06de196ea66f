"""A limiter that any number of machines share through one PostgreSQL database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from .bucket import Bucket
from .limiter import BucketLimiter

_TABLE = """
CREATE TABLE IF NOT EXISTS autoshares_limit (
    name text PRIMARY KEY,
    bucket text NOT NULL,
    idle_at double precision NOT NULL
)
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('autoshares_limit ' || %s, 0))"
# The time is read after the lock is ours: read before, it could be older than what the last owner has written.
_READ = """
SELECT (SELECT bucket FROM autoshares_limit WHERE name = %s), extract(epoch FROM clock_timestamp())::double precision
"""
_SAVE = """
INSERT INTO autoshares_limit (name, bucket, idle_at) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET bucket = excluded.bucket, idle_at = excluded.idle_at
"""
_SWEEP = """
DELETE FROM autoshares_limit WHERE name IN (
    SELECT name FROM autoshares_limit WHERE idle_at <= %s LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""


class PostgresLimiter(BucketLimiter):
    """`connect` gives a DB-API connection as a context manager that commits at its end, or rolls back on an error:
    a psycopg pool's `pool.connection`, or `lambda: psycopg.connect(address)`.

    Give it connections of its own: within a longer transaction the others would wait until that one ends. The clock is
    the database's, so the machines need not agree on the time. Call `create_table` once, or in a migration.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[Any]], **options: Any) -> None:
        super().__init__(**options)
        self._connect = connect

    def create_table(self) -> None:
        """Create the table unless it is there. Safe to call from several processes at once."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(_LOCK, ("table",))
            cursor.execute(_TABLE)

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[Bucket, float]]:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(_LOCK, (name,))
            cursor.execute(_READ, (name,))
            text, now = cursor.fetchone()
            if text is None:
                cursor.execute(_SWEEP, (now,))
            bucket = Bucket.from_text(text)
            yield bucket, now
            cursor.execute(_SAVE, (name, bucket.to_text(), bucket.idle_at))

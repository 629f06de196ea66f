"""A limiter that any number of machines share through one PostgreSQL database."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .limiter import PatientLimiter, Permit, pause_after

PROMPT_SECONDS = 3.0

TABLE = "autoshares_limit"
_CREATE = """
CREATE TABLE IF NOT EXISTS autoshares_limit (
    name text PRIMARY KEY,
    free_at double precision[] NOT NULL,
    held_until double precision NOT NULL,
    wait double precision NOT NULL,
    idle_at double precision NOT NULL
)
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('autoshares_limit', 0))"
# One statement, so that the row is locked for no longer than it takes. The time is read when the lock is ours: read
# before, it could be older than what the last owner has written. Who loses power loses less than a second of counting,
# so nobody waits for the disk; the setting ends with the statement's own transaction. A clock that was set back has
# left moments too far ahead: nothing lasts longer than what is taken now.
_TAKE = """
INSERT INTO autoshares_limit AS budget (name, free_at, held_until, wait, idle_at)
SELECT %(name)s, ARRAY[moment + %(hold)s::float8], 0, 0, moment + %(hold)s::float8
FROM set_config('synchronous_commit', 'off', true), extract(epoch FROM clock_timestamp()) AS moment
ON CONFLICT (name) DO UPDATE SET (free_at, wait, idle_at) = (
    SELECT
        CASE WHEN pause > 0 THEN taken ELSE taken || ends END,
        pause,
        greatest(ends, budget.held_until)
    FROM (SELECT extract(epoch FROM clock_timestamp())::float8 AS moment) AS clock
    CROSS JOIN LATERAL (SELECT moment + %(hold)s::float8 AS ends) AS slot
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT least(free, ends) FROM unnest(budget.free_at) AS free WHERE free > moment ORDER BY free
        ) AS taken
    ) AS slots
    CROSS JOIN LATERAL (
        SELECT greatest(taken[cardinality(taken) - %(usable)s + 1], budget.held_until, moment) - moment AS pause
    ) AS verdict
)
RETURNING wait, free_at[cardinality(free_at)], xmax = 0
"""
_REPORT = """
UPDATE autoshares_limit SET
    free_at = array_replace(free_at, %(slot)s::float8, moment + %(ends)s::float8),
    held_until = greatest(held_until, moment + %(pause)s::float8),
    idle_at = greatest(idle_at, moment + %(ends)s::float8, moment + %(pause)s::float8)
FROM set_config('synchronous_commit', 'off', true), (
    SELECT extract(epoch FROM clock_timestamp())::float8 AS moment
) AS clock
WHERE name = %(name)s
"""
_SWEEP = """
DELETE FROM autoshares_limit WHERE name IN (
    SELECT name FROM autoshares_limit WHERE idle_at < extract(epoch FROM clock_timestamp())
    LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""


class PostgresLimiter(PatientLimiter):
    """`connect` gives a DB-API connection as a context manager that commits at its end, or rolls back on an error:
    a psycopg pool's `pool.connection`, or `lambda: psycopg.connect(address)`.

    Give it connections on which nothing is under way: within a longer transaction the others would wait until that one
    ends. The clock is the database's, so the machines need not agree on the time. Call `create_table` once, or in a
    migration.

    A call costs one statement. A slot is taken for a window and `prompt` seconds; an answer that came within them has
    nothing to add, and only a later one is reported: its slot is free a window after it.
    """

    def __init__(
        self, connect: Callable[[], AbstractContextManager[Any]], *, prompt: float = PROMPT_SECONDS, **options: Any
    ) -> None:
        super().__init__(**options)
        self._connect = connect
        self._prompt = prompt

    def create_table(self) -> None:
        """Create the table unless it is there. Safe to call from several processes at once."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(_LOCK)
            cursor.execute(_CREATE)

    def take(self, name: str, usable: int) -> Permit | float:
        asked_at = time.monotonic()
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(_TAKE, {"name": name, "usable": usable, "hold": self._window + self._prompt})
            wait, slot, is_new = cursor.fetchone()
            if is_new:
                # A new name is rare; that is the moment to forget those that have gone.
                cursor.execute(_SWEEP)
        return wait if wait > 0 else Permit(name, repr(slot), asked_at)

    def report(
        self, permit: Permit, *, sent: bool = True, limited: bool = False, retry_after: float | None = None
    ) -> None:
        if sent and not limited and time.monotonic() - permit.taken_at < self._prompt:
            return
        ends, pause = self._window if sent else 0, pause_after(retry_after) if limited else 0
        values = {"name": permit.bucket, "slot": float(permit.slot), "ends": ends, "pause": pause}
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(_REPORT, values)

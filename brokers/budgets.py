"""One rate limiter for everything that speaks to AutoShares: web, worker and beat, on every machine.

What is left of this minute is kept in PostgreSQL, one row per account (orders) and per investor and category (the
rest). A call costs one statement, outside of any transaction, that waits for no disk; nothing is held while AutoShares
is at work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection, transaction

from autoshares.limits import PostgresLimiter


@cache
def shared_limiter() -> PostgresLimiter:
    return PostgresLimiter(_database)


@contextmanager
def _database() -> Iterator[Any]:
    refuse_open_transaction()
    yield connection


def refuse_open_transaction() -> None:
    """No transaction may span a call. The one that a Django test case wraps around itself does not count."""
    blocks = transaction.get_connection().atomic_blocks
    if any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise RuntimeError("A request to AutoShares was about to be sent inside a database transaction.")

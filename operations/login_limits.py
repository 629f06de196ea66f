"""How often somebody may try a password at the back office. Counted in PostgreSQL, so by all processes together."""

import hashlib

from django.db import connection

from operations.models import LoginTries

WINDOW_SECONDS = 300
TRIES_PER_NAME_AND_ADDRESS = 5
TRIES_PER_ADDRESS = 30  # an office shares one; a list of names tried from one place does not get far

# One statement, so that tries that race are all counted; the clock is the database's.
_COUNT = """
INSERT INTO operations_logintries AS held (key, count, ends_at)
VALUES (%(key)s, 1, now() + make_interval(secs => %(seconds)s))
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN held.ends_at <= now() THEN 1 ELSE held.count + 1 END,
    ends_at = CASE WHEN held.ends_at <= now() THEN excluded.ends_at ELSE held.ends_at END
RETURNING count
"""
_SWEEP = """
DELETE FROM operations_logintries WHERE key IN (
    SELECT key FROM operations_logintries WHERE ends_at <= now() LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""


def may_try(username: str, address: str) -> bool:
    """Count one try; False once there were too many in the last five minutes.

    Counting comes before the password is looked at, so that tries that race are all counted.
    """
    allowed = _count(_key(username, address)) <= TRIES_PER_NAME_AND_ADDRESS
    return _count(_key("", address)) <= TRIES_PER_ADDRESS and allowed


def forgive(username: str, address: str) -> None:
    """The password was right: the count of this name starts over."""
    LoginTries.objects.filter(key=_key(username, address)).delete()


def _count(key: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP)
        cursor.execute(_COUNT, {"key": key, "seconds": WINDOW_SECONDS})
        return int(cursor.fetchone()[0])


def _key(username: str, address: str) -> str:
    told_apart = f"{username.strip().casefold()}\n{address}"
    return hashlib.sha256(told_apart.encode()).hexdigest()

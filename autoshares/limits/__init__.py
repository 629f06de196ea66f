"""Rate limits, kept before AutoShares has to: so many calls of a category in any minute, counted by several processes.

    limiter = SqliteLimiter("limits.sqlite3")                      # the processes of one machine
    limiter = PostgresLimiter(pool.connection)                     # many machines, one database
    limiter = MemoryLimiter()                                      # one process and its threads

    client = Client(..., limiter=limiter)                          # asks it before each request, tells it after

Without a client, `within_limits` does the same around any call.

What they promise: in any sliding minute AutoShares sees no more calls than allowed, as long as all callers share one
limiter; no call leaves before a Retry-After has passed; places leave some slots to cancels.

pyrate-limiter was looked at and left: a table and a clean-up thread per key, no reserve, no pause on Retry-After, and
its PostgreSQL bucket turns callers away when two of them meet.
"""

from .categories import LIMITS, Category, Limit, Quota, quota_for
from .limiter import Limiter, Permit, take_leave, tell, within_limits
from .memory import MemoryLimiter
from .postgres import PostgresLimiter
from .sqlite import SqliteLimiter

__all__ = [
    "LIMITS",
    "Category",
    "Limit",
    "Limiter",
    "MemoryLimiter",
    "Permit",
    "PostgresLimiter",
    "Quota",
    "SqliteLimiter",
    "quota_for",
    "take_leave",
    "tell",
    "within_limits",
]

"""Eight processes that ask one limiter as often as they can. A module of its own, so that they start quickly."""

import multiprocessing
import time
from typing import Any

import psycopg

from autoshares.errors import HeldBack
from autoshares.limits import Category, Limit, PostgresLimiter, SqliteLimiter

WINDOW, ALLOWED, PROCESSES = 0.5, 12, 8


def limiter_at(place: str, **options: Any) -> SqliteLimiter | PostgresLimiter:
    """A limiter over the SQLite file, or the database, at `place`."""
    if place.endswith(".sqlite3"):
        return SqliteLimiter(place, **options)
    return PostgresLimiter(lambda: psycopg.connect(place), **options)


def hammer(place: str, seconds: float, start: Any, seen: Any) -> None:
    """Ask as often as possible; note moments at which the vendor might see each request."""
    limiter = limiter_at(place, limits={Category.ORDERS: Limit(ALLOWED)}, window=WINDOW, longest_request=5.0)
    start.wait()
    over = time.time() + seconds
    while time.time() < over:
        try:
            permit = limiter.acquire(Category.ORDERS, "account 1", patience=0.05)
        except HeldBack as refusal:
            time.sleep(min(refusal.retry_after or 0, 0.05))
            continue
        seen.put(time.time())
        limiter.report(permit)


def moments_of_many_processes(place: str, seconds: float = 2.0) -> list[float]:
    """When requests were let go, by all processes together, in order."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    start, seen = context.Barrier(PROCESSES), context.Queue()
    processes = [context.Process(target=hammer, args=(place, seconds, start, seen)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    moments = []
    while any(process.is_alive() for process in processes) or not seen.empty():
        while not seen.empty():
            moments.append(seen.get())
        time.sleep(0.02)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    return sorted(moments)

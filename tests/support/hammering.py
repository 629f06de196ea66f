"""Eight processes that ask one limiter as often as they can. A module of its own, so that they start quickly."""

import multiprocessing
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import psycopg

from autoshares import Client, OrderDraft, OrderType, Side
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
    answers = {"longest_request": 5.0} if place.endswith(".sqlite3") else {"prompt": 0.1}
    limiter = limiter_at(place, limits={Category.ORDERS: Limit(ALLOWED)}, window=WINDOW, **answers)
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
    return sorted(what_they_saw(hammer, place, seconds))


def send_orders(place: str, vendor: dict[str, str], times: int, start: Any, seen: Any) -> None:
    """Place orders in account 6412 and note their ids; go on when one is kept back."""
    client = Client(**vendor, limiter=limiter_at(place))
    draft = OrderDraft(symbol="AAPL", side=Side.BUY, type=OrderType.LIMIT, quantity=Decimal(1), limit_price=Decimal(1))
    start.wait()
    for _ in range(times):
        with suppress(HeldBack):
            seen.put(client.orders.place(6412, draft).id)


def what_they_saw(work: Callable[..., None], *arguments: Any) -> list[Any]:
    """Let all processes begin `work` at once; what each has put into its queue."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    start, seen = context.Barrier(PROCESSES), context.Queue()
    processes = [context.Process(target=work, args=(*arguments, start, seen)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    found = []
    while any(process.is_alive() for process in processes) or not seen.empty():
        while not seen.empty():
            found.append(seen.get())
        time.sleep(0.02)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    return found

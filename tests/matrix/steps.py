"""Where an order is on its way when a process is killed: steps at which the real thing can be made to wait.

Nothing in the application knows of them. In the database a step waits for a lock that the test holds: on a row, or in
a trigger of the test's own. On the wire it waits for an AutoShares that does not answer.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing

import psycopg
import requests
from django.utils import timezone

from brokers.models import Connection
from investors.accounts.models import TradingAccount
from tests.matrix.household import Household
from tests.support.sandboxes import free_port
from tests.trading.engine.conftest import ORDERS_PATH, Book
from trading.orders.models import OrderRequest
from trading.orders.states import RequestState
from trading.portfolio.models import AccountBook
from trading.portfolio.polling import LEASE

LOCK = 4711
HANGS_SECONDS = 8  # less than our time-out for reading
Hold = Callable[[Household, TradingAccount], AbstractContextManager[Callable[[], bool]]]


@contextlib.contextmanager
def row_held(household: Household, account: TradingAccount) -> Iterator[Callable[[], bool]]:
    """Wait at the account's row: the first thing that TX1 asks for."""
    with closing(household.connect()) as ours:
        ours.execute("BEGIN")
        ours.execute("SELECT 1 FROM investors_tradingaccount WHERE id = %s FOR NO KEY UPDATE", [account.pk])
        yield lambda: _count(ours, "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")


def trigger(event: str) -> Hold:
    """Wait inside a transaction, at a change that `event` describes in SQL."""

    @contextlib.contextmanager
    def held(household: Household, account: TradingAccount) -> Iterator[Callable[[], bool]]:
        with closing(household.connect()) as ours:
            ours.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            ours.execute(
                "CREATE OR REPLACE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" PERFORM pg_advisory_xact_lock_shared({LOCK}); RETURN coalesce(NEW, OLD); END $$"
            )
            ours.execute(f"CREATE OR REPLACE TRIGGER wait_here {event} EXECUTE FUNCTION wait_for_the_test()")
            yield lambda: _count(ours, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    return held


def _count(ours: psycopg.Connection, question: str) -> bool:
    row = ours.execute(question).fetchone()
    return row is not None and row[0] > 0


def forget_triggers(household: Household) -> None:
    with closing(household.connect()) as ours:
        ours.execute("DROP FUNCTION IF EXISTS wait_for_the_test CASCADE")


@contextlib.contextmanager
def not_connected(household: Household, account: TradingAccount) -> Iterator[Callable[[], bool]]:
    """Wait for a connection that is never made: claimed, and not a byte sent."""
    with socket.socket() as door, socket.socket() as first, socket.socket() as second:
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        for visitor in (first, second):  # who comes after them is left waiting
            visitor.setblocking(False)
            visitor.connect_ex(door.getsockname())
        lead_to(account, door.getsockname()[1])
        sending = OrderRequest.unscoped.filter(order__account=account, state=RequestState.SENDING)
        yield sending.exists


@contextlib.contextmanager
def spoiled(household: Household, account: TradingAccount, *rules: dict, is_there: Callable[[], bool]):
    """AutoShares behaves as told, until the block is left or it dies."""
    for rule in rules:
        household.sandbox.control("faults", {"path": ORDERS_PATH, "seconds": HANGS_SECONDS} | rule)
    try:
        yield is_there
    finally:
        with contextlib.suppress(requests.RequestException):
            household.sandbox.control("faults", method="DELETE")


def not_taken(household: Household, account: TradingAccount):
    """Wait for an AutoShares that has the bytes and has not looked at them."""
    hang = {"method": "POST", "action": "hang_before"}
    return spoiled(household, account, hang, is_there=lambda: _hangs(household, "hang_before"))


def not_answered(household: Household, account: TradingAccount):
    """Wait for an AutoShares that has taken the order and says nothing."""
    book = Book(household.sandbox)
    before = len(book.orders())
    hang = {"method": "POST", "action": "hang_after"}
    return spoiled(household, account, hang, is_there=lambda: len(book.orders()) > before)


def looked_for(household: Household, account: TradingAccount):
    """The answer got lost; wait for the list in which the order would be found, its book claimed for that."""
    lost = {"method": "POST", "action": "reset", "when": "after"}
    hang = {"method": "GET", "action": "hang_before", "count": None}
    doubts = OrderRequest.unscoped.filter(order__account=account, state=RequestState.UNKNOWN)
    doubts = doubts.exclude(pk__in=list(doubts.values_list("pk", flat=True)))
    books = AccountBook.unscoped.filter(account=account)

    def is_there() -> bool:
        is_claimed = books.filter(next_check_at__gt=timezone.now() + LEASE / 2).exists()
        return doubts.exists() and is_claimed and _hangs(household, "hang_before")

    return spoiled(household, account, lost, hang, is_there=is_there)


def _hangs(household: Household, action: str) -> bool:
    """Whether a request hangs right now."""
    return any(row["fault"] == action and row["ms"] is None for row in household.sandbox.control("requests"))


def lead_to(account: TradingAccount, port: int) -> None:
    """Our processes look for AutoShares at `port` from their next order on."""
    connections = Connection.objects.filter(broker=account.broker)
    connections.update(api_base_url=f"http://localhost:{port}/api")


def lead_astray(account: TradingAccount) -> None:
    """Nobody listens where our processes look for AutoShares."""
    lead_to(account, free_port())


REQUEST = "ON trading_orderrequest FOR EACH ROW"
STEPS: dict[str, Hold] = {
    "before the intent": row_held,
    "the intent is not committed": trigger(f"AFTER INSERT {REQUEST}"),
    "the claim is not committed": trigger(
        f"BEFORE UPDATE {REQUEST} WHEN (OLD.state = 'ready' AND NEW.state = 'sending')"
    ),
    "claimed, not sent": not_connected,
    "sent, not taken": not_taken,
    "taken, not answered": not_answered,
    "the outcome is not committed": trigger(
        f"BEFORE UPDATE {REQUEST} WHEN (OLD.state = 'sending' AND NEW.state <> 'sending')"
    ),
    "written down, not shown": trigger("BEFORE DELETE ON trading_orderdraft FOR EACH ROW"),
    "looked for, not found yet": looked_for,
}

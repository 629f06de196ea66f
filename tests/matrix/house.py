"""Our side of one scenario: an order is placed, the process dies where it is told to, and another one picks up."""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from brokers.models import Connection
from investors.accounts.models import TradingAccount
from investors.people import User
from tests.matrix.scenarios import FAULTS, Scenario
from tests.support.sandboxes import free_port
from tests.trading.engine.conftest import Book, make_ticket
from trading.orders import placing, sending
from trading.orders.errors import OrderError
from trading.orders.models import Order
from trading.orders.sweeping import sweep_order_requests
from trading.orders.tickets import Ticket
from trading.portfolio.models import AccountBook
from trading.portfolio.polling import poll_due_accounts

# How long a recovery may take, and how our time passes meanwhile: in steps, as a worker's beats would.
STEPS = (1, 1, 1, 2, 5, 10, 10, 20, 30, 60, 60)


class Crash(BaseException):
    """The process is gone: nothing of ours handles this."""


AGE_BUDGETS = """
UPDATE autoshares_limit SET
    free_at = ARRAY(SELECT moment - %(seconds)s FROM unnest(free_at) AS moment), held_until = held_until - %(seconds)s
"""


class Time:
    """Our clock, our rate limiter's and the vendor's, moved together."""

    def __init__(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        self.book, self.ahead = book, timedelta(0)
        real = timezone.now
        monkeypatch.setattr("django.utils.timezone.now", lambda: real() + self.ahead)

    def pass_(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)
        self.book.advance(seconds)
        with connection.cursor() as cursor:
            cursor.execute(AGE_BUDGETS, {"seconds": seconds})


def _dies(before: bool):
    """A function that dies before or after it has done its work, once."""

    def wrap(function):
        def dying(*args: Any, **kwargs: Any) -> Any:
            if before:
                raise Crash
            function(*args, **kwargs)
            raise Crash

        return dying

    return wrap


# Which function dies where.
LABELS = {
    "before the intent": (placing, "_write_intent", True),
    "after the intent": (placing, "send_once", True),
    "before the claim": (sending, "claim", True),
    "after the claim": (sending, "claim", False),
    "after the answer": (sending, "_call", False),
    "before the outcome": (sending, "settle", True),
    "after the outcome": (sending, "settle", False),
}


@dataclass
class House:
    account: TradingAccount
    trader: User
    book: Book
    time: Time
    monkeypatch: pytest.MonkeyPatch
    form_key: uuid.UUID = field(default_factory=uuid.uuid4)

    def run(self, scenario: Scenario) -> None:
        """Place the scenario's order through everything that goes wrong, then let workers clean up behind it."""
        self.book.settings(
            visibility_lag_seconds=scenario.lag,
            deduplicate_client_id=scenario.deduplicates,
            late_reject="AccountRestricted" if scenario.outcome == "is rejected later" else None,
        )
        with self._fault(scenario.fault), self._crash(scenario.crash), contextlib.suppress(Crash, OrderError):
            placing.place_order(
                account=self.account,
                by=self.trader,
                ticket=_ticket(scenario.outcome),
                form_key=self.form_key,
                is_second=True,
            )
        self.book.sandbox.control("faults", method="DELETE")
        self.recover()

    def recover(self) -> None:
        """What worker and beat do, while time passes."""
        for seconds in STEPS:
            self.time.pass_(seconds)
            sweep_order_requests()
            AccountBook.unscoped.filter(account=self.account).update(next_check_at=timezone.now())
            poll_due_accounts()

    def begin_anew(self) -> None:
        """Another click on another form."""
        self.form_key = uuid.uuid4()

    def leave_an_old_order(self) -> None:
        """Something that stands before ours in every list."""
        ticket = _ticket("rests")
        placing.place_order(account=self.account, by=self.trader, ticket=ticket, form_key=uuid.uuid4(), is_second=True)

    @contextlib.contextmanager
    def _crash(self, where: str) -> Iterator[None]:
        with self.monkeypatch.context() as patch:
            if where in LABELS:
                module, name, before = LABELS[where]
                patch.setattr(module, name, _dies(before)(getattr(module, name)))
            yield

    @contextlib.contextmanager
    def _fault(self, name: str) -> Iterator[None]:
        there = self.account.broker.connection.api_base_url
        elsewhere = {
            "refused": f"http://localhost:{free_port()}/api",
            "tls": there.replace("http://", "https://"),
        }.get(name)
        if rule := FAULTS[name]:
            self.book.spoil(**rule)
        if elsewhere is None:
            yield
            return
        connections = Connection.objects.filter(broker=self.account.broker)
        connections.update(api_base_url=elsewhere)
        try:
            yield
        finally:
            connections.update(api_base_url=there)


def _ticket(outcome: str) -> Ticket:
    if outcome in ("rests", "is rejected later"):
        return make_ticket(type=Order.Type.LIMIT, limit_price=Decimal("1.00"), time_in_force=Order.TimeInForce.GTC)
    return make_ticket(quantity=Decimal(3000 if outcome == "fills in parts" else 10))

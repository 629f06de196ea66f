"""An investor whose grant comes from the sandbox itself, their account, and the sandbox's book as the judge."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

import pytest
import requests
from django.utils import timezone

from autoshares import TokenSet
from brokers.models import Broker, Connection
from brokers.scoping import broker_scope
from investors.accounts.linking import link_accounts
from investors.accounts.models import TradingAccount
from investors.grants.storing import store_tokens
from investors.grants.tokens import client_for
from investors.people import User
from tests.support.sandboxes import Sandbox, free_port
from trading.orders.models import Order, OrderRequest
from trading.orders.placing import place_order
from trading.orders.tickets import Ticket

PASSWORD = "open-the-market"
ORDERS_PATH = "/api/v1.0/accounts/*/orders"


class Book:
    """What the sandbox knows, through its control plane, and how to spoil its answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def orders(self, **wanted: Any) -> list[dict[str, Any]]:
        """Orders of the sandbox's own ledger, oldest first."""
        rows = self.sandbox.control("ledger")["orders"]
        return [row for row in rows if all(str(row[name]) == str(value) for name, value in wanted.items())]

    def asked(self, method: str, *, ending: str) -> int:
        """How often that was asked of it, answered or not."""
        rows = self.sandbox.control("requests")
        return sum(row["method"] == method and row["path"].endswith(ending) for row in rows)

    def placed(self) -> int:
        """POSTs of orders that reached it."""
        rows = self.sandbox.control("requests")
        return sum(
            row["method"] == "POST" and row["path"].endswith("/orders") and "/preview/" not in row["path"]
            for row in rows
        )

    def spoil(self, action: str, *, method: str = "POST", path: str = ORDERS_PATH, **details: Any) -> None:
        self.sandbox.control("faults", {"method": method, "path": path, "action": action} | details)

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.sandbox.control("clock", {"advance": seconds})

    def price(self, symbol: str, last: str) -> None:
        """Hold the price of `symbol` there."""
        self.sandbox.control("prices", {symbol: {"last": last, "hold": True}})

    def settings(self, **values: Any) -> None:
        self.sandbox.control("faults", {"settings": values})


@pytest.fixture
def book(sandbox: Sandbox) -> Book:
    return Book(sandbox)


@pytest.fixture(autouse=True)
def _short_patience(settings, monkeypatch) -> None:
    """Time-outs that a test can wait for; reads that fail are not tried again for seconds."""
    settings.AUTOSHARES_CONNECT_TIMEOUT_SECONDS = 2.0
    settings.AUTOSHARES_READ_TIMEOUT_SECONDS = 1.0
    monkeypatch.setattr("autoshares.transport.FIRST_PAUSE_SECONDS", 0.01)


def sign_up(broker: Broker, sandbox: Sandbox, email: str) -> User:
    """An investor with a live grant and linked accounts, as after a sign-in; the token is the sandbox's own."""
    answer = requests.post(
        f"{sandbox.api_url}/token",
        headers={"Et-App-Key": broker.connection.app_key, "Username": email, "Password": PASSWORD},
        timeout=10,
    )
    answer.raise_for_status()
    user = User.objects.create(username=f"{broker.slug}:{email}", email=email, broker=broker)
    tokens = TokenSet(
        access_token=answer.json()["Token"],
        id_token="",
        refresh_token="",
        scope="",
        expires_in=86400,
    )
    store_tokens(user, tokens, obtained_at=timezone.now())
    link_accounts(user, client_for(user))
    return user


@pytest.fixture
def scope(db, harbor: Broker) -> Iterator[Broker]:
    with broker_scope(harbor):
        yield harbor


@pytest.fixture
def trader(scope: Broker, sandbox: Sandbox) -> User:
    """Robin Vale: agreements signed, one margin account."""
    return sign_up(scope, sandbox, "trader@demo.test")


@pytest.fixture
def account(trader: User) -> TradingAccount:
    return TradingAccount.objects.of(trader).get()


@pytest.fixture
def unreachable(scope: Broker, trader: User) -> Callable[[], AbstractContextManager[None]]:
    """`with unreachable():` nobody listens where AutoShares was; afterwards it is back, with the same book."""

    @contextmanager
    def unreachable() -> Iterator[None]:
        connections = Connection.objects.filter(broker=scope)
        there = connections.get().api_base_url
        connections.update(api_base_url=f"http://localhost:{free_port()}/api")
        trader.refresh_from_db()  # as the next request would meet them: with the keys of that moment
        try:
            yield
        finally:
            connections.update(api_base_url=there)
            trader.refresh_from_db()

    return unreachable


def make_ticket(**changes: Any) -> Ticket:
    """Buy 10 AAPL at the market, good today."""
    values: dict[str, Any] = {
        "symbol": "AAPL",
        "side": Order.Side.BUY,
        "type": Order.Type.MARKET,
        "time_in_force": Order.TimeInForce.DAY,
        "quantity": Decimal(10),
        "limit_price": None,
    }
    return Ticket(**values | changes)


def resting(**changes: Any) -> Ticket:
    """A limit order far below the market: it works and is not filled."""
    values = {"type": Order.Type.LIMIT, "limit_price": Decimal("1.00"), "time_in_force": Order.TimeInForce.GTC}
    return make_ticket(**values | changes)


@pytest.fixture
def place(account: TradingAccount, trader: User) -> Callable[..., Order]:
    """`place(ticket=…, form_key=…)`: the order of the trader's account; twins are meant."""

    def place(ticket: Ticket | None = None, form_key: uuid.UUID | None = None, *, is_second: bool = True) -> Order:
        return place_order(
            account=account,
            by=trader,
            ticket=ticket or make_ticket(),
            form_key=form_key or uuid.uuid4(),
            is_second=is_second,
        )

    return place


def request_of(order: Order) -> OrderRequest:
    """The order's place request, as it is now."""
    return OrderRequest.unscoped.get(order=order, kind=OrderRequest.Kind.PLACE)


def kinds_of(order: Order) -> list[str]:
    """The kinds of the timeline's lines, in their order."""
    return list(order.events.values_list("kind", flat=True))

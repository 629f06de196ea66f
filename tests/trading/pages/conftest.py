"""An investor at their desk: signed in, agreements signed, one account in our books; AutoShares where asked."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from agreements.gate import start_session
from agreements.models import AgreementCheck
from brokers.models import Broker
from brokers.scoping import broker_scope
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from investors.people import User
from tests.conftest import Browser
from tests.trading.engine.conftest import Book, sign_up
from trading.orders.models import Order
from trading.portfolio.models import AccountBook, Position
from trading.securities.models import Quote, Security

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://localhost:8000/trade/AAPL/"}


def seat(user: User, host: str = "localhost", browser: Browser | None = None) -> Browser:
    """A browser, or the given one, in which `user` is signed in and has nothing left to sign."""
    browser = browser or Browser(host)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    start_session(session)
    session.save()
    now = timezone.now()
    AgreementCheck.unscoped.update_or_create(
        user=user, defaults={"broker": user.broker, "asked_at": now, "answered_at": now}
    )
    return browser


def make_investor(broker: Broker, email: str) -> User:
    """An investor with a live grant, not known to AutoShares."""
    user = User.objects.create(username=f"{broker.slug}:{email}", email=email, first_name="Dana", broker=broker)
    now = timezone.now()
    grant = Grant(user=user, broker=broker, obtained_at=now, expires_at=now + timedelta(hours=20))
    grant.access_token = "not-a-token-of-anybody"
    grant.save()
    return user


def make_account(user: User, number: int, *, access: str = AccountLink.Access.OWNER) -> TradingAccount:
    """An account whose balances arrived just now."""
    account = TradingAccount.unscoped.create(broker=user.broker, vendor_account_id=number, number=str(number))
    AccountLink.unscoped.create(
        broker=user.broker, user=user, account=account, access=access, alias=f"Individual {number}"
    )
    now = timezone.now()
    AccountBook.unscoped.create(
        broker=user.broker,
        account=account,
        cash=Decimal(12001),
        equity=Decimal("48745.99"),
        buying_power=Decimal(24002),
        market_value=Decimal("36744.99"),
        day_change=Decimal("212.40"),
        day_change_percent=Decimal("0.44"),
        balances_at=now,
        positions_at=now,
        orders_at=now,
        next_check_at=now + timedelta(hours=1),
    )
    return account


@pytest.fixture
def dana(harbor: Broker) -> User:
    return make_investor(harbor, "dana@demo.test")


@pytest.fixture
def account(dana: User) -> TradingAccount:
    return make_account(dana, 6412)


@pytest.fixture
def desk(dana: User, account: TradingAccount) -> Browser:
    """Dana's browser."""
    return seat(dana)


@pytest.fixture
def outsider(northwind: Broker) -> Browser:
    """An investor of the other broker, at their own host."""
    return seat(make_investor(northwind, "outsider@demo.test"), "northwind.localhost")


@pytest.fixture
def neighbour(harbor: Broker) -> Browser:
    """Another investor of the same broker, with an account of their own."""
    user = make_investor(harbor, "neighbour@demo.test")
    make_account(user, 7001)
    return seat(user)


@pytest.fixture
def aapl(harbor: Broker) -> Security:
    """Apple, last 181.20, bid 181.18, ask 181.21, just now."""
    security = Security.unscoped.create(
        broker=harbor, vendor_security_id=1, symbol="AAPL", name="Apple Inc.", exchange="XNAS"
    )
    Quote.unscoped.create(
        broker=harbor,
        security=security,
        last=Decimal("181.20"),
        bid=Decimal("181.18"),
        ask=Decimal("181.21"),
        previous_close=Decimal("179.98"),
        received_at=timezone.now(),
    )
    return security


@pytest.fixture
def make_order(account: TradingAccount, dana: User) -> Callable[..., Order]:
    """`make_order(state="filled")`: a limit order of Dana's account, straight into our books."""

    def make_order(**changes: Any) -> Order:
        values = {
            "symbol": "AAPL",
            "side": "buy",
            "type": "limit",
            "time_in_force": "day",
            "quantity": Decimal(100),
            "limit_price": Decimal("181.20"),
            "state": "working",
            "client_id": uuid.uuid4(),
        }
        return Order.unscoped.create(broker=account.broker, account=account, placed_by=dana, **values | changes)

    return make_order


@pytest.fixture
def make_position(account: TradingAccount) -> Callable[..., Position]:
    def make_position(symbol: str = "AAPL", quantity: str = "40", **changes: Any) -> Position:
        values = {
            "average_price": Decimal(150),
            "cost_basis": Decimal(150) * Decimal(quantity),
            "unrealized": Decimal("1248.30"),
            "vendor_position_id": Position.unscoped.count() + 1,
        }
        return Position.unscoped.create(
            broker=account.broker, account=account, symbol=symbol, quantity=Decimal(quantity), **values | changes
        )

    return make_position


# --- With AutoShares behind it ------------------------------------------------------------------------------------


@pytest.fixture
def book(sandbox) -> Book:
    """The sandbox's own ledger, and how to spoil its answers."""
    return Book(sandbox)


@pytest.fixture
def robin(harbor: Broker, sandbox, settings, monkeypatch) -> User:
    """Robin Vale, known to AutoShares, with one margin account."""
    settings.AUTOSHARES_READ_TIMEOUT_SECONDS = 0.6
    monkeypatch.setattr("autoshares.transport.FIRST_PAUSE_SECONDS", 0.01)
    with broker_scope(harbor):
        return sign_up(harbor, sandbox, "trader@demo.test")


@pytest.fixture
def trading(robin: User, aapl: Security) -> Browser:
    """Robin's browser."""
    return seat(robin)


def typed(**changes: str) -> dict[str, str]:
    """A ticket as the browser sends it: buy 10 AAPL at the market, good today."""
    values = {
        "side": "buy",
        "type": "market",
        "time_in_force": "day",
        "quantity": "10",
        "limit_price": "",
        "form_key": str(uuid.uuid4()),
    }
    return values | changes

"""The demo's people, accounts, agreements and applications. Figures do not depend on the time of seeding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sandbox.clock import parse_iso
from sandbox.exchange.balances import post_cash
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.securities import SECURITIES
from sandbox.lists.offerings import seed_offerings
from sandbox.state import State

DEMO_PASSWORD = "open-the-market"  # noqa: S105 - shown on the sign-in page
APPS = (("harbor", "Harbor Street", "localhost", True), ("northwind", "Northwind", "northwind.localhost", False))

# id, type, title, version, may be skipped
AGREEMENTS = (
    (101, "PlatformAgreement", "Platform Access Agreement", "7.1", False),
    (102, "MarketDataAgreement", "Market Data Subscriber Agreement", "3.0", False),
    (103, "DayTradingAgreement", "Day Trading Risk Disclosure", "1.2", True),
)

# id, e-mail, first name, last name, agreements still to be signed, agreements signed
USERS: tuple[tuple[int, str, str, str, tuple[int, ...], tuple[int, ...]], ...] = (
    (7311, "investor@demo.test", "Dana", "Reyes", (101, 102, 103), ()),
    (7312, "newcomer@demo.test", "Sam", "Okafor", (101,), ()),
    (7313, "trader@demo.test", "Robin", "Vale", (103,), (101, 102)),
)

# What is known about them beyond that; states and countries by their numbers in `people/registration.py`.
PROFILES: Mapping[int, Mapping[str, str | int]] = {
    7311: {
        "birth_ms": parse_iso("1986-04-12"), "phone": "+1 218 555 0107",
        "street": "41 Canal Park Drive", "city": "Duluth", "state_id": 23, "postal_code": "55802", "country_id": 1,
    },
    7313: {
        "birth_ms": parse_iso("1979-09-30"), "phone": "+1 207 555 0163", "street": "8 Wharf Street",
        "city": "Portland", "state_id": 19, "postal_code": "04101", "country_id": 1,
    },
}  # fmt: skip

# The identity under which a broker's servers bind accounts and open them. It is not offered on the sign-in page.
ADMINISTRATOR = (7301, "admin@demo.test", "Ada", "Lindqvist")

# The accounts of the demo were opened, and their shares transferred in, a year ago: they have a history to look at.
ACCOUNT_AGE_MS = 365 * 86_400_000
# id, user, alias, margin type, owner type, option level, cash
ACCOUNTS = (
    (6412, 7311, "Individual", "Margin", "IndividualCustomer", 1, "48250.40"),
    (6413, 7311, "Roth IRA", "Cash", "IRA_Roth", 0, "12400.00"),
    (6420, 7313, "Trading", "Margin", "IndividualCustomer", 3, "250000.00"),
)

# account -> symbol -> shares, and the average price as a part of the security's starting price
HOLDINGS: Mapping[int, Mapping[str, tuple[int, str]]] = {
    6412: {
        "AAPL": (40, "0.82"), "MSFT": (15, "0.91"), "NVDA": (60, "0.64"), "JPM": (20, "0.88"),
        "KO": (100, "0.97"), "VTI": (50, "0.90"), "DIS": (45, "1.09"), "F": (400, "1.04"),
    },
    6413: {"VOO": (12, "0.86"), "TLT": (60, "1.08"), "GLD": (8, "0.79")},
    6420: {
        "TSLA": (50, "0.93"), "AMD": (120, "0.78"), "PLTR": (100, "1.05"), "QQQ": (40, "0.95"), "XOM": (80, "1.02"),
    },
}  # fmt: skip


# id, user, name, symbols
WATCHLISTS = (
    (501, 7311, "Favourites", ("AAPL", "NVDA", "KO", "VTI")),
    (502, 7313, "Chips", ("NVDA", "AMD", "INTC", "AVGO", "QCOM", "TXN", "MRVL")),
)


def seed_demo(market: Market, *, web_port: int) -> None:
    """Fill an empty state. Call inside a transaction."""
    now = market.now_ms()
    opened = now - ACCOUNT_AGE_MS
    for slug, name, host, refresh_enabled in APPS:
        add_app(market.state, slug, name=name, host=host, web_port=web_port, refresh_enabled=refresh_enabled)
    for agreement_id, kind, title, version, can_skip in AGREEMENTS:
        market.state.insert("agreement", id=agreement_id, type=kind, title=title, version=version, can_skip=can_skip)
    for user_id, email, first_name, last_name, outstanding, signed in USERS:
        add_user(market.state, email, first_name=first_name, last_name=last_name, at_ms=now, user_id=user_id)
        assign_agreements(market.state, user_id, outstanding)
        assign_agreements(market.state, user_id, signed, signed_ms=now)
    for user_id, known in PROFILES.items():
        sets = ", ".join(f"{name} = ?" for name in known)
        market.state.db.execute(f"UPDATE user SET {sets} WHERE id = ?", (*known.values(), user_id))  # noqa: S608
    admin_id, email, first_name, last_name = ADMINISTRATOR
    add_user(
        market.state, email, first_name=first_name, last_name=last_name, at_ms=now, user_id=admin_id,
        administrator=True,
    )  # fmt: skip
    for account_id, user_id, alias, margin_type, owner_type, option_level, cash in ACCOUNTS:
        open_account(
            market, user_id, account_id=account_id, alias=alias, margin_type=margin_type, owner_type=owner_type,
            option_level=option_level, cash=Decimal(cash), at_ms=opened,
        )  # fmt: skip
        for symbol, (shares, part) in HOLDINGS[account_id].items():
            average = cents(SECURITIES[symbol].price * Decimal(part))
            set_position(market, account_id, symbol, quantity=Decimal(shares), average_price=average, at_ms=opened)
    seed_offerings(market)
    for watchlist_id, user_id, name, symbols in WATCHLISTS:
        market.state.insert("watchlist", id=watchlist_id, user_id=user_id, name=name, create_ms=now)
        for symbol in symbols:
            market.state.insert("watchlist_security", watchlist_id=watchlist_id, security_id=SECURITIES[symbol].id)


def add_app(state: State, slug: str, *, name: str, host: str, web_port: int, refresh_enabled: bool) -> None:
    origin = f"http://{host}:{web_port}"
    state.insert(
        "app",
        client_id=f"demo-{slug}-client", client_secret=f"demo-{slug}-client-secret", name=name, host=host,
        app_key_secret=f"demo-{slug}-app-key-secret", app_key_publishable=f"demo-{slug}-app-key-publishable",
        redirect_uris=json.dumps([f"{origin}/accounts/autoshares/login/callback/"]),
        logout_uris=json.dumps([f"{origin}/signed-out/"]), refresh_enabled=refresh_enabled,
    )  # fmt: skip


def add_user(
    state: State,
    email: str,
    *,
    first_name: str,
    last_name: str,
    at_ms: int,
    password: str = DEMO_PASSWORD,
    login: str = "",
    user_id: int | None = None,
    administrator: bool = False,
) -> int:
    """Register a user; the id. The three of the demo, and only they, are offered on the sign-in page."""
    login = login or f"{first_name}.{last_name}".lower().replace(" ", "")
    taken = state.row("SELECT 1 FROM user WHERE login = ?", login) is not None
    return state.insert(
        "user",
        id=user_id, email=email, login=email if taken else login, password=password, first_name=first_name,
        last_name=last_name, is_demo=user_id is not None and not administrator, administrator=administrator,
        added_ms=at_ms,
    )  # fmt: skip


def assign_agreements(
    state: State, user_id: int, agreement_ids: Iterable[int], *, signed_ms: int | None = None
) -> None:
    for agreement_id in agreement_ids:
        state.db.execute(
            "INSERT OR REPLACE INTO user_agreement (user_id, agreement_id, signed_ms) VALUES (?, ?, ?)",
            (user_id, agreement_id, signed_ms),
        )


def open_account(
    market: Market,
    user_id: int | None,
    *,
    alias: str | None = None,
    account_id: int | None = None,
    margin_type: str = "Cash",
    owner_type: str = "IndividualCustomer",
    option_level: int = 0,
    cash: Decimal = ZERO,
    clearing_firm: str = "PaperTrading",
    at_ms: int | None = None,
) -> int:
    """Open an account, of this user if one is given, with a first deposit in USD; its id."""
    now = market.now_ms() if at_ms is None else at_ms
    created = market.state.insert(
        "account",
        id=account_id, margin_type=margin_type, owner_type=owner_type, option_level=option_level, cash=ZERO,
        clearing_firm=clearing_firm, created_ms=now,
    )  # fmt: skip
    if user_id is not None:
        market.state.insert("account_user", account_id=created, user_id=user_id, access_type="Owner", alias=alias)
    post_cash(market, created, at_ms=now, kind="Payment", amount=cash, order_id=None)
    return created


def set_position(
    market: Market,
    account_id: int,
    symbol: str,
    *,
    quantity: Decimal,
    average_price: Decimal,
    at_ms: int | None = None,
) -> None:
    """Put shares into an account, as a transfer would; a quantity of 0 takes them out."""
    now = market.now_ms() if at_ms is None else at_ms
    market.state.db.execute("DELETE FROM position WHERE account_id = ? AND symbol = ?", (account_id, symbol))
    if quantity:
        market.state.insert(
            "position", account_id=account_id, symbol=symbol, quantity=quantity,
            cost=cents(quantity * average_price), create_ms=now, modify_ms=now,
        )  # fmt: skip

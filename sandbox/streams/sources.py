"""What can be subscribed to: who may, and what is there at the start. One source per entity type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.exchange.balances import balance_map, find_account, holdings, worth
from sandbox.exchange.candles import PERIODS_OF_CANDLES, Range, candles
from sandbox.exchange.market import Market
from sandbox.exchange.orders import read_orders
from sandbox.exchange.periods import INTRADAY
from sandbox.exchange.securities import Security, find_by_id, find_security
from sandbox.lists.alerts import alerts_of
from sandbox.lists.watchlists import WatchlistRefused, find_watchlist, watchlists_of
from sandbox.people.wealth import accounts_of, balances_together
from sandbox.streams import frames
from sandbox.streams.frames import Fields

ORDERS_AT_THE_START = 1000
LARGEST_ID = 2**63 - 1
_CANDLE_KEY = re.compile(r"([^|:]+)\|([^|:]*)\|([^|:]*):(\w+)")


@dataclass(frozen=True, slots=True)
class Source:
    """`server` is where the entity lives; `may_follow` asks for a user and a key."""

    server: str
    may_follow: Callable[[Market, int, str], bool]
    now: Callable[[Market, str], list[Fields]]


def number_in(key: str) -> int:
    """The id that a key is, -1 for what is none."""
    return int(key) if key.isascii() and key.isdigit() and int(key) <= LARGEST_ID else -1


# Who may


def _may_see_account(market: Market, user_id: int, key: str) -> bool:
    return (
        market.state.row("SELECT 1 FROM account_user WHERE account_id = ? AND user_id = ?", number_in(key), user_id)
        is not None
    )


def _is_self(market: Market, user_id: int, key: str) -> bool:
    return number_in(key) == user_id


def _may_see_watchlist(market: Market, user_id: int, key: str) -> bool:
    try:
        find_watchlist(market, user_id, number_in(key))
    except WatchlistRefused:
        return False
    return True


def _is_security(market: Market, user_id: int, key: str) -> bool:
    return find_by_id(number_in(key)) is not None


def _is_candle(market: Market, user_id: int, key: str) -> bool:
    return read_candle_key(key) is not None


def read_candle_key(key: str) -> tuple[Security, str] | None:
    """The security and the period of `AAPL|NGS|USD:1m`; exchange and currency are not looked at."""
    match = _CANDLE_KEY.fullmatch(key)
    security = find_security(match[1]) if match else None
    if match is None or security is None or match[4] not in PERIODS_OF_CANDLES:
        return None
    return security, match[4]


# What is there now


def _quotes(market: Market, key: str) -> list[Fields]:
    security = find_by_id(number_in(key))
    if security is None:
        return []
    return [frames.quote_frame(market, security, market.tape.quote(security.symbol, market.now_ms()))]


def candles_now(market: Market, key: str, *, most: int = 1) -> list[Fields]:
    """The newest candles, oldest first; only the last one is not completed."""
    known = read_candle_key(key)
    if known is None:
        return []
    security, period = known
    now = market.now_ms()
    wanted = Range(period, 0, now, most=most, outside=period in INTRADAY)
    bars = candles(market.tape, security, wanted, now_ms=now)
    places = range(max(len(bars) - most, 0), len(bars))
    return [frames.candle_frame(key, bars, place, is_completed=place < len(bars) - 1) for place in places]


def _orders(market: Market, key: str) -> list[Fields]:
    """The newest of the account, legs too, oldest first."""
    rows = market.state.rows(
        "SELECT * FROM orders WHERE account_id = ? ORDER BY id DESC LIMIT ?", number_in(key), ORDERS_AT_THE_START
    )
    return [frames.order_frame(market, order) for order in reversed(read_orders(rows))]


def _positions(market: Market, key: str) -> list[Fields]:
    return [frames.position_frame(held) for held in holdings(market, number_in(key), market.now_ms())]


def _account_balance(market: Market, key: str) -> list[Fields]:
    account = find_account(market, number_in(key))
    if account is None:
        return []
    return [frames.balance_frame("AccountBalance", key, balance_map(worth(market, account, market.now_ms())))]


def _user_balance(market: Market, key: str) -> list[Fields]:
    together = balances_together(market, accounts_of(market, number_in(key)))
    return [frames.balance_frame("UserBalance", key, together)]


def _watchlists(market: Market, key: str) -> list[Fields]:
    user_id = number_in(key)
    return [frames.watchlist_frame(user_id, found) for found in watchlists_of(market, user_id)]


def _nothing(market: Market, key: str) -> list[Fields]:
    """Members of a list are told as changes only."""
    return []


def _alerts(market: Market, key: str) -> list[Fields]:
    return [frames.alert_frame(row, state=row["state"]) for row in alerts_of(market, number_in(key))]


SOURCES: Mapping[str, Source] = {
    "Quote": Source("quote", _is_security, _quotes),
    "Candle": Source("quote", _is_candle, candles_now),
    "Order": Source("data", _may_see_account, _orders),
    "Position": Source("data", _may_see_account, _positions),
    "AccountBalance": Source("data", _may_see_account, _account_balance),
    "UserBalance": Source("data", _is_self, _user_balance),
    "Watchlist": Source("data", _is_self, _watchlists),
    "WatchlistContent": Source("data", _may_see_watchlist, _nothing),
    "PriceAlert": Source("data", _is_self, _alerts),
}

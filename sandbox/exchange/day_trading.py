"""Day trading: how often it was done, and what may still be spent on it today.

Source: the vendor's reference (API fact sheet 5.3.2). A day trade closes what was opened on the same day; counted are
the closing orders of the last five sessions. Buying power is four times the base: what was free at the previous close.
In `DayTrader` accounts it falls by four times the margin and the commission of what is bought, and grows again with
its sale; other margin accounts keep the morning's figure, cash accounts have none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal

from sandbox.exchange.calendar import eastern_day, last_opened, previous_close_ms
from sandbox.exchange.margin import Line, margin_rate, may_borrow, requirement
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.tickets import OPENING_SIDES

SESSIONS_COUNTED = 5
MULTIPLE = 4


def day_trades(market: Market, account_id: int, at_ms: int) -> int:
    """Day trades of the last five sessions, that of `at_ms` included."""
    session = last_opened(at_ms)
    for _ in range(SESSIONS_COUNTED - 1):
        session = last_opened(session.opens_ms - 1)
    rows = market.state.rows(
        "SELECT symbol, side, order_id, at_ms FROM execution WHERE account_id = ? AND at_ms >= ? ORDER BY id",
        account_id,
        previous_close_ms(session.opens_ms),
    )
    opened: set[tuple[object, str]] = set()
    closing_orders: set[int] = set()
    for row in rows:
        key = (eastern_day(row["at_ms"]), row["symbol"])
        if row["side"] in OPENING_SIDES:
            opened.add(key)
        elif key in opened:
            closing_orders.add(row["order_id"])
    return len(closing_orders)


def base_cash(market: Market, account: sqlite3.Row, lines_at_close: list[Line], at_ms: int) -> Decimal:
    """What was free at the previous close; `lines_at_close` at the prices of then. Money that came since does not
    count before the next session."""
    closed_ms = previous_close_ms(at_ms)
    rows = market.state.rows(
        "SELECT amount FROM cash_entry WHERE account_id = ? AND at_ms >= ?", account["id"], closed_ms
    )
    cash = account["cash"] - sum((row["amount"] for row in rows), ZERO)
    value = sum((line.value for line in lines_at_close), ZERO)
    free: Decimal = cash + value - requirement(market.tape, account, lines_at_close, closed_ms).total
    return max(free, ZERO)


def day_trading_power(
    market: Market, account: sqlite3.Row, base: Decimal, bought_today: Iterable[Decimal], at_ms: int
) -> Decimal:
    """What may be spent today, in USD; `bought_today` is what shares bought today and still held have cost."""
    if not may_borrow(account):
        return ZERO
    if account["margin_type"] != "DayTrader":
        return base * MULTIPLE
    rows = market.state.rows(
        "SELECT amount FROM cash_entry WHERE account_id = ? AND at_ms >= ? AND kind = 'Commission'",
        account["id"],
        previous_close_ms(at_ms),
    )
    commissions = -sum((row["amount"] for row in rows), ZERO)
    margin = cents(sum(bought_today, ZERO) * margin_rate(account))
    return max((base - margin - commissions) * MULTIPLE, ZERO)

"""Matching: everything happens whose moment has come, in order of time; how often or how late `run_due` is called
changes nothing."""

from __future__ import annotations

from sandbox.exchange.dividends import next_pay_day, pay_dividends
from sandbox.exchange.expiration import expire, next_expiring
from sandbox.exchange.families import react
from sandbox.exchange.lifecycle import LOOK_AHEAD_MS, happen, schedule
from sandbox.exchange.market import Market
from sandbox.exchange.options import option_ids
from sandbox.exchange.orders import NEVER_MS, Order, get_order, is_leg_of_strategy, read_order, read_orders
from sandbox.exchange.securities import security_of

__all__ = ["LOOK_AHEAD_MS", "reschedule", "run_due"]

_DUE = "SELECT * FROM orders WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 1"


def run_due(market: Market) -> int:
    """Let everything happen that is due by now; the number of events. One transaction for all of it."""
    now = market.now_ms()
    if market.state.row(_DUE, now) is None and not (next_expiring(market, now) or next_pay_day(market, now)):
        return 0
    events = 0
    with market.state.transaction():
        while _let_one_happen(market, now):
            events += 1
    return events


def _let_one_happen(market: Market, now: int) -> bool:
    """What is next: of orders, of options that end, and of dividends. At the same moment they come in this order."""
    row, position, pay_day = market.state.row(_DUE, now), next_expiring(market, now), next_pay_day(market, now)
    order_ms = row["due_ms"] if row else NEVER_MS
    ends_ms = position["expires_ms"] if position else NEVER_MS
    pays_ms = pay_day.at_ms if pay_day else NEVER_MS
    if row and order_ms <= min(ends_ms, pays_ms):
        order = read_order(row)
        happen(market, order, order_ms)
        schedule(market, order, order_ms)
        react(market, order, order_ms)
    elif position and ends_ms <= pays_ms:
        expire(market, position)
    elif pay_day:
        pay_dividends(market, pay_day)
    return bool(row or position or pay_day)


def reschedule(market: Market, symbol: str | None = None) -> None:
    """Find new moments for open orders after prices or hours were changed by hand. Call `run_due` first.

    Options move with their underlying, so they are looked at with it.
    """
    where, values = (
        ("1 = 1", ())
        if symbol is None
        else (
            "(symbol = ? OR security_id BETWEEN ? AND ?)",
            (symbol, *option_ids(security_of(symbol))),
        )
    )
    rows = market.state.rows(f"SELECT * FROM orders WHERE due_ms IS NOT NULL AND {where}", *values)  # noqa: S608
    strategies: dict[int, Order] = {}
    for order in read_orders(rows):
        schedule(market, order, market.now_ms())
        if order.parent_id is not None and is_leg_of_strategy(market.state, order):
            strategies[order.parent_id] = get_order(market.state, order.parent_id)
    for head in strategies.values():
        schedule(market, head, market.now_ms())

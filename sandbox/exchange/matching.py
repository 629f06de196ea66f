"""Matching: everything happens whose moment has come, in order of time; how often or how late `run_due` is called
changes nothing."""

from __future__ import annotations

from sandbox.exchange.expiration import expire, next_expiring
from sandbox.exchange.families import react
from sandbox.exchange.lifecycle import LOOK_AHEAD_MS, happen, schedule
from sandbox.exchange.market import Market
from sandbox.exchange.options import option_ids
from sandbox.exchange.orders import Order, get_order, is_leg_of_strategy, read_order, read_orders
from sandbox.exchange.securities import security_of

__all__ = ["LOOK_AHEAD_MS", "reschedule", "run_due"]

_DUE = "SELECT * FROM orders WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 1"


def run_due(market: Market) -> int:
    """Let everything happen that is due by now; the number of events. One transaction for all of it."""
    now = market.now_ms()
    if market.state.row(_DUE, now) is None and next_expiring(market, now) is None:
        return 0
    events = 0
    with market.state.transaction():
        while _let_one_happen(market, now):
            events += 1
    return events


def _let_one_happen(market: Market, now: int) -> bool:
    """What is next: of orders and of options that end. At the same moment orders come first."""
    row = market.state.row(_DUE, now)
    position = next_expiring(market, now)
    if position is not None and (row is None or position["expires_ms"] < row["due_ms"]):
        expire(market, position)
        return True
    if row is None:
        return False
    order, moment = read_order(row), row["due_ms"]
    happen(market, order, moment)
    schedule(market, order, moment)
    react(market, order, moment)
    return True


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

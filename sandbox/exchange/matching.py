"""Matching: what happens to each open order, at the moment at which it happens.

Prices are a pure function of time, so nothing has to be watched. Each open order carries `due_ms`, the next moment
at which something happens to it: acceptance, a fill, the end of the day, a cancellation. `run_due` lets everything
happen whose moment has come, in order of time; how often or how late it is called changes nothing.
"""

from __future__ import annotations

import sqlite3
from decimal import ROUND_UP, Decimal

from sandbox.exchange.balances import post_cash
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.options import option_ids
from sandbox.exchange.orders import REFUSALS, Order, log_event, read_order, save_order
from sandbox.exchange.prices import STEP_MS, Quote
from sandbox.exchange.securities import security_of

LOOK_AHEAD_MS = 24 * 3_600_000
MOST_SLICES = 8

_DUE = "SELECT * FROM orders WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 1"


def run_due(market: Market) -> int:
    """Let everything happen that is due by now; the number of events. One transaction for all of it."""
    now = market.now_ms()
    if market.state.row(_DUE, now) is None:
        return 0
    events = 0
    with market.state.transaction():
        while row := market.state.row(_DUE, now):
            order = read_order(row)
            moment = row["due_ms"]
            _happen(market, order, moment)
            order.due_ms = None if order.is_final else next_moment(market, order, moment)
            save_order(market.state, order)
            events += 1
    return events


def reschedule(market: Market, symbol: str | None = None) -> None:
    """Find new moments for open orders after prices or hours were changed by hand. Call `run_due` first.

    Options move with their underlying, so they are looked at with it.
    """
    now = market.now_ms()
    where, values = (
        ("1 = 1", ())
        if symbol is None
        else (
            "(symbol = ? OR security_id BETWEEN ? AND ?)",
            (symbol, *option_ids(security_of(symbol))),
        )
    )
    rows = market.state.rows(f"SELECT * FROM orders WHERE due_ms IS NOT NULL AND {where}", *values)  # noqa: S608
    for row in rows:
        order = read_order(row)
        order.due_ms = next_moment(market, order, now)
        save_order(market.state, order)


def next_moment(market: Market, order: Order, after_ms: int) -> int:
    """When to look at the order next; at the latest in a day, so that a search never goes too far."""
    if order.status == "PendingNew":
        return order.accept_ms
    horizon = min(ms for ms in (order.cancel_ms, order.expire_ms, after_ms + LOOK_AHEAD_MS) if ms is not None)
    touch = market.tape.first_touch(
        order.symbol, side=order.side, limit=order.limit, from_ms=max(after_ms, order.fill_from_ms), until_ms=horizon
    )
    return horizon if touch is None else touch


def _happen(market: Market, order: Order, moment: int) -> None:
    if order.status == "PendingNew":
        _accept(market, order, moment)
    elif order.cancel_ms is not None and order.cancel_ms <= moment:
        _end(market, order, "Canceled", target="Cancel", at_ms=moment)
    elif order.expire_ms is not None and order.expire_ms <= moment:
        _end(market, order, "DoneForDay", target="New", at_ms=moment, description="Expired by OMS")
    elif order.fill_from_ms <= moment and market.hours.is_open(moment):
        quote = market.tape.quote(order.symbol, moment)
        price = quote.for_side(order.side)
        if order.limit is None or (price <= order.limit if order.side == "Buy" else price >= order.limit):
            _fill(market, order, quote, moment)


def _accept(market: Market, order: Order, moment: int) -> None:
    if order.late_reject:
        order.error_code, order.error_text = order.late_reject, REFUSALS.get(order.late_reject, order.late_reject)
        _end(market, order, "Rejected", target="Reject", at_ms=moment, description=order.late_reject)
        return
    order.turn("New", request_status="Complete", target="New", at_ms=moment)
    order.transaction_ms = moment
    log_event(market.state, order, at_ms=moment)


def _end(
    market: Market, order: Order, status: str, *, target: str, at_ms: int, description: str | None = None
) -> None:
    done = "Rejected" if status == "Rejected" else "Complete"
    order.turn(status, request_status=done, target=target, at_ms=at_ms, description=description)
    order.reserved = ZERO
    log_event(market.state, order, at_ms=at_ms)


def _fill(market: Market, order: Order, quote: Quote, moment: int) -> None:
    """Trade one slice at the touch: the buyer pays the ask, the seller gets the bid."""
    quantity = _slice(market, order, moment)
    price = quote.for_side(order.side)
    is_first = not order.executed
    commission = market.commission if is_first else ZERO
    pending_rest = order.reserved - (commission if order.side == "Buy" else ZERO)
    leaves_before = order.leaves

    order.executed += quantity
    order.executed_value += quantity * price
    order.last_price, order.last_quantity = price, quantity
    order.exec_id = f"{order.id}-{moment}"
    order.transaction_ms = moment
    order.fill_from_ms = (moment // STEP_MS + 1) * STEP_MS
    order.reserved = cents(max(pending_rest, ZERO) * order.leaves / leaves_before)
    _settle(market, order, quote, quantity=quantity, commission=commission, at_ms=moment)

    if not order.leaves:
        order.turn("Filled", request_status="Complete", target="Execution", at_ms=moment)
    elif order.cancel_ms is None:
        order.turn("PartiallyFilled", request_status="Complete", target="Execution", at_ms=moment)
    log_event(market.state, order, at_ms=moment)


def _slice(market: Market, order: Order, moment: int) -> Decimal:
    """How much of the order trades in this second: what the touch offers, but all of it in eight goes at most."""
    fair_share = (order.quantity / MOST_SLICES).to_integral_value(ROUND_UP)
    return min(order.leaves, max(market.tape.liquidity(order.symbol, order.id, moment), fair_share))


def _settle(market: Market, order: Order, quote: Quote, *, quantity: Decimal, commission: Decimal, at_ms: int) -> None:
    """Move cash and shares for one slice. Trades settle at once."""
    price = quote.for_side(order.side)
    value = cents(quantity * price)
    if order.side == "Buy":
        realized = _add_shares(market, order, quantity, value, at_ms)
    else:
        realized = _take_shares(market, order, quantity, value, at_ms)
    sign = -1 if order.side == "Buy" else 1
    book = {"at_ms": at_ms, "order_id": order.id}
    post_cash(market, order.account_id, kind="OrderExecution", amount=sign * value, **book)
    post_cash(market, order.account_id, kind="Commission", amount=-commission, **book)
    market.state.insert(
        "execution",
        order_id=order.id, account_id=order.account_id, symbol=order.symbol, side=order.side, quantity=quantity,
        price=price, bid=quote.bid, ask=quote.ask, commission=commission, realized=realized, at_ms=at_ms,
    )  # fmt: skip


def _position(market: Market, order: Order) -> sqlite3.Row | None:
    return market.state.row(
        "SELECT * FROM position WHERE account_id = ? AND symbol = ?", order.account_id, order.symbol
    )


def _add_shares(market: Market, order: Order, quantity: Decimal, value: Decimal, at_ms: int) -> Decimal:
    """Open or increase a position at its weighted average cost."""
    row = _position(market, order)
    if row is None:
        market.state.insert(
            "position", account_id=order.account_id, symbol=order.symbol, quantity=quantity, cost=value,
            create_ms=at_ms, modify_ms=at_ms,
        )  # fmt: skip
    else:
        market.state.db.execute(
            "UPDATE position SET quantity = ?, cost = ?, modify_ms = ? WHERE id = ?",
            (row["quantity"] + quantity, row["cost"] + value, at_ms, row["id"]),
        )
    return ZERO


def _take_shares(market: Market, order: Order, quantity: Decimal, value: Decimal, at_ms: int) -> Decimal:
    """Reduce a position; returns the profit or loss against its average cost, commission not counted."""
    row = _position(market, order)
    assert row is not None  # noqa: S101 - order entry sells only what is held
    rest = row["quantity"] - quantity
    cost_of_sold = row["cost"] if not rest else cents(row["cost"] * quantity / row["quantity"])
    realized: Decimal = value - cost_of_sold
    market.state.db.execute(
        "UPDATE position SET quantity = ?, cost = ?, realized = ?, closed_quantity = ?, closed_value = ?,"
        " modify_ms = ? WHERE id = ?",
        (
            rest, row["cost"] - cost_of_sold, row["realized"] + realized, row["closed_quantity"] + quantity,
            row["closed_value"] + value, at_ms, row["id"],
        ),
    )  # fmt: skip
    return realized

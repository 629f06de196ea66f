"""What orders take from an account: the price that is assumed, the money that is free, the shares that are claimed."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from sandbox.exchange.margin import Line, line_of, requirement
from sandbox.exchange.market import Market
from sandbox.exchange.money import CENT, ZERO
from sandbox.exchange.orders import Order
from sandbox.exchange.prices import Quote
from sandbox.exchange.tickets import Ticket


def assumed_price(ticket: Ticket, quote: Quote) -> Decimal:
    """The price that buying power is checked with: the limit where there is one, else what the market would do."""
    if ticket.type in ("Limit", "StopLimit") and ticket.price:
        return ticket.price
    if ticket.type == "Stop" and ticket.stop_price:
        return ticket.stop_price
    if ticket.type.startswith("Trailing"):
        stop = ticket.trail.stop(quote.last)
        return max(stop + _offset(ticket, stop), quote.for_side(ticket.side)) if ticket.is_buy else quote.bid
    return quote.for_side(ticket.side)


def _offset(ticket: Ticket, stop: Decimal) -> Decimal:
    """How far the limit of a trailing stop limit order lies from its stop."""
    amount = ticket.trail_limit_amount or ZERO
    return amount if ticket.trail_limit_type == "Absolute" else stop * amount / 100


def pending(account: sqlite3.Row) -> Decimal:
    """What open orders reserve, in USD."""
    return account["pending_cents"] * CENT


def lines_of(market: Market, account_id: int, at_ms: int) -> list[Line]:
    """All positions at their last prices."""
    rows = market.state.rows(
        "SELECT symbol, quantity FROM position WHERE account_id = ? AND quantity <> '0'", account_id
    )
    return [line_of(market.tape, row["symbol"], row["quantity"], at_ms) for row in rows]


def excess(market: Market, account: sqlite3.Row, at_ms: int) -> Decimal:
    """What is free for new positions. The excess of `balances.worth` alone, for order entry, which asks often."""
    lines = lines_of(market, account["id"], at_ms)
    free: Decimal = account["cash"] - pending(account) - requirement(market.tape, account, lines, at_ms).total
    return free + sum((line.value for line in lines), ZERO)


def held(market: Market, account_id: int, symbol: str) -> Decimal:
    """Shares or contracts in the account; negative when sold short."""
    row = market.state.row("SELECT quantity FROM position WHERE account_id = ? AND symbol = ?", account_id, symbol)
    return row["quantity"] if row else ZERO


def closable(market: Market, account_id: int, symbol: str, side: str, *, besides: Order | None = None) -> Decimal:
    """How much a Sell or a BuyToCover may still close: what is held and not claimed by open orders of that side.

    Siblings claim the same shares, since only one of them will trade. `besides` is an order that does not count, nor
    do its relatives.
    """
    quantity = held(market, account_id, symbol)
    rows: list[Any] = market.state.rows(
        "SELECT id, parent_id, quantity, executed FROM orders WHERE account_id = ? AND symbol = ? AND side = ?"
        " AND status <> 'Held' AND due_ms IS NOT NULL",
        account_id,
        symbol,
        side,
    )
    relatives = {besides.id, besides.parent_id} - {None} if besides else set()
    claims: dict[int, Decimal] = {}
    for row in rows:
        if besides is not None and (row["id"] == besides.id or row["parent_id"] in relatives):
            continue
        key = row["parent_id"] or row["id"]
        claims[key] = max(claims.get(key, ZERO), row["quantity"] - row["executed"])
    owned = quantity if side == "Sell" else -quantity
    return owned - sum(claims.values(), ZERO)

"""Order entry: the checks before an order is taken, its preview, placing and cancelling."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from sandbox.exchange.balances import find_account
from sandbox.exchange.calendar import PARTS_OF_DAY
from sandbox.exchange.checks import Verdict, judge_single
from sandbox.exchange.funds import closable, excess, margin_rate
from sandbox.exchange.market import Market
from sandbox.exchange.matching import next_moment, run_due
from sandbox.exchange.money import ZERO
from sandbox.exchange.orders import (
    LIMIT_TYPES,
    STOP_TYPES,
    Order,
    find_order,
    insert_order,
    log_event,
    next_order_id,
    read_order,
    save_order,
)
from sandbox.exchange.securities import Security
from sandbox.exchange.tickets import AUCTIONS, Ticket
from sandbox.exchange.walk import key_of, mix

LATEST_ACCEPTANCE_MS = 500


class OrderNotCancelable(Exception):
    """The order is final already, or somebody has asked to cancel it before."""


def judge(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Verdict:
    """Check a ticket against the rules, the account and the market of this moment."""
    return judge_single(market, account, user_id, ticket)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that the account could buy or sell of a security, in whole shares, and the prices assumed in USD."""

    buy_price: Decimal
    sell_price: Decimal
    buy: Decimal
    sell: Decimal


def order_limits(market: Market, account: sqlite3.Row, security: Security, price: Decimal) -> Limits:
    """A price of 0 means the market price."""
    now = market.now_ms()
    quote = market.tape.quote(security.symbol, now)
    buy_price, sell_price = price or quote.ask, price or quote.bid
    free = excess(market, account, now) - market.commission
    affordable = (free / (buy_price * margin_rate(account))).to_integral_value(ROUND_DOWN)
    return Limits(
        buy_price,
        sell_price,
        max(affordable, ZERO),
        max(closable(market, account["id"], security.symbol, "Sell"), ZERO),
    )


def place_order(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Order:
    """Take an order, good or bad: a refused one is kept as Rejected, with the reason."""
    run_due(market)
    if market.settings.deduplicate_client_id and (known := _known_by_client_id(market, account["id"], ticket)):
        return known
    account = find_account(market, account["id"]) or account  # what was due may have changed it
    verdict = judge(market, account, user_id, ticket)
    order = draft(market, account["id"], user_id, ticket, verdict)
    if verdict.code is None:
        order.claim = order.reserved = verdict.claim
        order.due_ms = next_moment(market, order, order.create_ms)
    else:
        order.turn("Rejected", request_status="Rejected", target="Reject", at_ms=order.create_ms)
        order.description, order.error_code, order.error_text = verdict.code, verdict.code, verdict.text
    with market.state.transaction():
        insert_order(market.state, order)
        log_event(market.state, order, at_ms=order.create_ms, is_request=True)
    return order


def _known_by_client_id(market: Market, account_id: int, ticket: Ticket) -> Order | None:
    if not ticket.client_id:
        return None
    row = market.state.row(
        "SELECT * FROM orders WHERE account_id = ? AND sent_client_id = ? ORDER BY id", account_id, ticket.client_id
    )
    return read_order(row) if row else None


def draft(market: Market, account_id: int, user_id: int, ticket: Ticket, verdict: Verdict) -> Order:
    """The order that a ticket becomes: with its id and its moments, not stored yet."""
    now = market.now_ms()
    settings, security = market.settings, verdict.security
    order_id = next_order_id(market.state)
    luck = mix(key_of(market.seed, "latency"), order_id)
    accept_ms = now + 150 + luck % (LATEST_ACCEPTANCE_MS - 150)
    echoed = ticket.client_id if settings.echo_client_id else None
    return Order(
        id=order_id,
        account_id=account_id,
        user_id=user_id,
        client_id=echoed or str(1_000_000_000 + order_id),
        sent_client_id=ticket.client_id,
        request_id=order_id + 20_000,
        symbol=security.symbol if security else (ticket.symbol or ""),
        security_id=security.id if security else 0,
        side=ticket.side,
        initial_type=ticket.type,
        type=ticket.type,
        tif=ticket.tif,
        quantity=verdict.quantity or ticket.quantity,
        price=ticket.price or ZERO if ticket.type in LIMIT_TYPES else ZERO,
        stop_price=ticket.stop_price or ZERO if ticket.type in STOP_TYPES else ZERO,
        trail_type=ticket.trail_type,
        trail_amount=ticket.trail_amount or ZERO,
        trail_limit_type=ticket.trail_limit_type,
        trail_limit_amount=ticket.trail_limit_amount or ZERO,
        exchange=ticket.exchange,
        exec_inst=ticket.exec_inst or "None",
        comment=ticket.comment,
        extended_hours=ticket.hours if ticket.extended_hours else None,
        create_ms=now,
        date_ms=now,
        transaction_ms=now,
        listed_ms=now + int(settings.visibility_lag_seconds * 1000),
        accept_ms=accept_ms,
        fill_from_ms=accept_ms + 150 + (luck >> 32) % 850,
        expire_ms=expiry_of(market, ticket, now),
        late_reject=settings.late_reject,
    )


def expiry_of(market: Market, ticket: Ticket, entered_ms: int) -> int | None:
    """When the order ends by itself: with its day, on its date, in its auction; None for good till cancel."""
    if ticket.tif == "GoodTillCancel":
        return None
    if ticket.tif == "GoodTillDate":
        return ticket.expire_ms
    if ticket.tif in AUCTIONS:
        # The auction must not come before the order is accepted.
        return market.hours.auction_ms(entered_ms + LATEST_ACCEPTANCE_MS, opening=ticket.tif == "AtTheOpening")
    hours = ticket.hours if ticket.hours in PARTS_OF_DAY else "REG"
    return market.hours.day_order_ends(entered_ms, hours)


def cancel_order(market: Market, account_id: int, order_id: int) -> Order | None:
    """Ask for cancellation; it takes effect a moment later, and a fill may come first.

    None when there is no such order. Raises OrderNotCancelable.
    """
    run_due(market)
    order = find_order(market.state, account_id, order_id)
    if order is None:
        return None
    if order.is_final or order.cancel_ms is not None:
        raise OrderNotCancelable(order_id)
    now = market.now_ms()
    order.cancel_ms = now + 100 + mix(key_of(market.seed, "cancel"), order.id) % 300
    order.turn("PendingCancel", request_status="Executing", target="Cancel", at_ms=now)
    order.due_ms = next_moment(market, order, now)
    with market.state.transaction():
        save_order(market.state, order)
        log_event(market.state, order, at_ms=now, is_request=True)
    return order

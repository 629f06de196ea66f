"""Order entry: the checks before an order is taken, its preview, placing and cancelling."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from sandbox.exchange.balances import excess, margin_rate, sellable
from sandbox.exchange.market import Market
from sandbox.exchange.matching import next_moment, run_due
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.orders import (
    REFUSALS,
    Order,
    find_order,
    insert_order,
    log_event,
    next_order_id,
    read_order,
    save_order,
)
from sandbox.exchange.prices import Quote
from sandbox.exchange.securities import Security, find_security
from sandbox.exchange.walk import key_of, mix

SHORT_FORMS = {"GTC": "GoodTillCancel"}
PLAIN_EXEC_INSTS = (None, "", "None", "DoNotIncrease", "DoNotReduce")
REGULAR_HOURS = (None, "", "REG")


class OrderNotCancelable(Exception):
    """The order is final already, or somebody has asked to cancel it before."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a client asks for, names and numbers already understood. `quantity` is positive."""

    symbol: str | None
    side: str
    type: str
    quantity: Decimal
    price: Decimal | None = None
    tif: str = "Day"
    exchange: str = "Auto"
    client_id: str | None = None
    comment: str | None = None
    extended_hours: str | None = None
    exec_inst: str | None = None
    has_legs: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks found. `code` is None when the order may be placed; money in USD."""

    code: str | None
    text: str = ""
    security: Security | None = None
    quote: Quote | None = None
    cost: Decimal = ZERO
    commission: Decimal = ZERO
    margin_change: Decimal = ZERO
    rate: Decimal = Decimal(1)


def judge(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Verdict:
    """Check a ticket against the rules, the account and the market of this moment."""
    security = find_security(ticket.symbol)
    quote = market.tape.quote(security.symbol, market.now_ms()) if security else None
    refusal = (
        _refuse_account(market, account, user_id) or _refuse_kind(ticket, security) or _refuse_price(ticket, security)
    )
    if refusal or security is None or quote is None:
        return Verdict(*(refusal or _because("SymbolNotFound")), security=security, quote=quote)

    rate = margin_rate(account)
    price = ticket.price if ticket.type == "Limit" and ticket.price else quote.for_side(ticket.side)
    cost = cents(price * ticket.quantity)
    change = cents(cost * rate) * (1 if ticket.side == "Buy" else -1)
    code: str | None = None
    if ticket.side == "Buy" and change + market.commission > excess(market, account, market.now_ms()):
        code = "DayTradingBuyingPowerExceeded"
    elif ticket.side == "Sell" and ticket.quantity > sellable(market, account["id"], security.symbol):
        code = "InsufficientShares"
    return Verdict(code, REFUSALS.get(code or "", ""), security, quote, cost, market.commission, change, rate)


def _refuse_account(market: Market, account: sqlite3.Row, user_id: int) -> tuple[str, str] | None:
    if account["status"] != "Approved":
        return _because("AccountIsNotApproved")
    if account["restricted"] or not account["enabled"]:
        return _because("AccountRestricted")
    if market.settings.enforce_agreements and market.state.row(
        "SELECT 1 FROM user_agreement JOIN agreement ON agreement.id = agreement_id"
        " WHERE user_id = ? AND signed_ms IS NULL AND current AND NOT can_skip",
        user_id,
    ):
        return _because("AccountRestricted", "Outstanding agreements have to be signed first.")
    return None


def _refuse_kind(ticket: Ticket, security: Security | None) -> tuple[str, str] | None:
    """Refuse what this exchange does not trade (yet)."""
    if ticket.has_legs or ticket.type not in ("Market", "Limit"):
        return _because("InvalidOrderType")
    if security is None:
        return _because("SymbolNotFound")
    if security.is_option or security.is_fund:
        return _because("InvalidOrderType")
    if ticket.side not in ("Buy", "Sell"):
        return _because("InvalidOrderType", "Short sales are not supported for the security.")
    if ticket.tif not in ("Day", "GoodTillCancel"):
        return _because("InvalidOrderType", f"Time in force {ticket.tif} is not supported for the security.")
    if ticket.type == "Market" and ticket.tif != "Day":
        return _because("InvalidOrderType", "A market order is good for the day only.")
    if ticket.exec_inst not in PLAIN_EXEC_INSTS or (ticket.extended_hours or "").upper() not in REGULAR_HOURS:
        return _because("InvalidOrderType", "The execution instruction or session is not supported.")
    if ticket.quantity != ticket.quantity.to_integral_value():
        return _because("InvalidOrderType", "Fractional quantities are not supported for the security.")
    return None


def _refuse_price(ticket: Ticket, security: Security | None) -> tuple[str, str] | None:
    if ticket.type != "Limit" or security is None:
        return None
    if ticket.price is None:
        return _because("LimitPriceUndefined")
    if ticket.price <= 0:
        return _because("QuotePriceIsInvalid")
    if ticket.price % security.tick:
        return _because("QuotePriceIsInvalid", f"The price has to be a multiple of {security.tick}.")
    return None


def _because(code: str, text: str | None = None) -> tuple[str, str]:
    return code, text or REFUSALS[code]


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
        buy_price, sell_price, max(affordable, ZERO), max(sellable(market, account["id"], security.symbol), ZERO)
    )


def place_order(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Order:
    """Take an order, good or bad: a refused one is kept as Rejected, with the reason."""
    run_due(market)
    if market.settings.deduplicate_client_id and (known := _known_by_client_id(market, account["id"], ticket)):
        return known
    verdict = judge(market, account, user_id, ticket)
    order = _draft(market, account["id"], user_id, ticket, verdict)
    if verdict.code is None:
        order.reserved = verdict.margin_change + verdict.commission if ticket.side == "Buy" else ZERO
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


def _draft(market: Market, account_id: int, user_id: int, ticket: Ticket, verdict: Verdict) -> Order:
    now = market.now_ms()
    settings, security = market.settings, verdict.security
    order_id = next_order_id(market.state)
    luck = mix(key_of(market.seed, "latency"), order_id)
    accept_ms = now + 150 + luck % 350
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
        type=ticket.type,
        tif=ticket.tif,
        quantity=ticket.quantity,
        price=ticket.price if ticket.type == "Limit" and ticket.price is not None else ZERO,
        exchange=ticket.exchange,
        comment=ticket.comment,
        extended_hours=ticket.extended_hours,
        create_ms=now,
        date_ms=now,
        transaction_ms=now,
        listed_ms=now + int(settings.visibility_lag_seconds * 1000),
        accept_ms=accept_ms,
        fill_from_ms=accept_ms + 150 + (luck >> 32) % 850,
        expire_ms=market.hours.day_order_ends(now) if ticket.tif == "Day" else None,
        late_reject=settings.late_reject,
    )


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

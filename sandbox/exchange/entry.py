"""Order entry: previews, limits, and placing and replacing orders."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from sandbox.exchange.balances import find_account
from sandbox.exchange.cancelling import OrderNotCancelable, cancel_order
from sandbox.exchange.checks import Verdict, because, judge_single
from sandbox.exchange.conditional import judge_conditional
from sandbox.exchange.drafts import draft, strategy_expiry
from sandbox.exchange.families import share_reserve, trigger_and_others
from sandbox.exchange.funds import closable, excess
from sandbox.exchange.lifecycle import next_moment, schedule
from sandbox.exchange.margin import FULLY_PAID, margin_rate
from sandbox.exchange.market import Market
from sandbox.exchange.matching import run_due
from sandbox.exchange.money import ZERO
from sandbox.exchange.orders import (
    NEVER_MS,
    Order,
    find_order,
    insert_order,
    is_leg_of_strategy,
    legs_of,
    log_event,
    read_order,
)
from sandbox.exchange.replacing import Change, ask_for_replacement, changed_ticket
from sandbox.exchange.securities import Security
from sandbox.exchange.strategies import judge_strategy
from sandbox.exchange.tickets import Ticket, ticket_of

__all__ = [
    "Limits", "OrderNotCancelable", "OrderNotReplaceable", "UnknownLeg", "cancel_order", "judge", "judge_again",
    "judge_change", "order_limits", "place_order", "replace_order",
]  # fmt: skip


class OrderNotReplaceable(Exception):
    """The order is final, or being cancelled or replaced already, or of a kind that cannot be replaced."""


class UnknownLeg(Exception):
    """A replace names a leg that the order does not have."""


def judge(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Verdict:
    """Check a ticket against the rules, the account and the market of this moment."""
    if ticket.is_conditional:
        return judge_conditional(market, account, user_id, ticket)
    if ticket.is_strategy:
        return judge_strategy(market, account, user_id, ticket)
    return judge_single(market, account, user_id, ticket)


def judge_again(market: Market, account: sqlite3.Row, order: Order) -> Verdict:
    """Check an order that is there already, as if it were entered now; of a conditional one each leg."""
    if order.is_strategy:
        return _judge_in_place(market, account, order, ticket_of(order))
    parts = legs_of(market.state, order) if order.is_conditional else [order]
    return _worst([_judge_in_place(market, account, part, ticket_of(part)) for part in parts if not part.is_final])


def _leg_ticket(head: Order, leg: Order) -> Ticket:
    """A leg as it was asked for: for one strategy."""
    return Ticket(leg.symbol, leg.side, "Market", leg.quantity / head.quantity)


def judge_change(market: Market, account: sqlite3.Row, order: Order, change: Change) -> Verdict:
    """Check what an order would become, of a conditional one each leg that changes. Raises UnknownLeg."""
    changes = _changes(market, order, change)
    return _worst([_judge_change(market, account, part, wanted) for part, wanted in changes])


def _worst(verdicts: list[Verdict]) -> Verdict:
    bad = next((verdict for verdict in verdicts if verdict.code), None)
    return bad or (verdicts[0] if verdicts else Verdict(*because("InvalidOrderType", "There is nothing to check.")))


def _judge_in_place(market: Market, account: sqlite3.Row, order: Order, ticket: Ticket) -> Verdict:
    """The verdict about an order as the ticket has it; legs of a strategy stay as they are, in their ratio."""
    if order.is_strategy:
        legs = tuple(_leg_ticket(order, leg) for leg in legs_of(market.state, order))
        return judge_strategy(market, account, order.user_id, replace(ticket, legs=legs), instead_of=order)
    return judge_single(
        market, account, order.user_id, ticket, instead_of=order, funded=not (order.is_asleep or order.is_final)
    )


def _changes(market: Market, order: Order, change: Change) -> list[tuple[Order, Change]]:
    """What changes in which order: a conditional head has nothing of its own, its legs are named. Those of a strategy
    may be named, but follow their head."""
    legs = {leg.id: leg for leg in legs_of(market.state, order)}
    if legs and (unknown := {wanted.order_id for wanted in change.legs} - set(legs)):
        raise UnknownLeg(unknown)
    if not order.is_conditional:
        return [(order, change)]
    return [(legs[wanted.order_id], wanted) for wanted in change.legs]


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
    buy_price, sell_price = price or quote.for_side("Buy"), price or quote.for_side("Sell")
    free = excess(market, account, now) - market.commission
    rate = FULLY_PAID if security.is_option else margin_rate(account)
    each = buy_price * security.contract_size * rate
    if security.is_option:
        each += market.contract_commission
    affordable = (free / each).to_integral_value(ROUND_DOWN) if each else ZERO
    sellable = closable(market, account["id"], security.symbol, "Sell")
    return Limits(buy_price, sell_price, max(affordable, ZERO), max(sellable, ZERO))


def place_order(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Order:
    """Take an order, good or bad: a refused one is kept as Rejected, with the reason."""
    run_due(market)
    if market.settings.deduplicate_client_id and (known := _known_by_client_id(market, account["id"], ticket)):
        return known
    account = find_account(market, account["id"]) or account  # what was due may have changed it
    verdict = judge(market, account, user_id, ticket)
    order = draft(market, account["id"], user_id, ticket, verdict)
    legs = [
        draft(market, account["id"], user_id, leg, leg_verdict, number=number, parent=order)
        for number, (leg, leg_verdict) in enumerate(_legs(ticket, verdict), start=1)
    ]
    if verdict.code is not None:
        for refused in (order, *legs):
            _refuse(refused, verdict)
    elif order.is_conditional:
        _arrange(ticket, verdict, legs)
    else:
        order.claim = order.reserved = verdict.claim
        order.side = order.side or verdict.side
        _tie(order, legs)
    with market.state.transaction():
        for one in (order, *legs):
            one.due_ms = None if one.is_final else next_moment(market, one, one.create_ms)
            insert_order(market.state, one)
            log_event(market.state, one, at_ms=one.create_ms, is_request=True)
    return order


def _legs(ticket: Ticket, verdict: Verdict) -> list[tuple[Ticket, Verdict]]:
    """The legs of an order that can have some, with the verdict about each, or about the whole."""
    verdicts = verdict.legs or tuple(Verdict(verdict.code, verdict.text) for _ in ticket.legs)
    return list(zip(ticket.legs, verdicts, strict=True))


def _refuse(order: Order, verdict: Verdict) -> None:
    order.turn("Rejected", request_status="Rejected", target="Reject", at_ms=order.create_ms)
    order.description, order.error_code, order.error_text = verdict.code, verdict.code, verdict.text


def _tie(head: Order, legs: list[Order]) -> None:
    """Legs of a strategy do nothing by themselves; it ends with the first of its options."""
    if not legs:
        return
    head.expire_ms = strategy_expiry(legs, head.expire_ms)
    for leg in legs:
        leg.fill_from_ms, leg.expire_ms, leg.tif = NEVER_MS, None, head.tif


def _arrange(ticket: Ticket, verdict: Verdict, legs: list[Order]) -> None:
    """Reserve for the legs that are sent to the market, and put the others to sleep."""
    for leg, leg_verdict in zip(legs, verdict.legs, strict=True):
        leg.claim = leg.reserved = leg_verdict.claim
    if ticket.type == "OneCancelOther":
        share_reserve(legs)
        return
    _, others = trigger_and_others(ticket.type, legs)
    for leg in others:
        leg.turn("Held", request_status="Validated", target="New", at_ms=leg.create_ms)
        leg.fill_from_ms, leg.expire_ms, leg.claim, leg.reserved = NEVER_MS, None, ZERO, ZERO


def _known_by_client_id(market: Market, account_id: int, ticket: Ticket) -> Order | None:
    if not ticket.client_id:
        return None
    row = market.state.row(
        "SELECT * FROM orders WHERE account_id = ? AND sent_client_id = ? ORDER BY id", account_id, ticket.client_id
    )
    return read_order(row) if row else None


def replace_order(market: Market, account: sqlite3.Row, order_id: int, change: Change) -> Order | None:
    """Ask for a replacement; a refused one leaves the order as it is and says why. With a head its legs are replaced.

    None when there is no such order. Raises OrderNotReplaceable and UnknownLeg.
    """
    run_due(market)
    order = find_order(market.state, account["id"], order_id)
    if order is None:
        return None
    account = find_account(market, account["id"]) or account
    _check_replaceable(market, order)
    changes = _changes(market, order, change)
    for part, _ in changes:
        _check_replaceable(market, part)
    verdicts = [_judge_change(market, account, part, wanted) for part, wanted in changes]
    bad = next((verdict for verdict in verdicts if verdict.code), None)
    with market.state.transaction():
        for (part, wanted), verdict in zip(changes, verdicts, strict=True):
            if bad:
                _refuse_change(part, bad, market.now_ms())
            else:
                ask_for_replacement(market, part, changed_ticket(part, wanted), verdict.claim)
            log_event(market.state, part, at_ms=market.now_ms(), is_request=True)
            schedule(market, part, market.now_ms())
    return find_order(market.state, account["id"], order_id)


def _judge_change(market: Market, account: sqlite3.Row, order: Order, change: Change) -> Verdict:
    if change.quantity <= order.executed:
        return Verdict(*because("InvalidOrderType", "The new quantity has to be larger than what was filled."))
    return _judge_in_place(market, account, order, changed_ticket(order, change))


def _check_replaceable(market: Market, order: Order) -> None:
    if (
        order.is_final
        or order.cancel_ms is not None
        or order.replace_ms is not None
        or order.is_cash_amount
        or is_leg_of_strategy(market.state, order)
    ):
        raise OrderNotReplaceable(order.id)


def _refuse_change(order: Order, verdict: Verdict, at_ms: int) -> None:
    """The order works on as it was."""
    order.request_status, order.target, order.date_ms = "Rejected", "Reject", at_ms
    order.error_code, order.error_text = verdict.code, verdict.text

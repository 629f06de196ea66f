"""Replacing an order: cancel/replace under the same id. It is asked for, and takes effect a moment later; until then
the old terms may still trade.

Source: API fact sheet 6.8 and C57. `Id` and `Quantity` (the new total) have to be sent, other members that are absent
stay as they are; symbol, side, route and execution instruction cannot change. The legs of an option strategy follow
their head, in their ratio; what is said about them is not looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sandbox.exchange.drafts import expiry_of, strategy_expiry
from sandbox.exchange.funds import closable
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.orders import (
    LIMIT_TYPES,
    STOP_TYPES,
    TRAILING_TYPES,
    Order,
    legs_of,
    log_event,
    save_order,
)
from sandbox.exchange.tickets import OPENING_SIDES, Ticket, ticket_of
from sandbox.exchange.walk import key_of, mix


@dataclass(frozen=True, slots=True)
class Change:
    """What a client wants of an order from now on; None leaves a member as it is. Legs have their own ids."""

    order_id: int
    quantity: Decimal
    type: str | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_type: str | None = None
    trail_amount: Decimal | None = None
    trail_limit_type: str | None = None
    trail_limit_amount: Decimal | None = None
    tif: str | None = None
    expire_ms: int | None = None
    extended_hours: str | None = None
    client_id: str | None = None
    comment: str | None = None
    legs: tuple[Change, ...] = ()


CHANGEABLE = (
    "type", "quantity", "price", "stop_price", "trail_type", "trail_amount", "trail_limit_type", "trail_limit_amount",
    "tif", "expire_ms", "extended_hours", "comment",
)  # fmt: skip
AMOUNTS = ("quantity", "price", "stop_price", "trail_amount", "trail_limit_amount")


def changed_ticket(order: Order, change: Change) -> Ticket:
    """The order as a ticket, with the change in it. Prices that the order does not have count as absent."""
    wanted = {name: value for name in CHANGEABLE if (value := getattr(change, name)) is not None}
    ticket = replace(ticket_of(order), **wanted)
    return replace(
        ticket,
        price=ticket.price or None,
        stop_price=ticket.stop_price or None,
        client_id=change.client_id or order.client_id,
    )


def ask_for_replacement(market: Market, order: Order, ticket: Ticket, claim: Decimal) -> None:
    """Note what the order is to become; `claim` (USD) is what that takes as a whole. The larger claim is reserved,
    by an order that is awake."""
    now = market.now_ms()
    kept: dict[str, Any] = {name: getattr(ticket, name) for name in (*CHANGEABLE, "client_id")}
    kept |= {name: str(kept[name] or ZERO) for name in AMOUNTS}
    order.replacement = json.dumps(kept | {"claim": str(claim)})
    order.replace_ms = now + 100 + mix(key_of(market.seed, "replace", order.client_id), order.id) % 300
    if not order.is_asleep:
        order.reserved = max(order.reserved, cents(claim * (ticket.quantity - order.executed) / ticket.quantity))
    order.turn("PendingReplace", request_status="Executing", target="Modify", at_ms=now)
    order.error_code = order.error_text = None


def apply_replacement(market: Market, order: Order, moment: int) -> None:
    """The venue takes over the new terms, unless they have been overtaken by fills."""
    wanted = json.loads(order.replacement or "{}")
    wanted |= {name: Decimal(wanted[name]) for name in (*AMOUNTS, "claim")}
    order.replace_ms = order.replacement = None
    if _is_overtaken(market, order, wanted["quantity"]):
        back_to_work(order, moment, request_status="Rejected", target="Reject")
        order.reserved = order.claim
        log_event(market.state, order, at_ms=moment)
        return
    _take_over(market, order, wanted, moment)
    claim = ZERO if order.is_asleep else cents(wanted["claim"] * order.leaves / order.quantity)
    order.claim = order.reserved = claim
    order.orig_client_id, order.client_id = order.client_id, wanted["client_id"]
    order.transaction_ms = moment
    if not order.is_asleep:
        order.fill_from_ms = max(order.fill_from_ms, moment + 150)
    back_to_work(order, moment, request_status="Complete", target="Modify")
    order.execution_status = "Replaced"
    log_event(market.state, order, at_ms=moment)


def _is_overtaken(market: Market, order: Order, quantity: Decimal) -> bool:
    """Was it filled in the meantime, or were the shares that it would close claimed by others?"""
    if quantity <= order.executed:
        return True
    if order.is_asleep:
        return False
    parts = [(leg, leg.quantity * quantity / order.quantity) for leg in legs_of(market.state, order)]
    return any(
        part.side not in OPENING_SIDES
        and total - part.executed > closable(market, part.account_id, part.symbol, part.side, besides=order)
        for part, total in parts or [(order, quantity)]
    )


def _take_over(market: Market, order: Order, wanted: dict[str, Any], moment: int) -> None:
    was_trailing, legs = order.type in TRAILING_TYPES, legs_of(market.state, order)
    for leg in legs:
        leg.quantity = leg.quantity * wanted["quantity"] / order.quantity
        leg.tif = wanted["tif"]
        save_order(market.state, leg)
        log_event(market.state, leg, at_ms=moment)
    for name in CHANGEABLE:
        setattr(order, name, wanted[name])
    order.price = order.price if order.type in LIMIT_TYPES else ZERO
    order.stop_price = order.stop_price if order.type in STOP_TYPES else ZERO
    if not (was_trailing and order.type in TRAILING_TYPES):
        order.best = order.best_ms = None
    order.expire_ms = None if order.is_asleep else expiry_of(market, ticket_of(order), moment)
    if legs:
        order.expire_ms = strategy_expiry(legs, order.expire_ms)


def back_to_work(order: Order, moment: int, *, request_status: str, target: str) -> None:
    status = "Held" if order.is_asleep else "PartiallyFilled" if order.executed else "New"
    order.turn(status, request_status=request_status, target=target, at_ms=moment)

"""Cancelling: asked for, done a moment later; a fill may come first. The venue can be made to hurry."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.exchange.lifecycle import next_moment
from sandbox.exchange.market import Market
from sandbox.exchange.matching import run_due
from sandbox.exchange.orders import Order, find_order, is_leg_of_strategy, log_event, save_order
from sandbox.exchange.walk import key_of, mix


class OrderNotCancelable(Exception):
    """The order is final already, or somebody has asked to cancel it before, or it is a leg of an option strategy."""


def cancel_order(market: Market, account_id: int, order_id: int) -> Order | None:
    """Ask for cancellation. With a head its legs are cancelled.

    None when there is no such order. Raises OrderNotCancelable.
    """
    run_due(market)
    order = find_order(market.state, account_id, order_id)
    if order is None:
        return None
    if order.is_final or order.cancel_ms is not None or is_leg_of_strategy(market.state, order):
        raise OrderNotCancelable(order_id)
    now = market.now_ms()
    order.cancel_ms = now + 100 + mix(key_of(market.seed, "cancel"), order.id) % 300
    order.turn("PendingCancel", request_status="Executing", target="Cancel", at_ms=now)
    order.due_ms = next_moment(market, order, now)
    with market.state.transaction():
        save_order(market.state, order)
        log_event(market.state, order, at_ms=now, is_request=True)
    return order


def hurry(market: Market, orders: Iterable[Order]) -> None:
    """Let the venue answer now what was asked of it: acceptance, replacement, cancellation."""
    now = market.now_ms()
    with market.state.transaction():
        for order in orders:
            if order.is_final:
                continue
            if order.status == "PendingNew":
                order.accept_ms = now
            order.replace_ms = order.replace_ms and now
            order.cancel_ms = order.cancel_ms and now
            order.due_ms = next_moment(market, order, now)
            save_order(market.state, order)
        run_due(market)

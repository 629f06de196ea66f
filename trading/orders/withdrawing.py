"""Closing an order that AutoShares never heard of, and never will."""

from django.db import transaction

from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.news import lock_order, mirror_in_legs
from trading.orders.states import OrderState, RequestState
from trading.orders.timeline import record_event


def withdraw_order(order: Order, reason: str, *, actor: str = OrderEvent.Actor.SHAREFRONT) -> None:
    """Close the order. Its row is locked, its place request withdrawn."""
    order.state, order.reason = OrderState.CANCELED, reason
    order.save(update_fields=["state", "reason", "changed_at"])
    mirror_in_legs(order)
    record_event(order, "order.withdrawn", reason, actor=actor)


def withdraw_request(request: OrderRequest, reason: str, *, outcome: str) -> bool:
    """Keep a request that is ready in the house for good; False if somebody has taken it meanwhile.

    A placement takes its order along; after a replacement the order works on as it was.
    """
    with transaction.atomic(durable=True):
        order = lock_order(request.order_id)
        ready = OrderRequest.unscoped.filter(pk=request.pk, state=RequestState.READY)
        if not ready.update(
            state=RequestState.WITHDRAWN, outcome=outcome[:200], reason=reason[:500], next_look_at=None
        ):
            return False
        if request.kind == OrderRequest.Kind.PLACE:
            withdraw_order(order, reason)
        elif request.kind == OrderRequest.Kind.REPLACE:
            order.replace_requested_at = None
            order.save(update_fields=["replace_requested_at", "changed_at"])
            record_event(order, "replace.refused", reason)
        else:
            order.cancel_requested_at = None
            order.save(update_fields=["cancel_requested_at", "changed_at"])
    return True

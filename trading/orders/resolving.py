"""The end of a doubt by a person: an order that AutoShares never showed is closed, with a name under it."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from investors.people import User
from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.news import lock_order, mirror_in_legs
from trading.orders.states import OrderState, RequestState
from trading.orders.timeline import record_event

# Before this nobody may decide: an order may take its time to show up, and looking is free.
EARLIEST = timedelta(minutes=10)


class StillLooking(Exception):
    """It is too early, or there is nothing in doubt."""


def abandon_order(order: Order, *, by: User) -> None:
    """Close an order whose outcome nobody knows. Should it show up after all, it still attaches, and alarms.

    Raises StillLooking when it is not in doubt, or not for long enough.
    """
    with transaction.atomic(durable=True):
        order = lock_order(order.pk)
        request = order.requests.select_for_update().filter(kind=OrderRequest.Kind.PLACE).first()
        in_doubt = order.state == OrderState.UNKNOWN and request is not None and request.state == RequestState.UNKNOWN
        if not in_doubt or request is None or timezone.now() - request.created_at < EARLIEST:
            raise StillLooking
        request.state, request.next_look_at = RequestState.ABANDONED, None
        request.outcome = f"closed by {by.pk}"
        request.save(update_fields=["state", "next_look_at", "outcome", "changed_at"])
        order.state = OrderState.ABANDONED
        order.reason = "AutoShares never listed it, and your broker has closed it."
        order.save(update_fields=["state", "reason", "changed_at"])
        mirror_in_legs(order)
        record_event(order, "order.abandoned", order.reason, actor=OrderEvent.Actor.OPERATIONS, staff=str(by.pk))

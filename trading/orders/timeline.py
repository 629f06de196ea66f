"""The timeline of an order: an append-only list of what happened, in words that the investor can open and read."""

from typing import Any

from django.utils import timezone

from trading.orders.models import Order, OrderEvent

# Every kind of line that there is: noun.past_tense.
KINDS = frozenset(
    {
        "order.received",  # the intent is in our books
        "order.sent",  # the request left, or is about to
        "order.not_sent",  # AutoShares could not be reached; it is tried again
        "order.withdrawn",  # it never left and never will
        "order.acknowledged",  # AutoShares has it
        "order.refused",  # AutoShares said no and made no order
        "order.outcome_unknown",  # nobody answered; it is looked for, never sent again
        "order.found",  # an unknown one turned up in AutoShares' list
        "order.appeared_late",  # it turned up after it was thought refused, withdrawn or given up
        "order.several_found",  # more than one order carries our id: an alarm
        "order.unresolved",  # still not found after the deadline: an operator decides
        "order.abandoned",  # an operator has closed it
        "order.imported",  # placed outside Sharefront
        "order.held",
        "order.working",
        "order.partially_filled",
        "order.filled",
        "order.canceled",
        "order.rejected",
        "order.expired",
        "order.replaced",
        "cancel.requested",
        "cancel.received",
        "cancel.not_sent",
        "cancel.refused",
        "cancel.outcome_unknown",
        "replace.requested",
        "replace.received",
        "replace.not_sent",
        "replace.refused",
        "replace.outcome_unknown",
        "replace.done",
        "replace.not_seen",
        "cancel.not_seen",  # the order works on as if it had never been asked to stop
    }
)


def record_event(
    order: Order, kind: str, text: str, *, actor: str = OrderEvent.Actor.SHAREFRONT, **detail: Any
) -> OrderEvent:
    """Add a line to the timeline, now. `detail` is JSON for the curious; decimals as text, nothing personal."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is not listed in trading/orders/timeline.py")
    return OrderEvent.unscoped.create(
        broker_id=order.broker_id,
        order=order,
        at=timezone.now(),
        kind=kind,
        actor=actor,
        text=text[:500],
        detail=detail,
    )

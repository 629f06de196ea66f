"""The one state machine of orders and of the requests that we send for them (orders: exactly once).

A request is one message to AutoShares: place, cancel (replace comes later). It is sent at most once:

    READY -> SENDING -> ACKED | REFUSED | UNKNOWN        SENDING -> READY only if provably never sent
    READY -> WITHDRAWN (it never leaves the house)       REFUSED, ABANDONED -> ACKED if it shows up after all
    UNKNOWN -> ACKED | ABANDONED (by an operator)

An order is what the investor sees. Before AutoShares knows it, it mirrors its place request; afterwards it
follows the book. Final states never regress, in whatever order the news arrives.
"""

from django.db import models

from autoshares.enums import OrderStatus as VendorStatus


class RequestState(models.TextChoices):
    READY = "ready", "Ready to be sent"
    SENDING = "sending", "Being sent"
    ACKED = "acked", "Received by AutoShares"
    REFUSED = "refused", "Refused by AutoShares"
    UNKNOWN = "unknown", "No answer: being looked for"
    ABANDONED = "abandoned", "Given up by an operator"
    WITHDRAWN = "withdrawn", "Never sent"


class OrderState(models.TextChoices):
    RECEIVED = "received", "Received"
    UNKNOWN = "unknown", "Checking with broker"
    REFUSED = "refused", "Refused"
    ABANDONED = "abandoned", "Closed by operations"
    ACKED = "acked", "Sent"
    HELD = "held", "Waiting"
    WORKING = "working", "Working"
    PARTIALLY_FILLED = "partially_filled", "Partially filled"
    FILLED = "filled", "Filled"
    CANCELED = "canceled", "Canceled"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"
    REPLACED = "replaced", "Replaced"


REQUEST_MOVES: dict[str, set[str]] = {
    RequestState.READY: {RequestState.SENDING, RequestState.WITHDRAWN},
    RequestState.SENDING: {
        RequestState.READY,
        RequestState.ACKED,
        RequestState.REFUSED,
        RequestState.UNKNOWN,
    },
    RequestState.UNKNOWN: {RequestState.ACKED, RequestState.ABANDONED},
    RequestState.REFUSED: {RequestState.ACKED},
    RequestState.ABANDONED: {RequestState.ACKED},
    RequestState.ACKED: set(),
    RequestState.WITHDRAWN: set(),
}

FINAL = {
    OrderState.FILLED,
    OrderState.CANCELED,
    OrderState.REJECTED,
    OrderState.EXPIRED,
    OrderState.REPLACED,
}
# Final for the investor, yet a late appearance at AutoShares still attaches (and alarms).
SETTLED = FINAL | {OrderState.REFUSED, OrderState.ABANDONED}
# A received order that is not on its way yet is withdrawn by us; the others are canceled at AutoShares.
CANCELABLE = {
    OrderState.RECEIVED,
    OrderState.ACKED,
    OrderState.HELD,
    OrderState.WORKING,
    OrderState.PARTIALLY_FILLED,
}

# Its place request is acknowledged, and nothing takes that back.
ARRIVED = {OrderState.ACKED, OrderState.HELD, OrderState.WORKING, OrderState.PARTIALLY_FILLED}
REPLACEABLE = {OrderState.WORKING, OrderState.PARTIALLY_FILLED}
# Nothing was, or ever will be, at the exchange under such an order.
NEVER_ALIVE = {OrderState.REFUSED, OrderState.REJECTED, OrderState.ABANDONED}
IN_DOUBT = {OrderState.RECEIVED, OrderState.UNKNOWN}
JUST_SENT = {OrderState.RECEIVED, OrderState.ACKED}

# How far along an order is: news may only move it forward, so that reordered updates cannot set it back.
_PROGRESS: dict[str, int] = {
    OrderState.RECEIVED: 0,
    OrderState.UNKNOWN: 1,
    OrderState.REFUSED: 2,
    OrderState.ABANDONED: 2,
    OrderState.ACKED: 3,
    OrderState.HELD: 4,  # a leg whose turn has not come
    OrderState.WORKING: 5,
    OrderState.PARTIALLY_FILLED: 6,
}


def may_move_request(old: str, new: str) -> bool:
    return new in REQUEST_MOVES[old]


def may_move_order(old: str, new: str) -> bool:
    """Whether news that says `new` may be believed over what we hold, `old`."""
    if old in FINAL or old == new:
        return False
    return new in FINAL or _PROGRESS[new] >= _PROGRESS[old]


def state_of_vendor_status(status: str) -> str:
    """The order state that a vendor status stands for (API.md 6.7); an unknown word means it is still working."""
    return _VENDOR.get(status, OrderState.WORKING)


_VENDOR: dict[str, OrderState] = {
    VendorStatus.PENDING_NEW: OrderState.ACKED,
    VendorStatus.HELD: OrderState.HELD,
    VendorStatus.PARTIALLY_FILLED: OrderState.PARTIALLY_FILLED,
    VendorStatus.FILLED: OrderState.FILLED,
    VendorStatus.CANCELED: OrderState.CANCELED,
    VendorStatus.REJECTED: OrderState.REJECTED,
    VendorStatus.ERROR: OrderState.REJECTED,
    VendorStatus.EXPIRED: OrderState.EXPIRED,
    VendorStatus.DONE_FOR_DAY: OrderState.EXPIRED,
    VendorStatus.REPLACED: OrderState.REPLACED,
}

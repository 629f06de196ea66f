"""Believing what AutoShares says of an order: forward only, in whatever order and however often the news arrives.

Callers hold the order's row lock inside a short transaction (`lock_order`); nothing here talks to the network.
"""

import logging
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from autoshares.enums import OrderStatus
from autoshares.models import Order as VendorOrder
from brokers.templatetags.figures import price, quantity
from trading.market_hours import NEW_YORK
from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.refusals import explain_code
from trading.orders.rules import NEEDS_LIMIT, NEEDS_STOP, NEEDS_TRAIL
from trading.orders.states import ARRIVED, FINAL, OrderState, RequestState, may_move_order, state_of_vendor_status
from trading.orders.tickets import Ticket
from trading.orders.timeline import record_event
from trading.orders.vendor_words import OUR_LIVES
from trading.orders.wording import how, life

log = logging.getLogger(__name__)

AUTOSHARES = OrderEvent.Actor.AUTOSHARES


class VendorOrderTaken(Exception):
    """AutoShares gives an order an id that another order here holds: its book began anew, or ours was restored."""


def lock_order(order_id: UUID) -> Order:
    """The order with its row locked until the transaction ends; its account comes along, unlocked."""
    return Order.unscoped.select_related("account").select_for_update(of=("self",), no_key=True).get(pk=order_id)


def is_news(order: Order, row: VendorOrder) -> bool:
    """Whether `row` says anything that we do not hold yet. No query: most looks at the book end here."""
    state = _state_of(row)
    return (
        order.vendor_order_id is None
        or may_move_order(order.state, state)
        or (row.executed_quantity > order.filled_quantity and not order.is_group)
        or (not order.is_final and (order.vendor_status != row.status.value or new_terms(order, row) != {}))
        or any(is_news(leg, its_row) for leg, its_row in match_legs(order, row))
    )


def match_legs(order: Order, row: VendorOrder) -> list[tuple[Order, VendorOrder]]:
    """The legs of a head and what AutoShares says of each: by its id, by ours, else by place under the same head."""
    if not order.is_group or not row.legs:
        return []
    legs = order.ordered_legs
    by_vendor_id = {leg.vendor_order_id: leg for leg in legs if leg.vendor_order_id is not None}
    by_place = {leg.place_in_group: leg for leg in legs} if len(legs) == len(row.legs) else {}
    pairs = []
    for place, its_row in enumerate(row.legs):
        ours = next((leg for leg in legs if its_row.carries(str(leg.client_id))), None)
        leg = by_vendor_id.get(its_row.id) or ours or by_place.get(place)
        if leg is not None and leg.vendor_order_id in {None, its_row.id}:
            pairs.append((leg, its_row))
    return pairs


def attach(order: Order, row: VendorOrder) -> None:
    """AutoShares has the order that we sent: its id joins it, and its place request has arrived."""
    if order.vendor_order_id is None:
        _make_way(order, row.id)
        order.vendor_order_id = row.id
    if order.state in ARRIVED:
        return
    request = order.requests.select_for_update().filter(kind=OrderRequest.Kind.PLACE).first()
    if request is None or request.state == RequestState.ACKED:
        return
    before = request.state
    request.state, request.lease_until, request.next_look_at = RequestState.ACKED, None, None
    request.outcome = f"AutoShares order {row.id}"
    request.save(update_fields=["state", "lease_until", "next_look_at", "outcome", "changed_at"])
    if before == RequestState.UNKNOWN:
        text = "Found in AutoShares' list of orders: it had arrived."
        record_event(order, "order.found", text, vendor_order_id=row.id)
    elif before == RequestState.SENDING:
        text = "AutoShares has received the order."
        record_event(order, "order.acknowledged", text, actor=AUTOSHARES, vendor_order_id=row.id)
    else:
        log.error("order %s appeared at AutoShares as %s although it was %s", order.id, row.id, before)
        text = "AutoShares has this order after all. Your broker has been told."
        record_event(order, "order.appeared_late", text, vendor_order_id=row.id)
    if order.state in {OrderState.RECEIVED, OrderState.UNKNOWN, OrderState.REFUSED, OrderState.ABANDONED}:
        order.state = OrderState.ACKED
        order.reason = order.vendor_reason = ""


def apply_news(order: Order, row: VendorOrder) -> bool:
    """Take over what `row` says and save; True if shares were traded. The timeline gains a line per change."""
    attach(order, row)
    traded = _take_fills(order, row)
    before, state = order.state, _state_of(row)
    if state == OrderState.WORKING and order.filled_quantity:
        state = OrderState.PARTIALLY_FILLED
    is_current = order.state not in FINAL and row.executed_quantity >= order.filled_quantity
    if is_current and (order.state == state or may_move_order(order.state, state)):
        order.vendor_status = row.status.value[:32]
    if may_move_order(order.state, state):
        order.state = state
        if state in FINAL:
            _take_ending(order, row)
    if traded:
        _record_fill(order, traded, row)
    if order.state != before and order.state in _MOVES:
        kind, text = _MOVES[order.state]
        detail = {"vendor_time": row.updated_at.isoformat()} if row.updated_at else {}
        record_event(order, kind, f"{text} {order.reason}".strip(), actor=AUTOSHARES, **detail)
    _settle_cancels(order, row)
    _take_terms(order, row)
    order.save()
    traded_in_legs = [apply_news(lock_order(leg.pk), its_row) for leg, its_row in match_legs(order, row)]
    return bool(traded) or any(traded_in_legs)


def mirror_in_legs(order: Order) -> None:
    """Legs that AutoShares does not know share what becomes of their head. The head's row is locked and saved."""
    if order.is_group:
        unknown_there = order.legs.filter(vendor_order_id=None).exclude(state__in=FINAL)
        unknown_there.update(state=order.state, reason=order.reason, changed_at=timezone.now())


_MOVES: dict[str, tuple[str, str]] = {
    OrderState.HELD: ("order.held", "It waits for its turn."),
    OrderState.WORKING: ("order.working", "The market has it."),
    OrderState.CANCELED: ("order.canceled", "Canceled."),
    OrderState.REJECTED: ("order.rejected", "Rejected."),
    OrderState.EXPIRED: ("order.expired", "Expired."),
    OrderState.REPLACED: ("order.replaced", "Replaced."),
}


def _state_of(row: VendorOrder) -> OrderState:
    return OrderState(state_of_vendor_status(row.status))


def _take_fills(order: Order, row: VendorOrder) -> tuple[Decimal, Decimal | None] | None:
    """Shares and price of what was traded since the last news, or None. The filled quantity never shrinks.

    A head trades nothing itself: its legs do.
    """
    if order.is_group:
        return None
    filled = row.executed_quantity
    if row.status == OrderStatus.FILLED and not filled:
        filled = order.quantity or Decimal(0)
    more = filled - order.filled_quantity
    if more <= 0:
        return None
    at = row.last_price if row.last_quantity == more else _price_between(order, row, filled, more)
    order.filled_quantity = filled
    order.average_price = row.average_price or at or order.average_price
    return more, at


def _price_between(order: Order, row: VendorOrder, filled: Decimal, more: Decimal) -> Decimal | None:
    """USD per share of `more` shares, from the averages before and after them."""
    if row.average_price is None:
        return row.last_price
    before = (order.average_price or Decimal(0)) * order.filled_quantity
    return (row.average_price * filled - before) / more


def _record_fill(order: Order, traded: tuple[Decimal, Decimal | None], row: VendorOrder) -> None:
    shares, at = traded
    done = order.state == OrderState.FILLED
    words = f"{'Bought' if order.is_buy else 'Sold'} {quantity(shares)} {order.symbol}"
    if at is not None:
        words += f" at {price(at)}"
    rest = "the rest is working" if order.quantity is None else f"{quantity(order.remaining_quantity)} to go"
    words += "; the order is filled." if done else f"; {rest}."
    detail = {"quantity": f"{shares.normalize():f}"}
    if at is not None:
        detail["price"] = f"{at:.6f}".rstrip("0").rstrip(".")
    if row.executed_at:
        detail["vendor_time"] = row.executed_at.isoformat()
    record_event(order, "order.filled" if done else "order.partially_filled", words, actor=AUTOSHARES, **detail)


def _take_ending(order: Order, row: VendorOrder) -> None:
    """Why it ended, where that needs words."""
    order.vendor_reason = row.reason[:500]
    order.reason = ""
    if order.quantity is None and order.filled_quantity:
        order.quantity = order.filled_quantity  # an amount in dollars has become shares
    if order.state == OrderState.REJECTED:
        order.reason = explain_code(row.description, row.reason).user_message
    elif order.state == OrderState.EXPIRED:
        is_day = order.time_in_force == Order.TimeInForce.DAY
        order.reason = "It was good for the day, and the day is over." if is_day else row.reason[:500]
    elif order.state == OrderState.CANCELED and not _was_asked_to_end(order):
        order.reason = row.reason[:500] or "Canceled outside Sharefront."


def _was_asked_to_end(order: Order) -> bool:
    """Somebody here asked for it, or it is a leg, which ends with its head or because its twin was filled."""
    return order.parent_id is not None or order.requests.filter(kind=OrderRequest.Kind.CANCEL).exists()


def _settle_cancels(order: Order, row: VendorOrder) -> None:
    """Cancel requests whose outcome nobody knew are answered by the book: it says canceled, or that it is too late."""
    if order.is_final or row.status == OrderStatus.PENDING_CANCEL:
        doubtful = order.requests.filter(kind=OrderRequest.Kind.CANCEL)
        seen = f"the book says {row.status.value}"[:200]
        doubtful.filter(state=RequestState.UNKNOWN).update(state=RequestState.ACKED, outcome=seen, next_look_at=None)
        if order.is_final:
            doubtful.filter(state=RequestState.READY).update(state=RequestState.WITHDRAWN, outcome=seen)


def new_terms(order: Order, row: VendorOrder) -> dict[str, Any]:
    """What the book says of quantity, prices and life that we do not hold: the order was replaced, here or elsewhere.

    Only what the order's type has: the stop of a trailing stop moves by itself.
    """
    if order.is_group or row.status == OrderStatus.PENDING_REPLACE:
        return {}
    theirs: dict[str, Any] = {}
    if order.cash_amount is None and row.quantity > 0:
        theirs["quantity"] = row.quantity
    if order.type in NEEDS_LIMIT and row.limit_price is not None:
        theirs["limit_price"] = row.limit_price
    if order.type in NEEDS_STOP and row.stop_price is not None:
        theirs["stop_price"] = row.stop_price
    if order.type in NEEDS_TRAIL and row.trail is not None:
        theirs["trail_value"] = row.trail.value
    if (life := OUR_LIVES.get(row.time_in_force)) is not None:
        theirs["time_in_force"] = life
    return {name: value for name, value in theirs.items() if getattr(order, name) != value}


def _take_terms(order: Order, row: VendorOrder) -> None:
    """The new terms count as soon as the book shows them, and what we had asked for is answered by it."""
    changed = new_terms(order, row)
    if changed:
        for name, value in changed.items():
            setattr(order, name, value)
        if order.time_in_force == Order.TimeInForce.GTD and row.expires_at is not None:
            order.expires_on = row.expires_at.astimezone(NEW_YORK).date()
        ticket = Ticket.of_order(order)
        words = f"Changed: {quantity(ticket.quantity)} {how(ticket)}, {life(ticket)}."
        record_event(order, "replace.done", words, actor=AUTOSHARES)
    if changed or (order.is_final and order.replace_requested_at is not None):
        order.replace_requested_at = None
        asked = order.requests.filter(kind=OrderRequest.Kind.REPLACE)
        seen = "the book shows the change" if changed else f"the book says {row.status.value}"[:200]
        asked.filter(state=RequestState.UNKNOWN).update(state=RequestState.ACKED, outcome=seen, next_look_at=None)
        asked.filter(state=RequestState.READY).update(state=RequestState.WITHDRAWN, outcome=seen, next_look_at=None)


def _make_way(order: Order, vendor_order_id: int) -> None:
    """An order of ours that the book showed before we knew its id was taken for a stranger: it is one of ours.

    Raises VendorOrderTaken when somebody here placed the order that holds the id.
    """
    others = Order.unscoped.filter(broker_id=order.broker_id, vendor_order_id=vendor_order_id).exclude(pk=order.pk)
    for other in others:
        if other.placed_by_id is not None:
            raise VendorOrderTaken(order.pk, vendor_order_id)
        other.delete()

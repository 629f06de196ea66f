"""Canceling a working order: asked at most once, answered by the book."""

import logging
import uuid

from django.db import transaction
from django.utils import timezone

from autoshares.errors import AutoSharesError
from brokers.templatetags.figures import quantity
from investors.accounts.models import TradingAccount
from investors.people import User
from trading.orders.errors import FormKeyReused, OrderNotCancelable
from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.news import apply_news, lock_order
from trading.orders.permission import find_trading_link
from trading.orders.sending import send_once
from trading.orders.states import OrderState, RequestState
from trading.orders.tickets import hash_payload
from trading.orders.timeline import record_event
from trading.orders.withdrawing import withdraw_order
from trading.upstream import open_client

log = logging.getLogger(__name__)

UNDER_WAY = [RequestState.READY, RequestState.SENDING, RequestState.UNKNOWN, RequestState.ACKED]


def cancel_order(order: Order, *, by: User, form_key: uuid.UUID) -> OrderRequest:
    """Ask AutoShares to cancel `order`, at most once; return the request and what is known of it.

    The intent is committed before anything is sent; no transaction spans the HTTP call. ACKED means "received": the
    order turns Canceled, or Filled, when the book says so. UNKNOWN means nobody answered: the book shows it. An
    order that has not left yet is withdrawn, and AutoShares never hears of it. Same form_key, same request.

    Raises OrderNotCancelable if the order is final, here or, as it turns out, at AutoShares; and ConnectionEnded,
    BrokerUnreachable or AccountMayNotTrade before anything is written.
    """
    if known := _find_known(order, form_key):
        return known
    client = None if order.state == OrderState.RECEIVED else open_client(by)
    with transaction.atomic(durable=True):
        request = _write_intent(order, by=by, form_key=form_key)
    if request.state == RequestState.READY and client is not None:
        send_once(request, client=client)
        if request.state == RequestState.REFUSED:
            _look_at_the_book(order, client)
    order.refresh_from_db()
    if request.state == RequestState.REFUSED and order.is_final:
        raise OrderNotCancelable(f"Too late to cancel. {_ending(order)}")
    return request


def _find_known(order: Order, form_key: uuid.UUID) -> OrderRequest | None:
    request = OrderRequest.unscoped.filter(broker_id=order.broker_id, form_key=form_key).first()
    if request is None:
        return None
    if request.kind != OrderRequest.Kind.CANCEL or request.order_id != order.pk:
        raise FormKeyReused
    return request


def _write_intent(order: Order, *, by: User, form_key: uuid.UUID) -> OrderRequest:
    """Holding the account's row and the order's: what must be true, then the request and its line."""
    TradingAccount.unscoped.select_for_update(no_key=True).get(pk=order.account_id)
    order = lock_order(order.pk)
    if known := _find_known(order, form_key):
        return known
    find_trading_link(order.account, by)
    if order.is_settled:
        raise OrderNotCancelable(_ending(order))
    if order.cancel_requested_at is not None:  # from another tab or device
        return order.requests.filter(kind=OrderRequest.Kind.CANCEL, state__in=UNDER_WAY).latest("created_at")
    if order.state == OrderState.UNKNOWN:
        raise OrderNotCancelable("AutoShares has not answered yet whether it has this order; we are finding out.")
    if order.state == OrderState.RECEIVED:
        return _withdraw(order, by=by, form_key=form_key)
    order.cancel_requested_at = timezone.now()
    order.save(update_fields=["cancel_requested_at", "changed_at"])
    record_event(order, "cancel.requested", "Cancellation asked for.", actor=OrderEvent.Actor.INVESTOR)
    return _new_request(order, by=by, form_key=form_key)


def _withdraw(order: Order, *, by: User, form_key: uuid.UUID) -> OrderRequest:
    """The order has not left: it never will. If it is leaving at this very moment, say so."""
    place = order.requests.filter(kind=OrderRequest.Kind.PLACE, state=RequestState.READY)
    if not place.update(state=RequestState.WITHDRAWN, outcome="canceled before it was sent", next_look_at=None):
        raise OrderNotCancelable("The order is on its way to AutoShares this very moment. Try again in a second.")
    withdraw_order(order, "You canceled it before it was sent.", actor=OrderEvent.Actor.INVESTOR)
    return _new_request(
        order, by=by, form_key=form_key, state=RequestState.WITHDRAWN, outcome="the order had not been sent"
    )


def _new_request(
    order: Order,
    *,
    by: User,
    form_key: uuid.UUID,
    state: RequestState = RequestState.READY,
    outcome: str = "",
) -> OrderRequest:
    payload: dict[str, str | None] = {"cancel": str(order.pk)}
    return OrderRequest.unscoped.create(
        broker_id=order.broker_id,
        order=order,
        kind=OrderRequest.Kind.CANCEL,
        form_key=form_key,
        requested_by=by,
        payload=payload,
        payload_hash=hash_payload(payload),
        state=state,
        outcome=outcome,
    )


def _look_at_the_book(order: Order, client) -> None:
    """AutoShares would not cancel: most often the order is filled. One read tells; the poll does it otherwise."""
    try:
        row = client.orders.get(order.account.vendor_account_id, order.vendor_order_id)
    except AutoSharesError as error:
        log.warning("order %s could not be read after a refused cancellation: %s", order.pk, error)
        return
    with transaction.atomic(durable=True):
        apply_news(lock_order(order.pk), row)


def _ending(order: Order) -> str:
    """The order is filled: 100 shares. / The order is canceled."""
    words = f"The order is {order.get_state_display().lower()}"
    return f"{words}: {quantity(order.filled_quantity)} shares." if order.filled_quantity else f"{words}."

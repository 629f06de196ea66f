"""Sending a request to AutoShares at most once, and writing down what is known of it afterwards.

TX2 commits SENDING, with a lease, before a socket opens; no transaction spans the call; TX3 commits the outcome:

    provably never sent                        READY: swept later
    a refusal in AutoShares' own body          REFUSED
    200 with an order                          ACKED
    everything else, 429 and 5xx among them    UNKNOWN: looked for in the book, never sent again

A process that dies in between leaves a lease behind; when it has run out the outcome is UNKNOWN as well.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from autoshares.client import Client
from autoshares.errors import AutoSharesError, HeldBack, Misconfigured, Unauthorized
from autoshares.models import Order as VendorOrder
from autoshares.models import OrderChange, OrderDraft
from brokers.budgets import refuse_open_transaction
from investors.people import User
from trading.orders.errors import ONLY_SO_MANY, OrderError
from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.news import VendorOrderTaken, apply_news, lock_order, mirror_in_legs
from trading.orders.refusals import explain_error
from trading.orders.states import OrderState, RequestState, may_move_order, may_move_request
from trading.orders.tickets import Ticket
from trading.orders.timeline import record_event
from trading.orders.vendor_words import change_of, draft_of
from trading.orders.withdrawing import withdraw_request
from trading.portfolio.watching import make_due
from trading.risk.killing import find_halt, words_of
from trading.upstream import NOT_ALLOWED, NOT_SET_UP, is_disconnected, open_client, try_again_after

log = logging.getLogger(__name__)

# A request that never left is tried again for this long, then withdrawn: an old market order is a danger.
TRY_FOR = timedelta(minutes=10)
LONGEST_PAUSE_SECONDS = 30
# How often a request may reach AutoShares: once more only after a 401 that proves that nothing was accepted.
MOST_SENDS = 2


@dataclass(frozen=True)
class Outcome:
    """What came of one call. `row` is the order that AutoShares made of a placement."""

    state: RequestState
    note: str  # for operations: no personal data
    row: VendorOrder | None = None
    reason: str = ""
    vendor_reason: str = ""
    held_back: float | None = None  # seconds, by our own rate limiter


def send_once(request: OrderRequest, *, client: Client | None = None) -> OrderRequest:
    """Send `request` if nobody has yet, and return it with what is known. Call it outside of any transaction.

    Two callers, one call: the loser returns at once. Raises ConnectionEnded or BrokerUnreachable, with the request
    untouched, when there is nobody to speak for the investor and no `client` is given.
    """
    refuse_open_transaction()
    client = client or open_client(request.requested_by)
    order = request.order
    body = _body_of(request, order)
    if request.kind != OrderRequest.Kind.CANCEL and (switch := find_halt(order.account, order.symbols)):
        withdraw_request(request, words_of(switch), outcome=f"kill switch {switch.pk}")
        request.refresh_from_db()
        return request
    if not claim(request):
        request.refresh_from_db()
        return request
    outcome = _call(client, request, order, body)
    if outcome.state == RequestState.READY and outcome.note == _DENIED:
        return _renew_and_send(request, order, body)
    settle(request, outcome)
    return request


def claim(request: OrderRequest) -> bool:
    """TX2: take the request and commit that it is on its way. One winner, whoever else tries."""
    now = timezone.now()
    waited = Q(next_look_at=None) | Q(next_look_at__lte=now)
    with transaction.atomic(durable=True):
        won = OrderRequest.unscoped.filter(waited, pk=request.pk, state=RequestState.READY).update(
            state=RequestState.SENDING, lease_until=now + lease(), sent_count=F("sent_count") + 1, changed_at=now
        )
        if won and request.kind == OrderRequest.Kind.PLACE:
            record_event(request.order, "order.sent", "On its way to AutoShares.")
    return bool(won)


def lease() -> timedelta:
    """How long a sender may take before its outcome counts as unknown: both time-outs and a wide margin."""
    patience = settings.AUTOSHARES_CONNECT_TIMEOUT_SECONDS + settings.AUTOSHARES_READ_TIMEOUT_SECONDS
    return timedelta(seconds=patience + 20)


def settle(request: OrderRequest, outcome: Outcome) -> None:
    """TX3: write down what came of the call, unless the book knew it first; then have the book looked at."""
    try:
        _write_down(request, outcome)
    except VendorOrderTaken:
        log.critical("order request %s: AutoShares answered with an id that another order holds", request.pk)
        _write_down(request, Outcome(RequestState.UNKNOWN, "AutoShares' id belongs to another order here"))


def _write_down(request: OrderRequest, outcome: Outcome) -> None:
    """`request` and its order are as the transaction leaves them."""
    with transaction.atomic(durable=True):
        order = lock_order(request.order_id)
        request.refresh_from_db(from_queryset=OrderRequest.unscoped.select_for_update())
        request.order = order
        if may_move_request(request.state, outcome.state):
            request.state, request.lease_until, request.outcome = outcome.state, None, outcome.note[:200]
            _SETTLE[OrderRequest.Kind(request.kind)](order, request, outcome)
            request.save()
        if outcome.row is not None:
            apply_news(order, outcome.row)
        if outcome.state != RequestState.READY:
            make_due(order.account)


def _body_of(request: OrderRequest, order: Order) -> OrderDraft | OrderChange | None:
    """What is sent, made before anything is claimed; a cancellation has no body."""
    if request.kind == OrderRequest.Kind.CANCEL:
        return None
    ticket = Ticket.from_payload(request.payload)
    if request.kind == OrderRequest.Kind.PLACE:
        return draft_of(ticket, order.client_id)
    return change_of(ticket, _vendor_id_of(order), order.client_id)


def _vendor_id_of(order: Order) -> int:
    if order.vendor_order_id is None:
        raise ValueError("An order that AutoShares has not named cannot be canceled or replaced there.")
    return order.vendor_order_id


_DENIED = "401: nothing was accepted"


def _call(client: Client, request: OrderRequest, order: Order, body: OrderDraft | OrderChange | None) -> Outcome:
    account_id = order.account.vendor_account_id
    try:
        if isinstance(body, OrderDraft):
            row = client.orders.place(account_id, body)
            return Outcome(RequestState.ACKED, f"AutoShares order {row.id}", row=row)
        if isinstance(body, OrderChange):
            row = client.orders.replace(account_id, body)
            return Outcome(RequestState.ACKED, "change received", row=row if row.id == order.vendor_order_id else None)
        client.orders.cancel(account_id, _vendor_id_of(order))
        return Outcome(RequestState.ACKED, "cancellation received")
    except AutoSharesError as error:
        return classify(error, request)
    except Exception as surprise:
        log.exception("order request %s: outcome unknown", request.pk)
        return Outcome(RequestState.UNKNOWN, type(surprise).__name__)


def classify(error: AutoSharesError, request: OrderRequest) -> Outcome:
    """What a failed call says about the request. When in doubt, nobody knows."""
    if error.never_sent:
        held_back = error.retry_after if isinstance(error, HeldBack) else None
        return Outcome(RequestState.READY, str(error), held_back=held_back)
    if not error.is_refusal:
        log.error("order request %s: outcome unknown: %s", request.pk, error)
        return Outcome(RequestState.UNKNOWN, str(error))
    if isinstance(error, Unauthorized):
        return Outcome(RequestState.READY, _DENIED)
    if isinstance(error, Misconfigured):
        log.error("order request %s: configuration: %s", request.pk, error)
        return Outcome(RequestState.REFUSED, str(error), reason=NOT_SET_UP)
    refusal = explain_error(error)
    note = f"{error} {refusal.code}".strip()
    return Outcome(RequestState.REFUSED, note, reason=refusal.user_message, vendor_reason=refusal.vendor_message)


def _renew_and_send(request: OrderRequest, order: Order, body: OrderDraft | OrderChange | None) -> OrderRequest:
    """After a 401 in AutoShares' own words, which proves that nothing was accepted: renew the tokens, send once more.

    The request stays claimed meanwhile, so that nobody else sends it.
    """
    user = request.requested_by
    outcome = None
    sent = OrderRequest.unscoped.values_list("sent_count", flat=True).get(pk=request.pk)
    client = _renewed_client(user) if sent < MOST_SENDS else None
    mine = OrderRequest.unscoped.filter(pk=request.pk, state=RequestState.SENDING, lease_until__gt=timezone.now())
    if client and mine.update(sent_count=F("sent_count") + 1, lease_until=timezone.now() + lease()):
        outcome = _call(client, request, order, body)
    if outcome is None or outcome.note == _DENIED:
        ended = is_disconnected(user)
        words = "The AutoShares connection had ended. Reconnect and try again." if ended else NOT_ALLOWED
        outcome = Outcome(RequestState.REFUSED, _DENIED, reason=words)
    settle(request, outcome)
    return request


def _renewed_client(user: User) -> Client | None:
    """A client with new tokens, or None where there are none to be had."""
    try:
        return open_client(user) if try_again_after(Unauthorized(), user) else None
    except OrderError:
        return None


def _settle_place(order: Order, request: OrderRequest, outcome: Outcome) -> None:
    order.reason, order.vendor_reason = outcome.reason[:500], outcome.vendor_reason[:500]
    if outcome.state == RequestState.READY:
        wait_for_next_try(request, outcome)
        order.reason = f"{_why_not_yet(outcome)} Nothing was sent; we keep trying for 10 minutes."
        if request.looks == 1:
            record_event(order, "order.not_sent", order.reason)
    elif outcome.state == RequestState.REFUSED:
        order.state = OrderState.REFUSED
        text = f"Refused: {order.reason}"
        record_event(order, "order.refused", text, actor=OrderEvent.Actor.AUTOSHARES, note=outcome.note[:200])
    elif outcome.state == RequestState.UNKNOWN:
        mark_unknown(order, request, note=outcome.note)
    else:
        record_event(
            order,
            "order.acknowledged",
            "AutoShares has received the order.",
            actor=OrderEvent.Actor.AUTOSHARES,
            vendor_order_id=outcome.row.id if outcome.row else None,
        )
        if may_move_order(order.state, OrderState.ACKED):
            order.state = OrderState.ACKED
    if outcome.row is None:  # else the news of that row saves it
        order.save()
    mirror_in_legs(order)


def _settle_cancel(order: Order, request: OrderRequest, outcome: Outcome) -> None:
    if outcome.state == RequestState.READY:
        wait_for_next_try(request, outcome)
        if request.looks == 1:
            record_event(order, "cancel.not_sent", f"{_why_not_yet(outcome)} We keep trying to cancel.")
    elif outcome.state == RequestState.REFUSED:
        order.cancel_requested_at = None
        order.save(update_fields=["cancel_requested_at", "changed_at"])
        record_event(order, "cancel.refused", "AutoShares did not cancel it.", note=outcome.note[:200])
    elif outcome.state == RequestState.UNKNOWN:
        mark_unknown(order, request, note=outcome.note)
    else:
        text = "AutoShares has received the cancellation."
        record_event(order, "cancel.received", text, actor=OrderEvent.Actor.AUTOSHARES)


def _settle_replace(order: Order, request: OrderRequest, outcome: Outcome) -> None:
    if outcome.state == RequestState.READY:
        wait_for_next_try(request, outcome)
        if request.looks == 1:
            record_event(order, "replace.not_sent", f"{_why_not_yet(outcome)} We keep trying to change it.")
    elif outcome.state == RequestState.REFUSED:
        request.reason = outcome.reason[:500]
        order.replace_requested_at = None
        order.save(update_fields=["replace_requested_at", "changed_at"])
        text = f"AutoShares did not change it. {outcome.reason}".strip()
        record_event(order, "replace.refused", text, actor=OrderEvent.Actor.AUTOSHARES, note=outcome.note[:200])
    elif outcome.state == RequestState.UNKNOWN:
        mark_unknown(order, request, note=outcome.note)
    else:
        record_event(
            order, "replace.received", "AutoShares has received the change.", actor=OrderEvent.Actor.AUTOSHARES
        )


_SETTLE = {
    OrderRequest.Kind.PLACE: _settle_place,
    OrderRequest.Kind.REPLACE: _settle_replace,
    OrderRequest.Kind.CANCEL: _settle_cancel,
}


def mark_unknown(order: Order, request: OrderRequest, *, note: str) -> None:
    """Nobody knows what became of `request`; it is looked for from now on. The caller saves the request.

    Inside the caller's transaction, with the order's row locked.
    """
    request.state, request.lease_until, request.looks = RequestState.UNKNOWN, None, 0
    request.next_look_at = timezone.now()
    if request.kind != OrderRequest.Kind.PLACE:
        what = "cancellation" if request.kind == OrderRequest.Kind.CANCEL else "change"
        text = f"No answer to the {what}. We look at the order to find out."
        record_event(order, f"{request.kind}.outcome_unknown", text, note=note[:200])
        return
    if may_move_order(order.state, OrderState.UNKNOWN):
        order.state = OrderState.UNKNOWN
        order.reason = "AutoShares gave no clear answer. We look for the order there and never send it twice."
        order.save()
        mirror_in_legs(order)
    record_event(order, "order.outcome_unknown", order.reason, note=note[:200])


def _why_not_yet(outcome: Outcome) -> str:
    return "AutoShares cannot be reached." if outcome.held_back is None else ONLY_SO_MANY


def wait_for_next_try(request: OrderRequest, outcome: Outcome) -> None:
    """After a try that provably sent nothing: pause 2, 4, 8, at most 30 seconds, or as long as our limiter says.

    The caller saves the request.
    """
    request.looks += 1
    request.sent_count = max(0, request.sent_count - 1)
    pause = min(2**request.looks, LONGEST_PAUSE_SECONDS) if outcome.held_back is None else outcome.held_back
    request.next_look_at = timezone.now() + timedelta(seconds=pause)

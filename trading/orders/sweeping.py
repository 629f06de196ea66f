"""What a crash, or an AutoShares that could not be reached, left behind: sent now, called unknown, or withdrawn."""

import logging

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from brokers.scoping import broker_scope
from trading.orders.errors import OrderError
from trading.orders.models import OrderRequest
from trading.orders.news import lock_order
from trading.orders.sending import TRY_FOR, mark_unknown, send_once
from trading.orders.states import RequestState
from trading.orders.withdrawing import withdraw_request
from trading.portfolio.watching import make_due

log = logging.getLogger(__name__)

BATCH = 200


def sweep_order_requests() -> None:
    """One round: leases that ran out become UNKNOWN, what waits too long is withdrawn, what is ready is sent.

    Safe beside itself and beside the web processes: each step claims its row by the state that it expects.
    """
    now = timezone.now()
    requests = OrderRequest.unscoped.select_related("broker", "requested_by").order_by("created_at")
    for request in requests.filter(state=RequestState.SENDING, lease_until__lt=now)[:BATCH]:
        _isolated(_give_up_lease, request)
    waited = Q(next_look_at=None) | Q(next_look_at__lte=now)
    for request in requests.filter(waited, state=RequestState.READY)[:BATCH]:
        _isolated(_withdraw if request.created_at < now - TRY_FOR else _send, request)


def _isolated(step, request: OrderRequest) -> None:
    """One poisonous request must not stop the others."""
    try:
        with broker_scope(request.broker):
            step(request)
    except Exception:
        log.exception("order request %s could not be swept", request.pk)


def _give_up_lease(request: OrderRequest) -> None:
    """Whoever was sending it is gone. Whether it left, nobody knows."""
    with transaction.atomic(durable=True):
        order = lock_order(request.order_id)
        fresh = _locked(request, RequestState.SENDING)
        if fresh is None or fresh.lease_until is None or fresh.lease_until >= timezone.now():
            return
        log.error("order request %s: outcome unknown: its sender is gone", request.pk)
        mark_unknown(order, fresh, note="the sender is gone")
        fresh.outcome = "the sender is gone"
        fresh.save()
        make_due(order.account)


def _withdraw(request: OrderRequest) -> None:
    """It never left, and the moment it was meant for has passed."""
    minutes = int(TRY_FOR.total_seconds() // 60)
    reason = f"AutoShares could not be reached for {minutes} minutes. It was never sent."
    withdraw_request(request, reason, outcome="its time has passed")


def _send(request: OrderRequest) -> None:
    try:
        send_once(request)
    except OrderError as refusal:  # nobody to speak for the investor right now
        log.warning("order request %s waits: %s", request.pk, type(refusal).__name__)


def _locked(request: OrderRequest, state: RequestState) -> OrderRequest | None:
    """The request with its row locked, or None if it moved on meanwhile."""
    return OrderRequest.unscoped.select_for_update().filter(pk=request.pk, state=state).first()

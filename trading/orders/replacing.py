"""Replacing a working order: quantity, prices and life of the same order, asked for at most once.

AutoShares keeps the order's id (API.md 6.8): it is a cancel and a new order in one. Until the book shows the new
terms ours shows the old ones, and says that a change is under way; a fill may come first.
"""

import logging
import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from brokers.templatetags.figures import quantity as in_words
from investors.accounts.models import TradingAccount
from investors.people import User
from trading.market_hours import new_york_day
from trading.orders.errors import FormKeyReused, OrderError, OrderNotReplaceable, TicketInvalid
from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.news import lock_order
from trading.orders.permission import refuse_ordering, refuse_unsigned
from trading.orders.placing import Preview, read_answer
from trading.orders.rules import NEEDS_LIMIT, NEEDS_STOP, check_against_market, check_ticket
from trading.orders.sending import send_once
from trading.orders.states import RequestState
from trading.orders.tickets import Ticket, hash_payload
from trading.orders.timeline import record_event
from trading.orders.vendor_words import change_of
from trading.orders.wording import how, life
from trading.risk.checking import Proposal, check_risk, propose, record_denial
from trading.risk.errors import RiskRefused
from trading.risk.killing import refuse_while_halted
from trading.risk.limits import limits_over
from trading.upstream import ask_autoshares, leave_to_send, open_client

log = logging.getLogger(__name__)

# What may be changed; symbol, side and all-or-none may not (API.md 6.8).
CHANGEABLE = ("quantity", "limit_price", "stop_price", "trail_value", "time_in_force", "expires_on")


def changed_ticket(
    order: Order,
    *,
    quantity: Decimal | None = None,
    limit_price: Decimal | None = None,
    stop_price: Decimal | None = None,
    trail_value: Decimal | None = None,
    time_in_force: str | None = None,
    expires_on: date | None = None,
) -> Ticket:
    """The order as it shall be afterwards; what is None stays. `quantity` is the new total, in shares."""
    ticket = Ticket.of_order(order)
    life_after = time_in_force or ticket.time_in_force
    is_dated = life_after == Order.TimeInForce.GTD
    return replace(
        ticket,
        quantity=quantity or ticket.quantity,
        limit_price=(limit_price or ticket.limit_price) if order.type in NEEDS_LIMIT else None,
        stop_price=(stop_price or ticket.stop_price) if order.type in NEEDS_STOP else None,
        trail=replace(ticket.trail, value=trail_value or ticket.trail.value) if ticket.trail else None,
        time_in_force=life_after,
        expires_on=(expires_on or ticket.expires_on) if is_dated else None,
    )


def preview_change(order: Order, ticket: Ticket, *, by: User) -> Preview:
    """Ask AutoShares what `order` would cost as `ticket`, and whether it would be changed. Network; nothing is.

    Raises OrderError, as `replace_order` would.
    """
    account = order.account
    proposal = propose(account, by, ticket, replacing=order)
    refuse_ordering(account, by, ticket)
    _refuse(order, proposal)
    if order.vendor_order_id is None:
        raise OrderNotReplaceable("AutoShares has not named this order yet. Try again in a moment.")
    change = change_of(ticket, order.vendor_order_id, order.client_id)
    answer = ask_autoshares(by, lambda client: client.orders.preview_replace(account.vendor_account_id, change))
    return read_answer(answer, account=account, by=by, ticket=ticket, security=proposal.security, replacing=order)


def replace_order(order: Order, ticket: Ticket, *, by: User, form_key: uuid.UUID) -> OrderRequest:
    """Ask AutoShares to change `order` into `ticket`, at most once; return the request and what is known of it.

    The intent is committed before anything is sent. ACKED means "received": the new terms count once the book shows
    them. READY: AutoShares cannot be reached, it is sent later, once. UNKNOWN means nobody answered: the book shows
    which terms hold. Same form_key, same request.

    Raises TicketInvalid, RiskRefused, AccountMayNotTrade, AgreementsOutstanding, and TooManyOrders, ConnectionEnded or
    BrokerUnreachable before anything is written; OrderNotReplaceable when the order has ended or something else is
    under way, and when this very request was refused by AutoShares or never sent.
    """
    request = _find_known(order, ticket, form_key) or _ask_once(order, ticket, by=by, form_key=form_key)
    if request.state in {RequestState.REFUSED, RequestState.WITHDRAWN}:
        raise OrderNotReplaceable(request.reason or "AutoShares did not change the order.")
    return request


def _ask_once(order: Order, ticket: Ticket, *, by: User, form_key: uuid.UUID) -> OrderRequest:
    try:
        client = open_client(by)
        with leave_to_send(client, order.account):
            with transaction.atomic(durable=True):
                request = _write_intent(order, ticket, by=by, form_key=form_key)
            if request.state == RequestState.READY and request.sent_count == 0:
                send_once(request, client=client)
    except RiskRefused as refused:
        record_denial(order.account, by, ticket, refused)
        raise
    except OrderError:  # the form may have asked before whatever is in the way now
        if known := _find_known(order, ticket, form_key):
            return known
        raise
    return request


def _find_known(order: Order, ticket: Ticket, form_key: uuid.UUID) -> OrderRequest | None:
    request = OrderRequest.unscoped.filter(broker_id=order.broker_id, form_key=form_key).first()
    if request is None:
        return None
    same = request.kind == OrderRequest.Kind.REPLACE and request.order_id == order.pk
    if not same or request.payload_hash != hash_payload(ticket.payload()):
        raise FormKeyReused
    return request


def _write_intent(order: Order, ticket: Ticket, *, by: User, form_key: uuid.UUID) -> OrderRequest:
    """Holding the account's row and the order's: what must be true, then the request and its line."""
    account = TradingAccount.unscoped.select_for_update(no_key=True).get(pk=order.account_id)
    order = lock_order(order.pk)
    if known := _find_known(order, ticket, form_key):
        return known
    refuse_ordering(account, by, ticket)
    refuse_unsigned(by)
    proposal = propose(account, by, ticket, replacing=order)
    _refuse(order, proposal)
    refuse_while_halted(account, order.symbols)
    check_risk(proposal, limits_over(account, by))
    order.replace_requested_at = timezone.now()
    order.save(update_fields=["replace_requested_at", "changed_at"])
    words = f"Change asked for: {in_words(ticket.quantity)} {how(ticket)}, {life(ticket)}."
    record_event(order, "replace.requested", words, actor=OrderEvent.Actor.INVESTOR)
    return OrderRequest.unscoped.create(
        broker_id=order.broker_id,
        order=order,
        kind=OrderRequest.Kind.REPLACE,
        form_key=form_key,
        requested_by=by,
        payload=ticket.payload(),
        payload_hash=hash_payload(ticket.payload()),
    )


def _refuse(order: Order, proposal: Proposal) -> None:
    ticket = proposal.ticket
    if order.is_settled:
        raise OrderNotReplaceable(f"Too late to change: the order is {order.get_state_display().lower()}.")
    if not order.is_replaceable:
        raise OrderNotReplaceable("Something else is under way with this order. Try again in a moment.")
    if ticket.quantity is not None and ticket.quantity <= order.filled_quantity:
        filled = in_words(order.filled_quantity)
        raise TicketInvalid(f"{filled} are filled already: enter a total above that.", field="quantity")
    if ticket.payload() == Ticket.of_order(order).payload():
        raise TicketInvalid("Nothing would change.")
    check_ticket(ticket, proposal.security, today=new_york_day())
    check_against_market(ticket, proposal.quote)

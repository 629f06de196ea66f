"""Previewing and placing an order. The intent is committed first; then it is sent, at most once."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from autoshares.models import OrderPreview
from brokers.scoping import broker_scope
from brokers.templatetags.figures import price, quantity
from investors.accounts.models import TradingAccount
from investors.people import User
from trading.market_hours import MarketState, market_state, new_york_day
from trading.orders.drafting import discard_draft
from trading.orders.errors import (
    DuplicateRecent,
    DuplicateUnresolved,
    FormKeyReused,
    MarketHasClosed,
    OrderError,
    OrderRefused,
    PriceMoved,
)
from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.permission import refuse_ordering, refuse_unsigned
from trading.orders.refusals import explain_code
from trading.orders.reversing import check_reversal
from trading.orders.rules import check_against_market, check_ticket
from trading.orders.sending import send_once
from trading.orders.states import NEVER_ALIVE, OrderState, RequestState
from trading.orders.tickets import Ticket, hash_payload
from trading.orders.timeline import record_event
from trading.orders.vendor_words import draft_of
from trading.orders.wording import sentence
from trading.orders.writing import write_order
from trading.risk.checking import check_risk, propose, record_denial
from trading.risk.errors import RiskRefused
from trading.risk.killing import refuse_while_halted
from trading.risk.limits import Limits, limits_over
from trading.securities.models import Quote, Security
from trading.securities.quoting import keep_quote
from trading.upstream import ask_autoshares, leave_to_send, open_client

# Our ids at AutoShares are uuid5 in this namespace: the same form at the same broker is the same order, everywhere.
CLIENT_IDS = uuid.UUID("5a1c8f0e-7d43-4b7e-9a55-0f6f2f3c1d90")
FAR_FROM_MARKET = Decimal("0.10")
# How far the last price may have moved between the review and the confirmation of a market order.
MOVED = Decimal("0.01")


@dataclass(frozen=True)
class Preview:
    """What AutoShares expects an order to cost, in USD; the quote that it was reckoned with; what to mind."""

    cost: Decimal | None
    commission: Decimal | None
    net_cost: Decimal | None
    margin_change: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    quoted_at: datetime | None
    warnings: tuple[str, ...] = ()


def preview_order(*, account: TradingAccount, by: User, ticket: Ticket) -> Preview:
    """Ask AutoShares what `ticket` would cost and whether it would be taken. Network; nothing is placed.

    A closed market is a warning: a day order waits for the open. Raises OrderError, with the field to change where
    one would help; what the broker's own rules say is said before AutoShares is asked again at the confirmation.
    """
    security = propose(account, by, ticket).security
    _check(account, by, ticket, security)
    draft = draft_of(ticket)
    answer = ask_autoshares(by, lambda client: client.orders.preview(account.vendor_account_id, draft))
    return read_answer(answer, account=account, by=by, ticket=ticket, security=security)


def read_answer(
    answer: OrderPreview,
    *,
    account: TradingAccount,
    by: User,
    ticket: Ticket,
    security: Security | None,
    replacing: Order | None = None,
) -> Preview:
    """What AutoShares' preview of `ticket` says, and what the broker's own rules say to it. Raises OrderError."""
    quote = answer.quote_of(ticket.symbol)
    if security is not None and quote is not None:
        keep_quote(security, quote)
    if not answer.is_successful and answer.error_code != "MarketClosed":
        refusal = explain_code(answer.error_code, answer.error_text)
        raise OrderRefused(
            refusal.user_message, field=refusal.field, code=refusal.code, vendor_message=refusal.vendor_message
        )
    with _denials_kept(account, by, ticket), transaction.atomic():
        refuse_while_halted(account, _symbols(ticket))
        proposal = propose(account, by, ticket, replacing=replacing)
        check_risk(proposal, limits_over(account, by))
    check_against_market(ticket, proposal.quote)
    return Preview(
        cost=answer.cost if answer.is_successful else None,
        commission=answer.commission if answer.is_successful else None,
        net_cost=answer.net_cost if answer.is_successful else None,
        margin_change=answer.margin_change if answer.is_successful else None,
        bid=quote.bid if quote else None,
        ask=quote.ask if quote else None,
        last=quote.last if quote else None,
        quoted_at=quote.at if quote else None,
        warnings=tuple(_warnings(account, ticket, answer)),
    )


def place_order(
    *,
    account: TradingAccount,
    by: User,
    ticket: Ticket,
    form_key: uuid.UUID,
    is_second: bool = False,
    reviewed_price: str = "",
    closed: MarketState | None = None,
) -> Order:
    """Place the order of `ticket`, once per `form_key`; return it (the head, of orders that belong together).

    Two clicks, the back button and two tabs with the same form are one order. Another form with the same order soon
    after is asked about, unless `is_second` says that a second one is meant; a market order whose last price is no
    longer near `reviewed_price` (USD, as text) has to be looked at again, and so has one whose market has `closed`
    since. The intent is committed before anything is sent; no transaction spans the call. The order may come back
    UNKNOWN (nobody answered: it is looked for) or RECEIVED (AutoShares cannot be reached: it is sent later, once).
    What was typed for it is forgotten with the intent. Raises OrderError when no intent was written.
    """
    try:
        _refuse_closed_market(ticket, closed)
        client = open_client(by)
        with leave_to_send(client, account):
            try:
                with _denials_kept(account, by, ticket), transaction.atomic(durable=True):
                    request = _write_intent(
                        account, by, ticket, form_key, is_second=is_second, reviewed_price=reviewed_price
                    )
            except IntegrityError as taken:  # the same form key, at this very moment, for another account
                raise FormKeyReused from taken
            if request.state == RequestState.READY and request.sent_count == 0:
                send_once(request, client=client)
    except OrderError:  # the form may have made its order before whatever is in the way now
        if known := find_known(account, by, ticket.payload(), form_key):
            return known
        raise
    return request.order


def _refuse_moved_price(ticket: Ticket, quote: Quote | None, reviewed: str) -> None:
    """Raise PriceMoved when the last price is no longer near the one that the investor confirms (USD, as text).

    Only what trades at the market is held back; a limit says itself what it may cost.
    """
    if ticket.lead.type != Order.Type.MARKET or not reviewed:
        return
    try:
        then = Decimal(reviewed)
    except InvalidOperation:
        return
    now = quote.last if quote is not None else None
    if now is None or not then.is_finite() or then <= 0 or abs(now / then - 1) <= MOVED:
        return
    raise PriceMoved(
        f"{ticket.symbol} is at {price(now)} now; when you reviewed the order it was at {price(then)}. "
        "Look at it again: nothing was sent."
    )


def _refuse_closed_market(ticket: Ticket, closed: MarketState | None) -> None:
    """Raise MarketHasClosed: what was reviewed as good for today would wait for another day."""
    if closed is not None and ticket.lead.session == Order.Session.REGULAR:
        raise MarketHasClosed(
            "The market has closed since you reviewed the order; it would wait until "
            f"{closed.label.removeprefix('Closed until ')}. Look at it again: nothing was sent."
        )


@contextmanager
def _denials_kept(account: TradingAccount, by: User, ticket: Ticket) -> Iterator[None]:
    """Around the transaction that a rule of ours may roll back: the denial outlives it."""
    try:
        yield
    except RiskRefused as refused:
        record_denial(account, by, ticket, refused)
        raise


def find_known(account: TradingAccount, by: User, payload: dict, form_key: uuid.UUID) -> Order | None:
    """The order that this form has made already. Raises FormKeyReused if the form was used for anything else."""
    request = OrderRequest.unscoped.filter(broker_id=account.broker_id, form_key=form_key).first()
    if request is None:
        return None
    same = (
        request.kind == OrderRequest.Kind.PLACE
        and request.payload_hash == hash_payload(payload)
        and request.order.account_id == account.pk
        and request.requested_by_id == by.pk
    )
    if not same:
        raise FormKeyReused
    return request.order


def _write_intent(
    account: TradingAccount, by: User, ticket: Ticket, form_key: uuid.UUID, *, is_second: bool, reviewed_price: str
) -> OrderRequest:
    """TX1, holding the account's row: everything that must be true, then the order, its request and its first line."""
    account = TradingAccount.unscoped.select_for_update(no_key=True).get(pk=account.pk)
    payload = ticket.payload()
    if known := find_known(account, by, payload, form_key):
        return known.requests.get(kind=OrderRequest.Kind.PLACE)
    proposal = propose(account, by, ticket)
    _check(account, by, ticket, proposal.security)
    _refuse_moved_price(ticket, proposal.quote, reviewed_price)
    refuse_unsigned(by)
    refuse_while_halted(account, _symbols(ticket))
    _refuse_unresolved_twin(account, ticket)
    limits = limits_over(account, by)
    if not is_second:
        _ask_about_duplicate(account, payload, limits)
    check_risk(proposal, limits)
    client_id = uuid.uuid5(CLIENT_IDS, f"{account.broker_id}:{form_key}")
    order = write_order(account, by, ticket, client_id, reference_value=proposal.value)
    record_event(order, "order.received", f"{sentence(ticket)}.", actor=OrderEvent.Actor.INVESTOR)
    discard_draft(by, ticket.symbol)
    return OrderRequest.unscoped.create(
        broker_id=account.broker_id,
        order=order,
        kind=OrderRequest.Kind.PLACE,
        form_key=form_key,
        requested_by=by,
        payload=payload,
        payload_hash=hash_payload(payload),
    )


def _symbols(ticket: Ticket) -> set[str]:
    return {order.symbol for order in ticket.orders}


def _check(account: TradingAccount, by: User, ticket: Ticket, security: Security | None) -> None:
    check_ticket(ticket, security, today=new_york_day())
    refuse_ordering(account, by, ticket)
    if ticket.is_reversal:
        check_reversal(account, ticket)


def _refuse_unresolved_twin(account: TradingAccount, ticket: Ticket) -> None:
    """A similar order whose outcome nobody knows may be alive: a second one now could be one too many."""
    lost = Q(
        requests__kind=OrderRequest.Kind.PLACE,
        requests__state=RequestState.SENDING,
        requests__lease_until__lt=timezone.now(),
    )
    twins = Order.unscoped.filter(
        Q(state=OrderState.UNKNOWN) | lost,
        account=account,
        symbol=ticket.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        cash_amount=ticket.cash_amount,
    )
    if twins.exists():
        raise DuplicateUnresolved(
            "AutoShares did not answer when you placed such an order a moment ago, so it may exist already. "
            "We are looking for it; you can place it again when that is settled."
        )


def _ask_about_duplicate(account: TradingAccount, payload: dict[str, Any], limits: Limits) -> None:
    """The very same order a moment ago, from another form: meant, or a slip?"""
    window = timedelta(seconds=limits.duplicate_window_seconds)
    same = OrderRequest.unscoped.filter(
        order__account=account,
        kind=OrderRequest.Kind.PLACE,
        payload_hash=hash_payload(payload),
        created_at__gt=timezone.now() - window,
    ).exclude(order__state__in=NEVER_ALIVE)
    if (before := same.order_by("-created_at").first()) is not None:
        raise DuplicateRecent(before.created_at)


def _warnings(account: TradingAccount, ticket: Ticket, answer: OrderPreview) -> list[str]:
    warnings = []
    with broker_scope(account.broker):
        market = market_state(account.broker)
    if not market.is_open:
        opening = market.label.removeprefix("Closed until ")
        warnings.append(f"The market is closed. Your order waits until it opens: {opening}.")
    elif answer.error_code == "MarketClosed":  # by AutoShares' clock, which we do not know
        warnings.append("AutoShares says that the market is closed for this order. It may wait, or not be accepted.")
    quote = answer.quote_of(ticket.symbol)
    if quote is not None and quote.is_halted:
        warnings.append(f"Trading in {ticket.symbol} is halted. Your order waits until it resumes.")
    lead = ticket.lead
    if quote is not None and lead.type == Order.Type.LIMIT and lead.limit_price is not None:
        touch = quote.ask if lead.is_buy else quote.bid
        if touch:
            off = lead.limit_price / touch - 1 if lead.is_buy else 1 - lead.limit_price / touch
            if off > FAR_FROM_MARKET:
                word = "above" if lead.is_buy else "below"
                warnings.append(f"Your limit is {off:.0%} {word} the market: it would trade at once.")
    warnings += _words_of_caution(ticket)
    return warnings


def _words_of_caution(ticket: Ticket) -> list[str]:
    """What people tend to forget about an order of this type."""
    warnings = []
    if ticket.is_reversal:
        side = "short of" if ticket.legs[1].side == Order.Side.SHORT else "holding"
        warnings.append(
            f"This turns your position around: afterwards you are {side} {quantity(ticket.quantity)} {ticket.symbol}. "
            "The second order trades at whatever the market price is once the first one is filled."
        )
    for order in ticket.orders:
        if order.type in {Order.Type.STOP, Order.Type.TRAILING_STOP}:
            warnings.append("After its stop is reached the order trades at the market, perhaps at a worse price.")
        elif order.type in {Order.Type.STOP_LIMIT, Order.Type.TRAILING_STOP_LIMIT}:
            warnings.append("If the price jumps past the limit, the order may not be filled at all.")
        if order.side == Order.Side.SHORT:
            warnings.append("A short sale can lose more than it brings: the price may rise without limit.")
    return list(dict.fromkeys(warnings))

"""What AutoShares' list of orders says of an account, compared with what we hold. One list call, all pages.

An order is recognised by its AutoShares id, else by our id in ClientId or Comment; never by symbol, side and
quantity, since twins are lawful. Absence from the list proves nothing: what is not found stays unresolved.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from autoshares.client import Client
from autoshares.enums import OrderStatus as VendorStatus
from autoshares.errors import AutoSharesError, NotFound
from autoshares.models import Order as VendorOrder
from investors.accounts.models import TradingAccount
from investors.grants.tokens import client_for_account
from trading.orders.models import Order, OrderRequest
from trading.orders.news import VendorOrderTaken, apply_news, is_news, lock_order
from trading.orders.states import SETTLED, OrderState, RequestState
from trading.orders.timeline import record_event
from trading.orders.vendor_words import ticket_of
from trading.orders.writing import write_order
from trading.risk.killing import throw_switch
from trading.risk.models import KillSwitch

log = logging.getLogger(__name__)

IMPORTED_IDS = uuid.UUID("c1b7c8e2-53c7-4b0a-8a0e-3d5f5a8d7b11")
WINDOW = timedelta(days=1)  # generous: clocks differ, and yesterday's late news still counts
DEADLINE = timedelta(minutes=10)
CANCEL_SHOWS_WITHIN = timedelta(seconds=5)
MOST_SINGLE_READS = 5
PENDING = {VendorStatus.PENDING_CANCEL.value, VendorStatus.PENDING_REPLACE.value}


@dataclass(frozen=True)
class Look:
    """What a look at the book came to. `unchanged`: the open orders, where it brought nothing new of any."""

    traded: bool
    unchanged: list[Order] | None


def reconcile_account(account: TradingAccount, *, client: Client | None = None) -> Look:
    """Bring the orders of `account` up to date. Network; no transaction spans it.

    Where AutoShares lists our open orders just as we hold them, that costs one query for all of them.
    Raises GrantEnded when nobody can speak for the account, and the errors of `autoshares`.
    """
    client = client or client_for_account(account)
    started = timezone.now()
    held = _with_legs(Order.unscoped.filter(account=account, parent=None).exclude(state__in=SETTLED).order_by())
    rows = _read_list(client, account, held, started)
    known = _known_orders(account, rows, held)
    found, strangers = _match(known, rows)
    news = [(order, found[order.pk]) for order in known if order.pk in found]
    news += [(order, [row]) for order, row in _read_missing(client, account, held, found)]
    news = [(order, its_rows) for order, its_rows in news if len(its_rows) > 1 or is_news(order, its_rows[0])]
    traded = [_learn(order, its_rows) for order, its_rows in news]
    if any(order.state == OrderState.UNKNOWN for order in held):
        _count_looks(account, started, found)
    is_noticed = _notice_ignored_requests(held, found, started)
    if strangers and not _is_sending(account):
        for row in strangers:
            _import_order(account, row)
    return Look(any(traded), None if news or strangers or is_noticed else held)


def look_pause(age: timedelta) -> timedelta:
    """How long until an order in doubt, unresolved for `age`, is looked for again."""
    if age < timedelta(minutes=1):
        return timedelta(seconds=1)
    return timedelta(seconds=5) if age < DEADLINE else timedelta(minutes=1)


def _read_list(client: Client, account: TradingAccount, held: list[Order], started: datetime) -> list[VendorOrder]:
    """Every order, of every status, since before the oldest one that we still expect something of."""
    oldest = min([order.created_at for order in held], default=started)
    # What stays unfound is looked for everywhere, in case AutoShares' clock tells another time than ours.
    lost = any(
        order.state == OrderState.UNKNOWN and started - order.created_at > timedelta(minutes=1) for order in held
    )
    rows = client.orders.list(account.vendor_account_id, created_since=None if lost else min(oldest, started) - WINDOW)
    return [row for row in rows if row.id and row.parent_id is None]


def _known_orders(account: TradingAccount, rows: list[VendorOrder], held: list[Order]) -> list[Order]:
    """Our orders that any of `rows` may be, whatever state they are in, legs included. No query where all are held."""
    known = {order.pk: order for order in held}
    vendor_ids, client_ids = {order.vendor_order_id for order in held}, {order.client_id for order in held}
    others = [row for row in rows if row.id not in vendor_ids and client_ids.isdisjoint(_our_ids(row))]
    if others:
        ids = {row.id for row in others}
        ours = {our_id for row in others for our_id in _our_ids(row)}
        mine = Order.unscoped.filter(Q(vendor_order_id__in=ids) | Q(client_id__in=ours), account=account, parent=None)
        known |= {order.pk: order for order in _with_legs(mine)}
    return list(known.values())


def _with_legs(orders: QuerySet[Order]) -> list[Order]:
    """The orders; those that are heads with their legs. One query, two if there are heads."""
    rows = list(orders)
    prefetch_related_objects([order for order in rows if order.is_group], "legs")
    return rows


def _our_ids(row: VendorOrder) -> set[uuid.UUID]:
    """The ids of ours that the row may carry, in ClientId, its predecessor, or Comment."""
    found = set()
    for text in (row.client_id, row.original_client_id, row.comment):
        try:
            found.add(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _match(
    known: list[Order], rows: list[VendorOrder]
) -> tuple[dict[uuid.UUID, list[VendorOrder]], list[VendorOrder]]:
    """Rows by our order, and the rows that are none of ours."""
    by_vendor_id = {order.vendor_order_id: order for order in known if order.vendor_order_id is not None}
    by_client_id = {order.client_id: order for order in known}
    found: dict[uuid.UUID, list[VendorOrder]] = defaultdict(list)
    strangers = []
    for row in rows:
        order = by_vendor_id.get(row.id) or next(
            (by_client_id[our_id] for our_id in _our_ids(row) if our_id in by_client_id), None
        )
        if order is None:
            strangers.append(row)
        else:
            found[order.pk].append(row)
    return dict(found), strangers


def _learn(order: Order, rows: list[VendorOrder]) -> bool:
    """Take over the news of one order; True if shares were traded."""
    try:
        return _believe(order, rows)
    except VendorOrderTaken:
        log.critical("order %s: AutoShares lists it under an id that another order holds", order.pk)
        return False


def _believe(order: Order, rows: list[VendorOrder]) -> bool:
    with transaction.atomic(durable=True):
        order = lock_order(order.pk)
        mine = [row for row in rows if order.vendor_order_id in {None, row.id}]
        if len(rows) > 1 or not mine:
            _alarm_several(order, rows)
        if len(mine) != 1:
            return False
        return apply_news(order, mine[0])


def _alarm_several(order: Order, rows: list[VendorOrder]) -> None:
    """More than one order at AutoShares carries our id: nobody here may choose between them, and no more may leave."""
    ids = sorted(row.id for row in rows)
    if order.events.filter(kind="order.several_found").exists():
        return
    log.error("order %s: several orders at AutoShares carry its id: %s", order.pk, ids)
    text = "AutoShares lists more than one order with this reference. Your broker is looking into it."
    record_event(order, "order.several_found", text, vendor_order_ids=ids)
    reason = "Several orders carry one reference; your broker is looking into it."
    throw_switch(KillSwitch.Scope.ACCOUNT, account=order.account, reason=reason, by=None)


def _read_missing(
    client: Client, account: TradingAccount, held: list[Order], found: Iterable[uuid.UUID]
) -> list[tuple[Order, VendorOrder]]:
    """Open orders that AutoShares has, yet did not list: asked for one by one."""
    missing = [(order, order.vendor_order_id) for order in held if order.vendor_order_id and order.pk not in found]
    pairs = []
    for order, vendor_order_id in missing[:MOST_SINGLE_READS]:
        try:
            row = client.orders.get(account.vendor_account_id, vendor_order_id)
        except NotFound as error:
            log.error("order %s is open here and unknown at AutoShares: %s", order.pk, error)
            continue
        except AutoSharesError as error:
            log.warning("order %s could not be read: %s", order.pk, error)
            continue
        pairs.append((order, row))
    return pairs


def _count_looks(account: TradingAccount, started: datetime, found: dict) -> None:
    """Placements in doubt that this look did not settle: count it, and speak up when the deadline has passed."""
    doubtful = OrderRequest.unscoped.select_related("order").filter(
        order__account=account,
        kind=OrderRequest.Kind.PLACE,
        state=RequestState.UNKNOWN,
        changed_at__lte=started,
    )
    for request in doubtful:
        age = started - request.created_at
        OrderRequest.unscoped.filter(pk=request.pk, state=RequestState.UNKNOWN).update(
            looks=request.looks + 1, next_look_at=started + look_pause(age)
        )
        if age > DEADLINE and request.order_id not in found:
            _report_unresolved(request.order)


def _report_unresolved(order: Order) -> None:
    if order.events.filter(kind="order.unresolved").exists():
        return
    log.error("order %s is unresolved: AutoShares does not list it", order.pk)
    text = "AutoShares still does not list this order. Your broker decides what becomes of it; it is not sent again."
    record_event(order, "order.unresolved", text)


def _notice_ignored_requests(held: list[Order], found: dict[uuid.UUID, list[VendorOrder]], started: datetime) -> bool:
    """A cancellation or a change that nobody answered, and an order that works on as it was: it may be asked again.

    True if there was one. To repeat a cancellation is safe (API.md 3.6): if the first one did arrive, the second is
    refused. A change says what the order shall be in the end, so that a second one does no harm either.
    """
    asked = [order.pk for order in held if order.cancel_requested_at or order.replace_requested_at]
    seen = [order_id for order_id in asked if order_id in found]
    if not seen:
        return False
    ignored = OrderRequest.unscoped.filter(
        order__in=seen,
        kind__in=[OrderRequest.Kind.CANCEL, OrderRequest.Kind.REPLACE],
        state__in=[RequestState.UNKNOWN, RequestState.ACKED],
        changed_at__lt=started - CANCEL_SHOWS_WITHIN,
    )
    silent = ignored.exclude(kind=OrderRequest.Kind.CANCEL, state=RequestState.ACKED)
    unanswered = set(silent.values_list("order_id", "kind"))
    for order_id, kind in unanswered:
        with transaction.atomic(durable=True):
            _forget_request(lock_order(order_id), kind)
    return bool(unanswered)


def _forget_request(order: Order, kind: str) -> None:
    column = "cancel_requested_at" if kind == OrderRequest.Kind.CANCEL else "replace_requested_at"
    since = getattr(order, column)
    if order.is_settled or since is None or order.vendor_status in PENDING:
        return
    setattr(order, column, None)
    order.save(update_fields=[column, "changed_at"])
    if kind == OrderRequest.Kind.CANCEL:
        record_event(order, "cancel.not_seen", "The order is still working. You may cancel it again.")
    else:
        record_event(order, "replace.not_seen", "The order works on as it was. You may change it again.")


def _is_sending(account: TradingAccount) -> bool:
    """Whether a placement is on its way at this moment: what looks like a stranger may be ours."""
    return OrderRequest.unscoped.filter(
        order__account=account, kind=OrderRequest.Kind.PLACE, state=RequestState.SENDING
    ).exists()


def _import_order(account: TradingAccount, row: VendorOrder) -> None:
    """An order that was placed elsewhere joins our books. What our tickets cannot say stays out of them."""
    ticket = ticket_of(row)
    if ticket is None:
        log.debug("AutoShares order %s is not shown: %s %s %s", row.id, row.side, row.type, row.time_in_force)
        return
    client_id = uuid.uuid5(IMPORTED_IDS, f"{account.broker_id}:{row.id}")
    try:
        with transaction.atomic(durable=True):
            order = write_order(account, None, ticket, client_id, vendor_order_id=row.id, state=OrderState.ACKED)
            record_event(order, "order.imported", "Placed outside Sharefront.", vendor_order_id=row.id)
            apply_news(order, row)
            if row.created_at:
                Order.unscoped.filter(pk=order.pk).update(created_at=row.created_at)
    except IntegrityError:
        log.info("AutoShares order %s was imported by another process", row.id)

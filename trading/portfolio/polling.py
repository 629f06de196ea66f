"""The poll: books that are due are claimed one by one, brought up to date, and told when to be looked at again.

The due-table is `AccountBook.next_check_at`; claiming pushes it ahead as a lease, so that after a crash the book
comes back by itself, and a poisonous account cannot stop the others. Cost grows with what is due.
"""

import logging
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from autoshares.client import Client
from autoshares.errors import AutoSharesError, RateLimited, Unauthorized
from brokers.models import Broker
from brokers.scoping import broker_scope
from investors.accounts.models import AccountLink
from investors.grants.errors import GrantEnded, GrantUnreachable
from investors.grants.models import Grant
from investors.grants.tokens import client_of, report_unauthorized
from investors.people import User
from trading.market_hours import market_state
from trading.orders.models import Order
from trading.orders.reconciling import look_pause, reconcile_account
from trading.orders.states import IN_DOUBT, SETTLED
from trading.portfolio.models import AccountBook
from trading.portfolio.syncing import sync_account
from trading.upstream import describe

log = logging.getLogger(__name__)

# Beside a statement of its own: its commit waits for no disk. What a power cut takes back is done again.
NO_DISK = "set_config('synchronous_commit', 'off', true)"
# How long an account waits after whoever looked at it has died. A slower look meets a second one, which does no harm.
LEASE = timedelta(seconds=30)
ROUND_SECONDS = 20
LONGEST_BACKOFF_SECONDS = 60
# How old balances and positions may grow while somebody watches, and while nobody does.
WATCHED_FIGURES_LAST, FIGURES_LAST = timedelta(seconds=3), timedelta(seconds=60)


@dataclass(frozen=True)
class Stake:
    """What is at stake in an account, and so how soon it is worth another look."""

    has_doubt: bool = False  # an order that AutoShares has not answered for
    doubt_age: timedelta = timedelta(0)
    has_moving_order: bool = False  # just placed, or just asked to be canceled
    has_market_order: bool = False
    has_limit_order: bool = False
    is_watched: bool = False
    is_market_open: bool = True

    def pause(self) -> timedelta | None:
        """Time until the next look; None: rest until somebody comes. 60 looks a minute at most (limit: 120)."""
        if self.has_doubt:
            return look_pause(self.doubt_age)
        if self.has_moving_order or (self.has_market_order and self.is_market_open):
            return timedelta(seconds=1)
        works = self.has_market_order or self.has_limit_order
        if self.is_watched:
            return timedelta(seconds=3 if works and self.is_market_open else 5)
        if works:
            return timedelta(seconds=15 if self.is_market_open else 60)
        return None


def poll_due_accounts() -> None:
    """Check every book that is due, until none is or the round is over. Safe beside itself."""
    until = time.monotonic() + ROUND_SECONDS
    brokers: dict[int, Broker] = {}  # with their keys, read once a round
    while time.monotonic() < until and (book := claim_next_due()):
        book.broker = brokers.setdefault(book.broker_id, brokers.get(book.broker_id) or book.broker)
        with broker_scope(book.broker):
            check_book(book)


def claim_next_due() -> AccountBook | None:
    """The book that has been due for longest, leased to the caller, or None. One statement.

    It waits for no disk: a claim that a power cut undoes leaves the book due.
    """
    now = timezone.now()
    table = AccountBook._meta.db_table
    claimed = AccountBook.unscoped.raw(
        f"""
        UPDATE {table} SET next_check_at = %s FROM {NO_DISK} WHERE id = (
            SELECT id FROM {table} WHERE next_check_at <= %s
            ORDER BY next_check_at LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING {table}.*
        """,  # noqa: S608 - the table's name is the model's own
        [now + LEASE, now],
    )
    return next(iter(claimed), None)


def check_book(book: AccountBook) -> None:
    """One look at one account; whatever goes wrong is written into its book and never raised."""
    try:
        user, client = _speaker_for(book)
    except GrantEnded as ended:
        _rest(book, ended)
        return
    try:
        _check(book, client)
    except Exception as failure:
        _back_off(book, failure, user)


def _speaker_for(book: AccountBook) -> tuple[User, Client]:
    """Whoever is linked to the account and has a working grant. One query, which brings the account along.

    Raises GrantEnded if nobody has.
    """
    links = AccountLink.unscoped.select_related("account", "user__grant").filter(
        account_id=book.account_id,
        is_current=True,
        user__is_active=True,
        user__grant__state=Grant.State.ACTIVE,
    )
    reason: GrantEnded = GrantEnded()
    for link in links.order_by("-user__grant__expires_at"):
        book.account = link.account
        link.account.broker = link.user.broker = link.user.grant.broker = book.broker
        try:
            return link.user, client_of(link.user.grant, in_background=True)
        except GrantEnded as refusal:
            reason = refusal
    raise reason


def _check(book: AccountBook, client: Client) -> None:
    now = timezone.now()
    look = reconcile_account(book.account, client=client)
    book.orders_at = timezone.now()
    is_watched = book.watched_until is not None and book.watched_until > now
    known = [moment for moment in (book.balances_at, book.positions_at) if moment is not None]
    oldest = now - (WATCHED_FIGURES_LAST if is_watched else FIGURES_LAST)
    if look.traded or len(known) < 2 or min(known) < oldest:
        sync_account(book.account, client=client)
    pause = stake_of(book, look.unchanged).pause()
    _finish(book, None if pause is None else timezone.now() + pause, orders_at=book.orders_at, failures=0, error="")


def stake_of(book: AccountBook, orders: Iterable[Order] | None = None) -> Stake:
    """What is at stake in the book's account right now. A query unless its open `orders` are given."""
    now = timezone.now()
    if orders is None:
        orders = Order.unscoped.filter(account_id=book.account_id).exclude(state__in=SETTLED)
    doubts = [now - order.created_at for order in orders if order.state in IN_DOUBT]
    types = {order.type for order in orders}
    return Stake(
        has_doubt=bool(doubts),
        doubt_age=min(doubts, default=timedelta(0)),
        has_moving_order=any(order.is_moving for order in orders),
        has_market_order=Order.Type.MARKET in types,
        has_limit_order=Order.Type.LIMIT in types,
        is_watched=book.watched_until is not None and book.watched_until > now,
        is_market_open=market_state(book.broker, now).is_open,
    )


def _rest(book: AccountBook, ended: GrantEnded) -> None:
    """Nobody can speak for the account: rest until somebody signs in, or until the tokens can be renewed."""
    if isinstance(ended, GrantUnreachable):
        _finish(book, _backoff(book), failures=book.failures + 1, error=describe(ended))
    else:
        _finish(book, None, error=describe(ended))


def _back_off(book: AccountBook, failure: Exception, user: User) -> None:
    again = _backoff(book)
    if isinstance(failure, Unauthorized) and report_unauthorized(user):
        again = timezone.now()
    elif isinstance(failure, RateLimited) and failure.retry_after is not None:
        again = timezone.now() + timedelta(seconds=max(1.0, failure.retry_after))
    if isinstance(failure, AutoSharesError):
        log.warning("account book %s: %s", book.pk, failure)
    else:
        log.error("account book %s could not be checked", book.pk, exc_info=failure)
    _finish(book, again, failures=book.failures + 1, error=describe(failure))


def _backoff(book: AccountBook) -> datetime:
    """Twice as long after each failure in a row, a minute at most, with jitter so that books do not march in step."""
    seconds = min(2.0 ** (book.failures + 1), LONGEST_BACKOFF_SECONDS)
    return timezone.now() + timedelta(seconds=random.uniform(seconds / 2, seconds))  # noqa: S311 - no secret


def _finish(book: AccountBook, next_check_at: datetime | None, **fields: datetime | int | str | None) -> None:
    """Close the look. If somebody made the book due meanwhile, it stays due. One statement that waits for no disk."""
    table = AccountBook._meta.db_table
    columns = "".join(f", {name} = %s" for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {table}
            SET next_check_at = CASE WHEN next_check_at = %s THEN %s::timestamptz ELSE next_check_at END{columns}
            FROM {NO_DISK} WHERE id = %s
            """,  # noqa: S608 - the names are the model's own
            [book.next_check_at, next_check_at, *fields.values(), book.pk],
        )

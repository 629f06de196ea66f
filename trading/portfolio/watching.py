"""Somebody looks at an account: its book is checked more often for a while."""

from datetime import timedelta

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from investors.accounts.models import TradingAccount
from investors.people import User
from trading.nudging import nudge
from trading.portfolio.models import AccountBook
from trading.tasks import poll_due_accounts

WATCHED_FOR = timedelta(seconds=20)
STALE_AFTER = timedelta(seconds=5)


def watch_account(account: TradingAccount) -> None:
    """Keep the book of `account` fresh for the next 20 seconds. At most two queries; never the network.

    A book that rested, or that nobody watched, becomes due at once when it is older than 5 seconds; a younger one no
    later than in 5 seconds. One that is being checked, or backs off after failures, is left alone.
    """
    now = timezone.now()
    until = now + WATCHED_FOR
    books = AccountBook.unscoped.filter(account=account)
    unwatched = Q(watched_until=None) | Q(watched_until__lt=now)
    far_off = unwatched & Q(failures=0, next_check_at__gt=now + STALE_AFTER)
    old = now - STALE_AFTER  # the figures are left out of checks while nobody watches, so they age on their own
    stale = Q(orders_at=None) | Q(orders_at__lt=old) | Q(balances_at=None) | Q(balances_at__lt=old)
    if books.filter(stale & (Q(next_check_at=None) | far_off)).update(watched_until=until, next_check_at=now):
        nudge(poll_due_accounts)
    else:
        sooner = Case(When(far_off, then=Value(now + STALE_AFTER)), default=F("next_check_at"))
        books.update(watched_until=until, next_check_at=sooner)


def make_due(account: TradingAccount) -> None:
    """Something happened with `account`: look at its book as soon as possible. Creates the book if need be."""
    due = {"next_check_at": timezone.now()}
    if not AccountBook.unscoped.filter(account=account).update(**due):
        AccountBook.unscoped.get_or_create(account=account, defaults={"broker_id": account.broker_id, **due})
    nudge(poll_due_accounts)


def open_books(sender: object, *, user: User, **kwargs: object) -> None:
    """Receiver of `accounts_linked`: every account that the investor may see gets a book, and a look soon."""
    now = timezone.now()
    accounts = TradingAccount.unscoped.filter(links__user=user, links__is_current=True)
    books = [AccountBook(broker_id=account.broker_id, account=account) for account in accounts]
    AccountBook.unscoped.bulk_create(books, ignore_conflicts=True)
    AccountBook.unscoped.filter(account__in=[book.account for book in books]).update(next_check_at=now)
    nudge(poll_due_accounts)

"""Which trading accounts an investor has at AutoShares, copied to our rows."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from autoshares import Client
from autoshares import TradingAccount as ListedAccount
from autoshares.errors import AutoSharesError
from brokers.scoping import broker_scope
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.errors import GrantEnded
from investors.grants.models import Grant
from investors.grants.tokens import client_for
from investors.people import User
from investors.signals import accounts_linked

RETRY = timedelta(seconds=20)
MOST_IN_A_ROW = 20

log = logging.getLogger("investors.accounts")


def link_accounts(user: User, client: Client) -> None:
    """Bring the investor's identity and accounts up to date; harmless to repeat. Two calls to AutoShares.

    Accounts that AutoShares no longer lists stay, with their history, but are not current any more.
    Raises what the calls raise; nothing is changed then.
    """
    me, listed = client.users.me(), client.accounts.of_me()
    with broker_scope(user.home), transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _take_over_identity(person, me)
        links = [_link(person, account) for account in listed]
        person.account_links.exclude(pk__in=[link.pk for link in links]).update(is_current=False)
        if person.selected_account_id not in {link.account_id for link in links}:
            person.selected_account = None
        person.save(update_fields=["vendor_user_id", "first_name", "last_name", "email", "selected_account"])
        Grant.unscoped.filter(user=person).update(accounts_due_at=None)
    user.refresh_from_db()
    accounts_linked.send_robust(sender=User, user=user)


def link_later(user: User) -> None:
    """AutoShares did not tell: have the task ask again soon."""
    Grant.unscoped.filter(user=user, state=Grant.State.ACTIVE).update(accounts_due_at=timezone.now() + RETRY)


def link_due_accounts() -> int:
    """Ask again for the accounts that could not be read at sign-in; return for how many investors it was tried."""
    for tried in range(MOST_IN_A_ROW):
        user = _claim_next_due()
        if user is None:
            return tried
        try:
            link_accounts(user, client_for(user, in_background=True))
        except (AutoSharesError, GrantEnded) as failure:
            log.warning("accounts of user=%s are still unknown: %s", user.pk, type(failure).__name__)
    return MOST_IN_A_ROW


def _claim_next_due() -> User | None:
    now = timezone.now()
    with transaction.atomic():
        grant = (
            Grant.unscoped.select_for_update(skip_locked=True, of=("self",))
            .select_related("user__broker")
            .filter(state=Grant.State.ACTIVE, accounts_due_at__lte=now)
            .order_by("accounts_due_at")
            .first()
        )
        if grant is None:
            return None
        Grant.unscoped.filter(pk=grant.pk).update(accounts_due_at=now + RETRY)
    return grant.user


def _take_over_identity(person: User, me) -> None:
    person.vendor_user_id = me.id or person.vendor_user_id
    person.first_name = person.first_name or me.first_name
    person.last_name = person.last_name or me.last_name
    person.email = person.email or me.email


def _link(person: User, listed: ListedAccount) -> AccountLink:
    account, _is_new = TradingAccount.unscoped.update_or_create(
        broker=person.broker,
        vendor_account_id=listed.id,
        defaults={
            "number": listed.clearing_account or str(listed.id),
            "margin_type": str(listed.margin_type),
            "owner_type": listed.owner_type,
            "clearing_firm": listed.clearing_firm,
            "currency": listed.currency,
            "is_enabled": listed.is_enabled,
        },
    )
    link, _is_new = AccountLink.unscoped.update_or_create(
        user=person,
        account=account,
        defaults={
            "broker": person.home,
            "access": str(listed.access_type),
            "alias": listed.alias[:80],
            "is_current": True,
        },
    )
    return link

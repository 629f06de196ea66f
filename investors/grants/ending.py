"""The end of a grant: refused by AutoShares, run out, or given back by the investor. Tokens do not outlive it."""

import logging
from typing import Any

from django.db.models import F
from django.utils import timezone

from autoshares import OAuthClient, Patience
from autoshares.errors import AutoSharesError
from brokers.models import Connection, ConnectionMissing
from brokers.vault import SealBroken
from investors.grants.models import Grant
from investors.people import User

# Seconds, and one try: nobody waits for AutoShares in order to be signed out.
HASTE: dict[str, Any] = {"connect_timeout": 1.0, "read_timeout": 2.0, "patience": Patience(tries=1)}

log = logging.getLogger("investors.grants")


def end_grant(user: User, reason: str) -> None:
    """The investor has to sign in again before we can speak for them. `reason` is a short code for operators."""
    for grant in Grant.unscoped.filter(user=user, state=Grant.State.ACTIVE):
        end_grant_row(grant, reason=reason)


def end_grant_row(grant: Grant, *, reason: str) -> bool:
    """End the grant that we read, tokens erased; False if it has been renewed or ended since."""
    return _erase(grant, Grant.State.ENDED, reason)


def end_expired_grants() -> int:
    """End the grants that have run out and that no refresh token can renew; return how many."""
    return Grant.unscoped.filter(
        state=Grant.State.ACTIVE, refresh_token_sealed=b"", expires_at__lte=timezone.now()
    ).update(
        state=Grant.State.ENDED,
        access_token_sealed=b"",
        version=F("version") + 1,
        accounts_due_at=None,
        last_error="expired",
    )


def give_back_grant(user: User) -> bool:
    """Revoke the investor's tokens at AutoShares, then erase them; return whether AutoShares confirmed.

    At most some seconds of network. Whatever AutoShares answers, the tokens are gone from here afterwards.
    """
    grant = Grant.unscoped.select_related("broker").filter(user=user).first()
    if grant is None or grant.state == Grant.State.REVOKED:
        return True
    is_confirmed = False
    try:
        is_confirmed = _revoke(grant, grant.broker.connection)
    except (ConnectionMissing, SealBroken) as failure:
        log.error("sign-out grant=%s broker=%s: %s", grant.pk, grant.broker.slug, type(failure).__name__)
    while not _erase(grant, Grant.State.REVOKED, "signed_out"):
        grant.refresh_from_db()  # a refresh was faster; what it brought goes too
        if grant.state == Grant.State.REVOKED:
            break
    return is_confirmed


def hasty_oauth(connection: Connection) -> OAuthClient:
    """The OAuth endpoints, asked once and for a short while. Raises SealBroken."""
    return connection.oauth(**HASTE)


def _revoke(grant: Grant, connection: Connection) -> bool:
    oauth, client = hasty_oauth(connection), connection.client(grant.access_token, caller=str(grant.user_id), **HASTE)
    is_revoked = not grant.refresh_token_sealed or _try(grant, lambda: oauth.revoke(grant.refresh_token))
    is_logged_out = not grant.is_live or _try(grant, client.logout)
    return is_revoked and is_logged_out


def _try(grant: Grant, act) -> bool:
    try:
        act()
    except AutoSharesError as failure:
        log.warning("sign-out grant=%s broker=%s: %s", grant.pk, grant.broker.slug, failure)
        return False
    return True


def _erase(grant: Grant, state: str, reason: str) -> bool:
    return bool(
        Grant.unscoped.filter(pk=grant.pk, version=grant.version).update(
            state=state,
            access_token_sealed=b"",
            refresh_token_sealed=b"",
            refresh_due_at=None,
            accounts_due_at=None,
            lease_until=None,
            version=F("version") + 1,
            last_error=reason[:64],
        )
    )

"""Speaking for an investor: the client that carries their token, or the reason why there is none."""

from django.utils import timezone

from autoshares import Client
from autoshares.errors import AutoSharesError, Unauthorized
from brokers.models import ConnectionMissing
from brokers.vault import SealBroken
from investors.accounts.models import TradingAccount
from investors.grants.ending import end_grant, end_grant_row
from investors.grants.errors import GrantEnded, GrantUnreachable
from investors.grants.models import Grant
from investors.grants.refreshing import refresh_grant
from investors.people import User

__all__ = ["client_for", "client_for_account", "client_of", "end_grant", "report_unauthorized"]


def client_for(user: User, *, in_background: bool = False) -> Client:
    """A client that speaks for `user`. One to three queries; network only to renew a token that has run out.

    `in_background`: nobody waits for what it reads, so it yields to those who do. Not to be called inside a
    transaction, since a refresh commits. Raises GrantEnded (GrantUnreachable while a renewal is only delayed).
    """
    grant = Grant.unscoped.filter(user=user).first()
    if grant is None:
        raise GrantEnded
    grant.broker = user.home
    return client_of(grant, in_background=in_background)


def client_for_account(account: TradingAccount) -> Client:
    """A client that may see `account`: of any investor linked to it whose grant works. Nobody waits for what it reads.

    Raises GrantEnded.
    """
    grants = Grant.unscoped.select_related("broker").filter(
        state=Grant.State.ACTIVE,
        user__is_active=True,
        user__account_links__account=account,
        user__account_links__is_current=True,
    )
    reason = GrantEnded()
    for grant in grants.order_by("-expires_at"):
        try:
            return client_of(grant, in_background=True)
        except GrantEnded as refusal:
            reason = refusal
    raise reason


def report_unauthorized(user: User) -> bool:
    """AutoShares answered 401 to a call for `user`: find out what that means; return whether to try the call again.

    True: the token was renewed, the same call may be repeated once. False: either the token is fine and the call asked
    for what is not the investor's, or the grant has ended (or cannot be renewed right now) and `client_for` will say
    so. Costs a probe and perhaps a refresh. Source: API.md 3.3, steps 3 to 5.
    """
    grant = Grant.unscoped.select_related("broker").filter(user=user).first()
    if grant is None or grant.state != Grant.State.ACTIVE:
        return False
    if grant.expires_at > timezone.now() and _is_accepted(grant) is not False:
        return False
    if not grant.can_refresh:
        end_grant_row(grant, reason="unauthorized")
        return False
    try:
        refresh_grant(grant)
    except GrantEnded:
        return False
    return True


def client_of(grant: Grant, *, in_background: bool = False) -> Client:
    """As `client_for`, for whoever holds `grant`. A query for its broker and one for its keys, unless known."""
    if grant.state != Grant.State.ACTIVE:
        raise GrantEnded
    if grant.expires_at <= timezone.now():
        if not grant.can_refresh:
            end_grant_row(grant, reason="expired")
            raise GrantEnded
        grant = refresh_grant(grant)
    try:
        connection = grant.broker.connection
        return connection.client(grant.access_token, caller=str(grant.user_id), in_background=in_background)
    except (ConnectionMissing, SealBroken) as failure:
        raise GrantUnreachable from failure


def _is_accepted(grant: Grant) -> bool | None:
    """Whether AutoShares still takes the token; None when it gives no verdict."""
    try:
        client_of(grant).users.me()
    except Unauthorized:
        return False
    except (AutoSharesError, GrantEnded):
        return None
    return True

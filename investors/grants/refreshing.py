"""New tokens for old: in one process at a time, planned ahead, and never from within a transaction.

How one refresh goes:
1. A conditional UPDATE takes the lease, if nobody holds it and the tokens are still the ones we read. It also counts
   the attempt, and it is committed before anything is sent.
2. One POST.
3. Both tokens are stored in one compare-and-set before either is used; or the failure is written down with the time
   of the next try.
Whoever does not get the lease reads again until the winner is done, for a few seconds.
A process that dies in between leaves its lease behind; it runs out by itself.
"""

import contextlib
import logging
import secrets
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from autoshares.errors import AutoSharesError, InvalidGrant, OAuthError, RateLimited
from brokers.models import ConnectionMissing
from brokers.vault import SealBroken
from investors.grants.ending import end_grant_row
from investors.grants.errors import GrantEnded, GrantUnreachable
from investors.grants.models import Grant
from investors.grants.storing import replace_tokens

LEASE = timedelta(seconds=60)  # longer than any refresh with our time-outs
WAIT_SECONDS = 5.0  # how long a loser waits for the winner
LOOK_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 300

log = logging.getLogger("investors.grants")
_dice = secrets.SystemRandom()


def refresh_grant(grant: Grant) -> Grant:
    """Return the grant with new tokens, whoever fetched them. Network, unless another process is at it.

    Raises GrantEnded if AutoShares refuses the refresh token for good, GrantUnreachable if it may work later.
    """
    if take_lease(grant):
        return _refresh_with_lease(grant)
    return _wait_for_the_winner(grant)


def refresh_due_grants() -> int:
    """Refresh the grant of each broker that has been due for longest; return how many were tried.

    With a wake-up every 10 seconds that is 6 of the 10 calls a minute that AutoShares takes from one application; the
    others are for sign-ins. Safe to run in many processes at once: they take different grants, and the shared limiter
    stops those that would be too many.
    """
    tried = 0
    for broker_id in Grant.due_by(timezone.now()).order_by("broker").values_list("broker", flat=True).distinct():
        if grant := claim_next_due(broker_id):
            tried += 1
            with contextlib.suppress(GrantEnded):  # written down already
                _refresh_with_lease(grant)
    return tried


def take_lease(grant: Grant) -> bool:
    """Become the one process that may refresh `grant` as we read it; False if another one was faster."""
    now = timezone.now()
    with transaction.atomic(durable=True):  # the attempt has to be on disk before the token is sent
        is_ours = (
            Grant.unscoped.filter(pk=grant.pk, version=grant.version, state=Grant.State.ACTIVE)
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .update(lease_until=now + LEASE, attempts=F("attempts") + 1)
        )
    if is_ours:
        grant.lease_until, grant.attempts = now + LEASE, grant.attempts + 1
    return bool(is_ours)


def claim_next_due(broker_id: int) -> Grant | None:
    """The broker's grant that has been due for longest, with its lease taken; None when nothing is due."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        grant = (
            Grant.due_by(now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("broker")
            .filter(Q(lease_until=None) | Q(lease_until__lt=now), broker=broker_id, broker__is_active=True)
            .first()
        )
        if grant is not None:
            grant.lease_until, grant.attempts = now + LEASE, grant.attempts + 1
            grant.save(update_fields=["lease_until", "attempts"])
    return grant


def _refresh_with_lease(grant: Grant) -> Grant:
    asked_at = timezone.now()
    try:
        oauth = grant.broker.connection.oauth()
        tokens = oauth.refresh(grant.refresh_token)
    except InvalidGrant as refusal:
        _log(grant, logging.WARNING, refusal.status, refusal.code)
        end_grant_row(grant, reason=refusal.code)
        raise GrantEnded from refusal
    except (AutoSharesError, ConnectionMissing, SealBroken) as failure:
        _postpone(grant, failure)
        raise GrantUnreachable from failure
    if replace_tokens(grant, tokens, obtained_at=asked_at):
        _log(grant, logging.INFO, 200, "")
        return grant
    return _yield_to_the_newer(grant, tokens.refresh_token, oauth)


def _yield_to_the_newer(grant: Grant, dangling: str | None, oauth) -> Grant:
    """A sign-in or a sign-out came while we were asking: what is stored counts, what we got is dropped."""
    if grant.state == Grant.State.REVOKED and dangling:
        try:
            oauth.revoke(dangling)
        except AutoSharesError as failure:
            log.warning("grant %s: dropped tokens were not revoked: %s", grant.pk, failure)
    if not grant.is_live:
        raise GrantEnded
    return grant


def _postpone(grant: Grant, failure: Exception) -> None:
    """Give the lease back and plan the next try; the grant stays active, since refresh tokens do not end."""
    code = failure.code if isinstance(failure, OAuthError) else type(failure).__name__
    pause = min(2**grant.attempts, LONGEST_PAUSE_SECONDS)
    if isinstance(failure, RateLimited) and failure.retry_after is not None:
        wait = timedelta(seconds=failure.retry_after)
    elif isinstance(failure, OAuthError | ConnectionMissing | SealBroken):
        wait = timedelta(seconds=LONGEST_PAUSE_SECONDS)  # our keys are wrong: an operator has to act, not the investor
    else:
        wait = timedelta(milliseconds=_dice.randint(1000, max(1000, pause * 1000)))  # full jitter
    is_ours = isinstance(failure, OAuthError | ConnectionMissing | SealBroken)
    _log(grant, logging.ERROR if is_ours else logging.WARNING, getattr(failure, "status", None), code)
    Grant.unscoped.filter(pk=grant.pk, version=grant.version, lease_until=grant.lease_until).update(
        lease_until=None, last_error=code[:64], refresh_due_at=timezone.now() + wait
    )


def _wait_for_the_winner(grant: Grant) -> Grant:
    before, deadline = grant.version, time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        grant.refresh_from_db()
        if grant.state != Grant.State.ACTIVE:
            raise GrantEnded
        if grant.version != before:
            return grant
        if grant.lease_until is None:
            break  # the winner failed, and has planned the next try
        time.sleep(LOOK_SECONDS)
    raise GrantUnreachable


def _log(grant: Grant, level: int, status: int | None, code: str) -> None:
    log.log(
        level,
        "refresh grant=%s broker=%s attempt=%d status=%s error=%s",
        grant.pk,
        grant.broker.slug,
        grant.attempts,
        status or "-",
        code or "-",
    )

"""Writing tokens: always both at once, always sealed, never over somebody else's newer ones."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from autoshares import TokenSet
from investors.grants.models import Grant
from investors.people import User

# A refresh happens somewhere between these parts (per mille) of the token's life, so that grants that were given
# together (a busy morning) do not all come back in the same minute.
EARLIEST, LATEST = 600, 800

_dice = secrets.SystemRandom()


def store_tokens(user: User, tokens: TokenSet, *, obtained_at: datetime) -> Grant:
    """Keep what a sign-in brought: it replaces whatever grant the investor had, a refresh under way included.

    `obtained_at` is the moment before the exchange was sent, so that we never believe in a token for too long.
    Two sign-ins at once wait for each other on the investor's row: one grant, the later one's tokens. The older
    refresh token is not revoked: with Auth0 that can end the whole grant, the new tokens included.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        grant = Grant.unscoped.filter(user=user).first() or Grant(user=user, broker=user.broker, version=0)
        grant.state = Grant.State.ACTIVE
        grant.refresh_token = ""
        _put_tokens(grant, tokens, obtained_at)
        grant.version += 1
        grant.lease_until, grant.attempts, grant.last_error = None, 0, ""
        grant.save()
    return grant


def replace_tokens(grant: Grant, tokens: TokenSet, *, obtained_at: datetime) -> bool:
    """Keep what a refresh brought, if the grant is still the one it was asked for; return whether it was.

    One compare-and-set of both tokens on `version`. A refresh that rotates nothing leaves the refresh token as it is.
    """
    _put_tokens(grant, tokens, obtained_at)
    was_stored = Grant.unscoped.filter(pk=grant.pk, version=grant.version, state=Grant.State.ACTIVE).update(
        access_token_sealed=grant.access_token_sealed,
        refresh_token_sealed=grant.refresh_token_sealed,
        obtained_at=grant.obtained_at,
        expires_at=grant.expires_at,
        refresh_due_at=grant.refresh_due_at,
        version=F("version") + 1,
        lease_until=None,
        attempts=0,
        last_error="",
    )
    grant.refresh_from_db()
    return bool(was_stored)


def _put_tokens(grant: Grant, tokens: TokenSet, obtained_at: datetime) -> None:
    life = timedelta(seconds=tokens.expires_in)
    grant.access_token = tokens.access_token
    if tokens.refresh_token:
        grant.refresh_token = tokens.refresh_token
    grant.obtained_at = obtained_at
    grant.expires_at = obtained_at + life
    grant.refresh_due_at = None
    if grant.refresh_token_sealed:
        grant.refresh_due_at = obtained_at + life * _dice.randint(EARLIEST, LATEST) // 1000

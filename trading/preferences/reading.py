"""Our copy of the settings that AutoShares keeps for an investor: read by a task, never by a page."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from autoshares.enums import Confirmation
from autoshares.errors import AutoSharesError, Unauthorized
from autoshares.models import TradingSettings
from brokers.scoping import broker_scope
from investors.grants.errors import GrantEnded
from investors.grants.tokens import client_for, report_unauthorized
from investors.people import User
from trading.nudging import nudge
from trading.preferences.models import TradingPreferences
from trading.tasks import refresh_preferences as refresh_task
from trading.upstream import describe

FRESH_FOR = timedelta(seconds=60)
ONE_READING_WITHIN = timedelta(seconds=5)
# Our acts and the names that `autoshares` has for them. A cancellation is never asked about, here or there.
ACTS = {"placing": "order", "closing": "close", "changing": "replace"}
WORDS = {
    TradingPreferences.Review.ALWAYS: Confirmation.SHOW,
    TradingPreferences.Review.WARNED: Confirmation.SHOW_IF_AN_ERROR,
    TradingPreferences.Review.NEVER: Confirmation.DO_NOT_SHOW,
}
_OUR_WORDS = {theirs: ours for ours, theirs in WORDS.items()}

log = logging.getLogger(__name__)


def preferences_of(user: User) -> TradingPreferences:
    """What we know of them; everything is reviewed while we know nothing. One query."""
    found = TradingPreferences.unscoped.filter(user=user).first()
    return found or TradingPreferences(user=user, broker=user.home)


def want_preferences(user: User) -> TradingPreferences:
    """What we know; if it is older than a minute a task is asked to read it again. Never the network. Two queries."""
    now = timezone.now()
    known, _ = TradingPreferences.unscoped.get_or_create(user=user, defaults={"broker": user.home})
    if known.read_at is not None and known.read_at > now - FRESH_FOR:
        return known
    free = Q(asked_at=None) | Q(asked_at__lt=now - ONE_READING_WITHIN)
    if TradingPreferences.unscoped.filter(free, pk=known.pk).update(asked_at=now):
        nudge(refresh_task, str(user.pk))
    return known


def refresh_preferences(user_id: str) -> None:
    """Ask AutoShares for the settings and keep them. Network."""
    user = User.objects.select_related("broker").filter(pk=user_id, broker__isnull=False).first()
    if user is None:
        return
    with broker_scope(user.home):
        try:
            asked_in = preferences_of(user).version
            keep_preferences(user, client_for(user).settings.trading(), asked_in=asked_in)
        except (AutoSharesError, GrantEnded) as failure:
            log.warning("trading settings of user %s: %s", user.pk, failure)
            if isinstance(failure, Unauthorized):
                report_unauthorized(user)
            TradingPreferences.unscoped.filter(user=user).update(error=describe(failure))


def keep_preferences(user: User, settings: TradingSettings, *, asked_in: int | None = None) -> None:
    """Write down what AutoShares said. A word that we do not know means: always. One query.

    `asked_in`: the version in which it was asked. If anything was written since, the answer may be older than that,
    and goes.
    """
    mine = TradingPreferences.unscoped.filter(user=user)
    if asked_in is not None:
        mine = mine.filter(version=asked_in)
    said = _in_our_words(settings.confirmations)
    mine.update(**said, version=F("version") + 1, read_at=timezone.now(), asked_at=None, error="")


def _in_our_words(confirmations: Mapping[str, str]) -> dict[str, str]:
    always = TradingPreferences.Review.ALWAYS
    return {act: _OUR_WORDS.get(Confirmation(confirmations.get(name, "")), always) for act, name in ACTS.items()}

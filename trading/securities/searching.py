"""Search as you type: what we know at once, and a question to AutoShares for the rest."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from autoshares.errors import AutoSharesError
from brokers.scoping import broker_scope, current_broker
from investors.grants.errors import GrantEnded
from investors.grants.tokens import client_for, report_unauthorized
from investors.people import User
from trading.nudging import nudge
from trading.securities.importing import import_securities
from trading.securities.models import Security, SecuritySearch
from trading.tasks import look_up_securities as look_up_task

log = logging.getLogger(__name__)

SHOWN = 12
ASKED = 25
GOOD_FOR = timedelta(days=1)
ANSWER_WITHIN = timedelta(seconds=5)
ASK_AGAIN_AFTER = timedelta(seconds=15)
LONGEST_TEXT = 40


@dataclass(frozen=True)
class SearchResult:
    """Best matches first. While `is_pending`, AutoShares is being asked and more may come: ask again in a moment."""

    securities: list[Security]
    is_pending: bool


def search_securities(text: str, *, user: User) -> SearchResult:
    """Securities that match `text` by symbol or name. Our tables at once; AutoShares once a day per text.

    Two to four queries, never the network. Needs a broker's scope.
    """
    mask = " ".join("".join(filter(str.isprintable, text)).upper().split())[:LONGEST_TEXT]
    if not mask:
        return SearchResult([], is_pending=False)
    is_pending = _ask_if_unasked(mask, user)
    return SearchResult(list(Security.objects.matching(mask)[:SHOWN]), is_pending)


def _ask_if_unasked(mask: str, user: User) -> bool:
    """Have AutoShares asked if the last answer is old or never came; True while an answer may still come."""
    now = timezone.now()
    search, is_new = SecuritySearch.unscoped.get_or_create(
        broker=current_broker(), mask=mask, defaults={"asked_at": now}
    )
    unanswered = Q(answered_at=None, asked_at__lt=now - ASK_AGAIN_AFTER)
    outdated = Q(answered_at__lt=now - GOOD_FOR, asked_at__lt=now - ASK_AGAIN_AFTER)
    claim = SecuritySearch.unscoped.filter(unanswered | outdated, pk=search.pk)
    if is_new or claim.update(asked_at=now, answered_at=None):
        nudge(look_up_task, search.pk, str(user.pk))
        return True
    return search.answered_at is None and search.asked_at > now - ANSWER_WITHIN


def look_up_securities(search_id: int, user_id: str) -> None:
    """Ask AutoShares for what was typed and keep what it lists. Network. A failure is asked again later."""
    search = SecuritySearch.unscoped.select_related("broker").filter(pk=search_id, answered_at=None).first()
    user = User.objects.filter(pk=user_id).first()
    if search is None or user is None or user.broker_id != search.broker_id:
        return
    with broker_scope(search.broker):
        try:
            equities = client_for(user).equities.lookup(search.mask, count=ASKED)
        except GrantEnded:
            return
        except AutoSharesError as error:
            log.warning("security search %s: %s", search.pk, error)
            report_unauthorized(user) if error.status == 401 else None
            return
        import_securities(search.broker, equities)
        SecuritySearch.unscoped.filter(pk=search.pk).update(answered_at=timezone.now())

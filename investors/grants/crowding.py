"""An alarm before token renewals outgrow what AutoShares takes: then people would lose their connection by and by."""

import logging
from datetime import timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from brokers.models import Broker
from investors.grants.models import Grant

HOUR = timedelta(hours=1)
RENEWALS_AN_HOUR = 6 * 60  # of one application, at the pace of `refreshing.refresh_due_grants`
NEAR = RENEWALS_AN_HOUR * 8 // 10

log = logging.getLogger("investors.grants")


def crowded_brokers(brokers: QuerySet[Broker]) -> QuerySet[Broker]:
    """Those with more renewals overdue, or due within the hour, than come close to the limit; as `renewals`."""
    due = Grant.due_by(timezone.now() + HOUR).filter(broker=OuterRef("pk")).order_by()
    counted = due.values("broker").annotate(renewals=Count("pk")).values("renewals")
    return brokers.annotate(renewals=Subquery(counted)).filter(renewals__gte=NEAR)


def watch_renewals() -> None:
    """Call an operator for every broker whose renewals near the limit."""
    for broker in crowded_brokers(Broker.objects.filter(is_active=True)):
        log.critical(
            "refresh broker=%s: %d tokens are to be renewed within the hour, and AutoShares takes %d",
            broker.slug,
            broker.renewals,  # type: ignore[attr-defined]
            RENEWALS_AN_HOUR,
        )

"""What waits for a person, as figures that lead to the rows behind them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from agreements.models import OutstandingAgreement, Signature
from brokers.models import Broker
from investors.grants.crowding import crowded_brokers
from investors.grants.models import Grant
from operations.admin.agreements import without_words
from trading.orders.models import Order
from trading.orders.states import OrderState
from trading.portfolio.models import AccountBook
from trading.risk.models import KillSwitch


@dataclass(frozen=True)
class Queue:
    """`query` is what the list of `model` is filtered by; `rows` counts the same. Urgent: a person has to act."""

    label: str
    model: type[Model]
    query: str
    rows: Callable[[QuerySet], QuerySet]
    is_urgent: bool = False


QUEUES = (
    Queue(
        "Orders without a known outcome",
        Order,
        f"state__exact={OrderState.UNKNOWN}",
        lambda rows: rows.filter(state=OrderState.UNKNOWN),
        is_urgent=True,
    ),
    Queue(
        "Kill switches that are thrown",
        KillSwitch,
        "lifted_at__isempty=1",
        lambda rows: rows.filter(lifted_at=None),
        is_urgent=True,
    ),
    Queue("Accounts whose last check failed", AccountBook, "check=failing", lambda rows: rows.filter(failures__gt=0)),
    Queue("Agreements without published words", OutstandingAgreement, "words=missing", without_words, is_urgent=True),
    Queue(
        "Signatures that AutoShares has not confirmed",
        Signature,
        f"state__exact={Signature.State.SIGNING}",
        lambda rows: rows.filter(state=Signature.State.SIGNING),
    ),
    Queue(
        "Connections that ended",
        Grant,
        f"state__exact={Grant.State.ENDED}",
        lambda rows: rows.filter(state=Grant.State.ENDED),
    ),
    Queue(
        "Brokers with almost more tokens to renew than AutoShares takes",
        Broker,
        "renewals=crowded",
        crowded_brokers,
        is_urgent=True,
    ),
)


@dataclass(frozen=True)
class Figure:
    label: str
    count: int
    address: str
    is_urgent: bool


def figures_for(request: HttpRequest, site: AdminSite) -> list[Figure]:
    """The queues that this member of the staff may see, counted in their scope. One query each."""
    figures = []
    for queue in QUEUES:
        desk = site.get_model_admin(queue.model)
        if desk.has_view_permission(request):
            count = queue.rows(desk.get_queryset(request)).count()
            address = reverse(f"admin:{queue.model._meta.app_label}_{queue.model._meta.model_name}_changelist")
            figures.append(Figure(queue.label, count, f"{address}?{queue.query}", queue.is_urgent and count > 0))
    return figures

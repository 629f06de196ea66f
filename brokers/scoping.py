"""One broker at a time: the seat belt around every query for data that belongs to a broker.

Inside `with broker_scope(broker):` the manager `objects` of a `BrokerOwned` model sees that broker's rows alone.
Outside a scope it raises `BrokerScopeMissing`. `unscoped` is for the few places that work across brokers:
migrations, due-table claims, the admin. Write the filter that you mean all the same; this is what catches a
forgotten one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from brokers.models import Broker

_current_broker: ContextVar["Broker | None"] = ContextVar("current_broker", default=None)


class BrokerScopeMissing(RuntimeError):
    """A query for a broker's data ran where no broker is known."""


@contextmanager
def broker_scope(broker: "Broker") -> Iterator["Broker"]:
    """Let `objects` of broker-owned models see the rows of `broker` alone."""
    token = _current_broker.set(broker)
    try:
        yield broker
    finally:
        _current_broker.reset(token)


def current_broker() -> "Broker":
    """The broker of the scope that we are in. Raises BrokerScopeMissing outside of one."""
    broker = _current_broker.get()
    if broker is None:
        raise BrokerScopeMissing("No broker is known here: wrap this in broker_scope(broker).")
    return broker


class ScopedManager[Row: models.Model](models.Manager[Row]):
    """Filters every query by the current broker, and gives new rows to that broker."""

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(broker=current_broker())

    def create(self, **values: Any) -> Row:
        values.setdefault("broker", current_broker())
        return super().create(**values)


class BrokerOwned(models.Model):
    """A row that belongs to one broker."""

    broker = models.ForeignKey("brokers.Broker", on_delete=models.PROTECT, related_name="+")

    # First, so that Django's own machinery (related objects, the admin, refresh_from_db) is not scoped.
    unscoped = models.Manager()
    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
        default_manager_name = "unscoped"

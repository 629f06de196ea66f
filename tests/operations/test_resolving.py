"""An order that nobody ever answered for is closed by a person, and by nobody else."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from investors.accounts.models import TradingAccount
from investors.people import User
from trading.orders.models import Order, OrderRequest


def staff() -> User:
    return User.objects.get(email="ops@demo.test")


@pytest.fixture
def lost(ops, harbor) -> Order:
    """An order in doubt for eleven minutes."""
    account = TradingAccount.unscoped.create(broker=harbor, vendor_account_id=6412, number="6412")
    values = {"symbol": "KO", "side": "buy", "type": "market", "time_in_force": "day", "quantity": Decimal(5)}
    order = Order.unscoped.create(broker=harbor, account=account, client_id=uuid.uuid4(), state="unknown", **values)
    request = OrderRequest.unscoped.create(
        broker=harbor, order=order, kind="place", state="unknown", form_key=uuid.uuid4(), payload={}, payload_hash="",
        requested_by=staff(),
    )  # fmt: skip
    OrderRequest.unscoped.filter(pk=request.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    return order


def close(desk, order: Order) -> str:
    form = {"action": "abandon", "_selected_action": [str(order.pk)]}
    return desk.post(reverse("admin:trading_order_changelist"), form, follow=True).content.decode()


@pytest.mark.django_db
class TestClosing:
    def test_it_ends_the_doubt_with_a_name_under_it(self, ops, lost):
        assert "is closed" in close(ops, lost)
        lost.refresh_from_db()
        assert (lost.state, lost.requests.get().state) == ("abandoned", "abandoned")
        line = lost.events.get(kind="order.abandoned")
        assert (line.actor, line.detail["staff"]) == ("operations", str(staff().pk))

    def test_it_is_too_early_in_the_first_ten_minutes(self, ops, lost):
        OrderRequest.unscoped.update(created_at=timezone.now())
        assert "not in doubt, or not for ten minutes yet" in close(ops, lost)
        lost.refresh_from_db()
        assert lost.state == "unknown"

    def test_an_order_that_is_known_stays_as_it_is(self, ops, lost):
        Order.unscoped.update(state="working")
        assert "stays" in close(ops, lost)
        lost.refresh_from_db()
        assert lost.state == "working"

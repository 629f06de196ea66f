"""Never more calls than AutoShares takes: orders beyond are refused before they exist, cancels and pages go first."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from autoshares.errors import HeldBack
from autoshares.limits import LIMITS, Category, Limit
from brokers.models import RateBudget
from investors.grants.tokens import client_for
from tests.trading.engine.conftest import kinds_of, make_ticket, resting
from trading.orders.canceling import cancel_order
from trading.orders.errors import TooManyOrders
from trading.orders.models import Order, OrderRequest
from trading.orders.replacing import changed_ticket, replace_order
from trading.orders.states import OrderState, RequestState
from trading.orders.sweeping import sweep_order_requests
from trading.portfolio.models import AccountBook
from trading.portfolio.polling import poll_due_accounts
from trading.risk.errors import TradingHalted
from trading.risk.killing import throw_switch
from trading.risk.models import KillSwitch


@pytest.fixture
def allow(monkeypatch):
    """`allow(category, calls, reserve)`: what a minute takes from now on."""

    def allow(category: Category, calls: int, reserve: int) -> None:
        monkeypatch.setitem(LIMITS, category, Limit(calls, reserve))

    return allow


def cancel(order: Order, trader) -> OrderRequest:
    return cancel_order(order, by=trader, form_key=uuid.uuid4())


class TestOrders:
    def test_one_too_many_is_refused_before_anything_is_written(self, place, book, allow):
        allow(Category.ORDERS, 3, reserve=1)
        for _ in range(2):
            place(resting())
        with pytest.raises(
            TooManyOrders, match=r"only so many orders a minute.*Nothing was sent; try again in 6\d sec"
        ):
            place(resting())
        assert Order.objects.count() == book.placed() == 2

    def test_a_change_counts_as_well(self, place, trader, book, allow):
        allow(Category.ORDERS, 2, reserve=1)
        order = place(resting())
        with pytest.raises(TooManyOrders):
            replace_order(order, changed_ticket(order, quantity=11), by=trader, form_key=uuid.uuid4())
        order.refresh_from_db()
        assert order.replace_requested_at is None
        assert not order.requests.filter(kind=OrderRequest.Kind.REPLACE).exists()

    def test_what_our_own_rules_refuse_takes_no_room(self, place, account, allow):
        allow(Category.ORDERS, 2, reserve=1)
        switch = throw_switch(KillSwitch.Scope.ACCOUNT, account=account, reason="A test.", by=None)
        for _ in range(3):
            with pytest.raises(TradingHalted):
                place(resting())
        switch.delete()
        assert place(resting()).state == OrderState.ACKED

    def test_a_reserve_is_kept_for_cancels(self, place, trader, allow):
        allow(Category.ORDERS, 3, reserve=1)
        orders = [place(resting()) for _ in range(2)]
        assert cancel(orders[0], trader).state == RequestState.ACKED

    def test_a_cancel_beyond_the_reserve_waits_and_is_sent_as_soon_as_it_may(self, place, trader, book, allow):
        allow(Category.ORDERS, 3, reserve=1)
        orders = [place(resting()) for _ in range(2)]
        cancel(orders[0], trader)
        waiting = cancel(orders[1], trader)
        assert (waiting.state, kinds_of(orders[1])[-1]) == (RequestState.READY, "cancel.not_sent")
        assert "only so many orders" in orders[1].events.last().text
        assert waiting.next_look_at > timezone.now() + timedelta(seconds=50)
        RateBudget.objects.all().delete()  # a minute passes
        OrderRequest.objects.filter(pk=waiting.pk).update(next_look_at=timezone.now())
        sweep_order_requests()
        waiting.refresh_from_db()
        assert waiting.state == RequestState.ACKED

    def test_nothing_is_sent_before_a_retry_after_has_passed(self, place, book):
        book.spoil("status", status=429, headers={"Retry-After": "30"})
        assert place(resting()).state == OrderState.UNKNOWN
        with pytest.raises(TooManyOrders) as refusal:
            place(make_ticket(symbol="KO"))
        assert 29 < refusal.value.retry_after <= 30
        assert book.placed() == 1


class TestReads:
    def test_the_poll_yields_to_pages_and_comes_back_when_there_is_room(self, account, trader, allow):
        allow(Category.ORDER_QUERIES, 2, reserve=1)
        for _ in range(2):
            AccountBook.objects.update(next_check_at=timezone.now())
            poll_due_accounts()
        assert AccountBook.objects.get().next_check_at > timezone.now() + timedelta(seconds=50)
        assert list(client_for(trader).orders.list(account.vendor_account_id)) == []

    def test_new_tokens_are_no_new_budget(self, trader, account, allow):
        allow(Category.POSITIONS, 1, reserve=0)
        connection = trader.broker.connection
        list(client_for(trader).positions.list(account.vendor_account_id))
        renewed = connection.client("another token", caller=str(trader.pk), in_background=True)
        with pytest.raises(HeldBack):
            list(renewed.positions.list(account.vendor_account_id))

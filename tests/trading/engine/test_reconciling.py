"""The book at AutoShares against ours: by id, never by likeness; absence proves nothing."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from autoshares.limits import LIMITS, Category, Limit
from investors.grants.tokens import client_for
from tests.trading.engine.conftest import kinds_of, make_ticket, request_of, resting
from trading.orders.models import Order, OrderRequest
from trading.orders.reconciling import reconcile_account
from trading.orders.states import OrderState, RequestState
from trading.orders.tickets import Ticket
from trading.orders.vendor_words import draft_of


def age(order: Order, minutes: int) -> None:
    """Let the order be older than it is."""
    past = timezone.now() - timedelta(minutes=minutes)
    Order.objects.filter(pk=order.pk).update(created_at=past)
    OrderRequest.objects.filter(order=order).update(created_at=past, changed_at=past)


def place_elsewhere(trader, account, ticket: Ticket, client_id: uuid.UUID | None = None):
    """An order that did not come from us, or came from us and was forgotten."""
    return client_for(trader).orders.place(account.vendor_account_id, draft_of(ticket, client_id))


class TestUnknownOrders:
    def test_it_finds_one_on_the_third_page(self, place, account, trader, book, monkeypatch):
        book.settings(rate_limits=False)
        monkeypatch.setitem(LIMITS, Category.ORDERS, Limit(1000))
        client = client_for(trader)
        for _ in range(205):
            client.orders.place(account.vendor_account_id, draft_of(resting(quantity=Decimal(1))))
        book.spoil("hang_after")
        order = place(resting())
        reconcile_account(account)
        order.refresh_from_db()
        assert order.vendor_order_id == book.orders(ClientId=order.client_id)[0]["Id"]
        assert book.asked("GET", ending="/orders") >= 3

    @pytest.mark.parametrize("echo", [{"echo_client_id": False}, {"echo_comment": False}])
    def test_it_accepts_either_echo_of_our_id(self, place, account, book, echo):
        book.settings(**echo)
        book.spoil("hang_after")
        order = place(resting())
        reconcile_account(account)
        order.refresh_from_db()
        assert order.vendor_order_id == book.orders()[0]["Id"]
        assert "order.found" in kinds_of(order)

    def test_it_waits_for_an_order_that_shows_up_late(self, place, account, book):
        book.settings(visibility_lag_seconds=60)
        book.spoil("hang_after")
        order = place(resting())
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.UNKNOWN
        assert request_of(order).looks == 1
        book.advance(61)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.WORKING
        assert book.placed() == 1

    def test_it_does_not_take_a_twin_for_it(self, place, account, trader, book):
        book.spoil("hang_before")
        lost = place(resting())
        twin = place_elsewhere(trader, account, resting())
        reconcile_account(account)
        lost.refresh_from_db()
        assert lost.state == OrderState.UNKNOWN
        assert Order.objects.get(vendor_order_id=twin.id).placed_by is None

    def test_it_keeps_twins_apart(self, place, account, book):
        book.spoil("hang_after", count=1)
        first = place(resting())
        reconcile_account(account)
        second = place(resting())
        reconcile_account(account)
        for order in (first, second):
            order.refresh_from_db()
            assert book.orders(ClientId=order.client_id)[0]["Id"] == order.vendor_order_id

    def test_it_stays_unresolved_and_visible_after_the_deadline(self, place, account, book, caplog):
        book.spoil("hang_before")
        order = place(resting())
        age(order, minutes=11)
        caplog.clear()
        for _ in range(3):
            reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.UNKNOWN
        assert kinds_of(order).count("order.unresolved") == 1
        assert sum("unresolved" in record.message for record in caplog.records) == 1
        assert book.placed() == 1

    def test_it_looks_everywhere_when_the_clocks_disagree(self, place, account, book):
        book.sandbox.control("clock", {"set": "2020-02-03T15:00:00Z"})
        book.spoil("hang_after")
        order = place(resting())
        age(order, minutes=2)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.vendor_order_id is not None

    def test_it_leaves_several_matches_to_a_person(self, place, account, trader, book, caplog):
        book.spoil("hang_after")
        order = place(resting())
        place_elsewhere(trader, account, resting(), order.client_id)
        for _ in range(2):
            reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.UNKNOWN
        assert order.vendor_order_id is None
        assert kinds_of(order).count("order.several_found") == 1
        assert any("several orders" in record.message for record in caplog.records)

    def test_it_alarms_when_a_known_order_has_a_double(self, place, account, trader, book):
        order = place(resting())
        place_elsewhere(trader, account, resting(), order.client_id)
        book.advance(5)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.WORKING
        assert "order.several_found" in kinds_of(order)
        assert Order.objects.count() == 1


class TestLateAppearances:
    def test_an_abandoned_order_that_shows_up_attaches_and_alarms(self, place, account, book, caplog):
        book.settings(visibility_lag_seconds=60)
        book.spoil("hang_after")
        order = place(resting())
        Order.objects.filter(pk=order.pk).update(state=OrderState.ABANDONED)
        OrderRequest.objects.filter(order=order).update(state=RequestState.ABANDONED)
        book.advance(61)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.WORKING
        assert "order.appeared_late" in kinds_of(order)
        assert any("appeared at AutoShares" in record.message for record in caplog.records)


class TestOrdersFromElsewhere:
    def test_they_join_our_books(self, account, trader, book):
        row = place_elsewhere(trader, account, make_ticket())
        book.advance(30)
        reconcile_account(account)
        order = Order.objects.get(vendor_order_id=row.id)
        assert order.state == OrderState.FILLED
        assert order.placed_by is None
        assert kinds_of(order)[0] == "order.imported"

    def test_they_join_once(self, account, trader, book):
        place_elsewhere(trader, account, resting())
        for _ in range(2):
            reconcile_account(account)
        assert Order.objects.count() == 1

    def test_they_wait_while_one_of_ours_is_on_its_way(self, place, account, trader, book):
        """An answer without any echo of our id would make a stranger of our own order."""
        book.settings(echo_client_id=False, echo_comment=False)
        book.spoil("hang_after")
        order = place(resting())
        OrderRequest.objects.filter(order=order).update(state=RequestState.SENDING)
        reconcile_account(account)
        assert Order.objects.count() == 1


class TestEveryLook:
    def test_it_asks_nothing_of_the_database_for_orders_without_news(
        self, place, account, trader, book, django_assert_num_queries
    ):
        for _ in range(5):
            place(resting())
        book.advance(5)
        reconcile_account(account)
        client = client_for(trader)
        # Open orders; and the call is counted.
        with django_assert_num_queries(2):
            reconcile_account(account, client=client)

    def test_it_reads_an_order_that_the_list_keeps_to_itself(self, place, account, book):
        book.settings(visibility_lag_seconds=600)
        order = place()
        book.advance(30)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.FILLED

    def test_it_leaves_what_it_held_when_autoshares_does_not_answer(self, place, account, book):
        from autoshares.errors import AutoSharesError

        order = place(resting())
        book.spoil("status", method="GET", status=503, count=None)
        with pytest.raises(AutoSharesError):
            reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.ACKED

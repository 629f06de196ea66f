"""Cancel a working order: asked once, answered by the book."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from investors.grants.tokens import end_grant
from tests.trading.engine.conftest import kinds_of, make_ticket, resting, sign_up
from trading.orders.canceling import cancel_order
from trading.orders.errors import AccountMayNotTrade, ConnectionEnded, FormKeyReused, OrderNotCancelable
from trading.orders.models import OrderRequest
from trading.orders.reconciling import reconcile_account
from trading.orders.states import OrderState, RequestState

CANCEL_PATH = "/api/v1.0/accounts/*/orders/*"


@pytest.fixture
def working_order(place, account, book):
    order = place(resting())
    book.advance(5)
    reconcile_account(account)
    order.refresh_from_db()
    assert order.state == OrderState.WORKING
    return order


@pytest.fixture
def cancel(trader):
    return lambda order, form_key=None: cancel_order(order, by=trader, form_key=form_key or uuid.uuid4())


def asked(book) -> int:
    return sum(row["method"] == "DELETE" for row in book.sandbox.control("requests"))


class TestCancelOrder:
    def test_it_asks_once_and_the_book_answers(self, working_order, cancel, account, book):
        request = cancel(working_order)
        assert request.state == RequestState.ACKED
        assert working_order.state == OrderState.WORKING
        assert not working_order.is_cancelable
        book.advance(5)
        reconcile_account(account)
        working_order.refresh_from_db()
        assert working_order.state == OrderState.CANCELED
        assert kinds_of(working_order)[-3:] == ["cancel.requested", "cancel.received", "order.canceled"]
        assert asked(book) == 1

    def test_two_clicks_are_one_request(self, working_order, cancel, book):
        key = uuid.uuid4()
        assert cancel(working_order, key) == cancel(working_order, key)
        assert asked(book) == 1

    def test_two_tabs_are_one_request(self, working_order, cancel, book):
        assert cancel(working_order) == cancel(working_order)
        assert asked(book) == 1

    def test_it_refuses_the_form_of_another_order(self, working_order, cancel, place, book):
        key = uuid.uuid4()
        place(resting(), form_key=key)
        with pytest.raises(FormKeyReused):
            cancel(working_order, key)

    def test_it_stops_at_once_for_an_order_that_has_ended(self, place, cancel, account, book):
        order = place(make_ticket())
        book.advance(30)
        reconcile_account(account)
        order.refresh_from_db()
        for _ in range(3):
            with pytest.raises(OrderNotCancelable, match="is filled: 10 shares"):
                cancel(order)
        assert asked(book) == 0

    def test_it_looks_at_the_book_when_autoshares_says_too_late(self, place, cancel, book):
        order = place(make_ticket())  # filled meanwhile, unknown to us
        book.advance(30)
        with pytest.raises(OrderNotCancelable, match="Too late"):
            cancel(order)
        assert order.state == OrderState.FILLED
        with pytest.raises(OrderNotCancelable):
            cancel(order)
        assert asked(book) == 1

    def test_it_keeps_an_order_cancelable_that_autoshares_would_not_cancel(self, working_order, cancel, book):
        book.spoil("status", method="DELETE", path=CANCEL_PATH, status=409)
        assert cancel(working_order).state == RequestState.REFUSED
        assert working_order.is_cancelable

    def test_it_writes_nothing_when_the_connection_has_ended(self, working_order, cancel, trader, book):
        end_grant(trader, "test")
        with pytest.raises(ConnectionEnded):
            cancel(working_order)
        assert not OrderRequest.objects.filter(kind="cancel").exists()

    def test_it_is_not_for_strangers(self, working_order, scope, sandbox):
        dana = sign_up(scope, sandbox, "investor@demo.test")
        with pytest.raises(AccountMayNotTrade):
            cancel_order(working_order, by=dana, form_key=uuid.uuid4())


class TestUnknownCancellation:
    def test_it_is_answered_by_the_book_when_it_arrived(self, working_order, cancel, account, book):
        book.spoil("hang_after", method="DELETE", path=CANCEL_PATH)
        request = cancel(working_order)
        assert request.state == RequestState.UNKNOWN
        book.advance(5)
        reconcile_account(account)
        working_order.refresh_from_db()
        request.refresh_from_db()
        assert working_order.state == OrderState.CANCELED
        assert working_order.reason == ""
        assert request.state == RequestState.ACKED
        assert asked(book) == 1

    def test_it_may_be_repeated_once_the_book_shows_that_it_did_not(self, working_order, cancel, account, book):
        book.spoil("hang_before", method="DELETE", path=CANCEL_PATH)
        request = cancel(working_order)
        reconcile_account(account)
        working_order.refresh_from_db()
        assert not working_order.is_cancelable  # too early to say
        OrderRequest.objects.filter(pk=request.pk).update(changed_at=timezone.now() - timedelta(seconds=6))
        reconcile_account(account)
        working_order.refresh_from_db()
        assert working_order.is_cancelable
        assert kinds_of(working_order)[-1] == "cancel.not_seen"
        assert cancel(working_order).state == RequestState.ACKED
        book.advance(5)
        reconcile_account(account)
        request.refresh_from_db()
        assert request.state == RequestState.ACKED

    def test_it_does_not_touch_a_part_that_was_filled(self, place, cancel, account, book):
        book.price("F", "10.00")
        order = place(make_ticket(symbol="F", quantity=Decimal(3000)))
        book.advance(0.9)
        reconcile_account(account)
        order.refresh_from_db()
        if order.is_cancelable:
            cancel(order)
        book.advance(60)
        reconcile_account(account)
        order.refresh_from_db()
        [made] = book.orders(ClientId=order.client_id)
        assert order.is_final
        assert order.filled_quantity == Decimal(made["ExecutedQuantity"])

"""What a crash or an unreachable AutoShares left behind."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.trading.engine.conftest import kinds_of, make_ticket, request_of, resting
from trading.orders import placing
from trading.orders.canceling import cancel_order
from trading.orders.models import Order, OrderRequest
from trading.orders.placing import place_order
from trading.orders.reconciling import reconcile_account
from trading.orders.sending import claim
from trading.orders.states import OrderState, RequestState
from trading.orders.sweeping import sweep_order_requests
from trading.orders.vendor_words import draft_of


def no_pause(order: Order) -> None:
    OrderRequest.objects.filter(order=order).update(next_look_at=timezone.now())


class TestUnreachable:
    def test_it_sends_once_when_autoshares_is_back(self, place, unreachable, book):
        with unreachable():
            order = place()
            assert (order.state, request_of(order).state) == (OrderState.RECEIVED, RequestState.READY)
            assert "Nothing was sent" in order.reason
            no_pause(order)
            sweep_order_requests()
            assert request_of(order).looks == 2
            assert request_of(order).sent_count == 0
        no_pause(order)
        for _ in range(3):
            sweep_order_requests()
        order.refresh_from_db()
        assert (order.state, order.reason) == (OrderState.ACKED, "")
        assert book.placed() == len(book.orders()) == 1
        assert kinds_of(order).count("order.not_sent") == 1

    def test_it_pauses_longer_each_time(self, place, unreachable):
        with unreachable():
            order = place()
            first = request_of(order).next_look_at - timezone.now()
            no_pause(order)
            sweep_order_requests()
            second = request_of(order).next_look_at - timezone.now()
        assert timedelta(seconds=1) < first < second < timedelta(seconds=5)

    def test_it_withdraws_what_could_not_be_sent_for_ten_minutes(self, place, unreachable, book):
        with unreachable():
            order = place()
        OrderRequest.objects.filter(order=order).update(created_at=timezone.now() - timedelta(minutes=11))
        no_pause(order)
        sweep_order_requests()
        order.refresh_from_db()
        assert order.state == OrderState.CANCELED
        assert "never sent" in order.reason
        assert request_of(order).state == RequestState.WITHDRAWN
        assert book.placed() == 0

    def test_the_investor_may_take_it_back(self, place, trader, unreachable, book):
        with unreachable():
            order = place()
            cancel_order(order, by=trader, form_key=uuid.uuid4())
        order.refresh_from_db()
        assert order.state == OrderState.CANCELED
        no_pause(order)
        sweep_order_requests()
        assert book.placed() == 0


class TestCrashes:
    """A process dies at a labelled step; the sweep of another one continues."""

    @pytest.fixture
    def died(self, account, trader, monkeypatch):
        """Places an order in a process that dies right after the intent was committed."""

        class Died(BaseException):
            pass

        def die(request, **kwargs):
            raise Died

        monkeypatch.setattr(placing, "send_once", die)
        with pytest.raises(Died):
            place_order(account=account, by=trader, ticket=resting(), form_key=uuid.uuid4())
        return Order.objects.get()

    def test_after_the_intent_it_is_sent_once(self, died, account, book):
        for _ in range(3):
            sweep_order_requests()
        died.refresh_from_db()
        assert died.state == OrderState.ACKED
        assert book.placed() == len(book.orders()) == 1

    def test_after_the_claim_it_is_unknown_and_never_sent(self, died, account, book, caplog):
        assert claim(request_of(died))
        sweep_order_requests()
        assert request_of(died).state == RequestState.SENDING  # the lease holds
        OrderRequest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep_order_requests()
        died.refresh_from_db()
        assert died.state == OrderState.UNKNOWN
        assert "sender is gone" in caplog.text
        reconcile_account(account)
        sweep_order_requests()
        assert book.placed() == 0

    def test_after_the_post_it_is_found(self, died, account, trader, book):
        from investors.grants.tokens import client_for

        assert claim(request_of(died))
        client_for(trader).orders.place(account.vendor_account_id, draft_of(resting(), died.client_id))
        OrderRequest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep_order_requests()
        reconcile_account(account)
        died.refresh_from_db()
        assert died.vendor_order_id is not None
        assert kinds_of(died)[-1] in {"order.found", "order.working"}
        assert len(book.orders()) == 1


class TestIsolation:
    def test_a_poisonous_request_does_not_stop_the_others(self, place, unreachable, book, caplog):
        with unreachable():
            poisonous, sound = place(make_ticket()), place(resting())
        OrderRequest.objects.filter(order=poisonous).update(payload={"what": "nonsense"})
        for order in (poisonous, sound):
            no_pause(order)
        sweep_order_requests()
        assert request_of(sound).state == RequestState.ACKED
        assert request_of(poisonous).state == RequestState.READY
        assert book.placed() == 1
        assert "could not be swept" in caplog.text

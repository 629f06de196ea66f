"""One POST whatever the wire does, and an honest name for what came of it."""

import uuid
from decimal import Decimal

import pytest

from investors.grants.models import Grant
from investors.grants.tokens import end_grant
from tests.trading.engine.conftest import kinds_of, make_ticket, request_of, resting
from trading.orders.errors import DuplicateUnresolved
from trading.orders.models import Order
from trading.orders.reconciling import reconcile_account
from trading.orders.sending import claim, send_once
from trading.orders.states import OrderState, RequestState
from trading.orders.sweeping import sweep_order_requests

E3 = {"Message": "Authorization has been denied for this request."}
E5 = {"Message": "Validation error occured while processing entity", "ModelState": {"placeParams.Price": ["No."]}}

NOBODY_KNOWS = [
    {"action": "hang_before"},
    {"action": "hang_after"},
    {"action": "reset", "when": "before"},
    {"action": "reset", "when": "after"},
    {"action": "truncate"},
    {"action": "status", "status": 500, "body": {"message": "An error occurred", "error": "Unexpected server error"}},
    {"action": "status", "status": 503, "when": "before"},
    {"action": "status", "status": 503, "when": "after"},
    {"action": "status", "status": 504, "when": "after"},
    {"action": "status", "status": 429, "headers": {"Retry-After": "1"}},
    {"action": "status", "status": 429},
    {"action": "status", "status": 200, "body": "<html>a proxy</html>"},
    {"action": "status", "status": 403, "body": "<html>a proxy</html>"},
    {"action": "status", "status": 302, "headers": {"Location": "/elsewhere"}},
]


def name_of(fault: dict) -> str:
    return "-".join(str(fault[key]) for key in ("action", "status", "when") if key in fault)


class TestNobodyKnows:
    @pytest.mark.parametrize("fault", NOBODY_KNOWS, ids=name_of)
    def test_it_is_unknown_never_sent_again_and_answered_by_the_book(self, place, account, book, fault, caplog):
        """One order there is found here; none there stays unresolved here, since absence proves nothing."""
        book.spoil(**fault)
        order = place(resting())
        assert (order.state, request_of(order).state) == (OrderState.UNKNOWN, RequestState.UNKNOWN)
        assert any(record.levelname == "ERROR" for record in caplog.records)
        sweep_order_requests()
        send_once(request_of(order))
        book.advance(5)
        reconcile_account(account)
        order.refresh_from_db()
        made = book.orders(ClientId=order.client_id)
        assert book.placed() == 1
        assert order.vendor_order_id == (made[0]["Id"] if made else None)
        assert order.state == (OrderState.WORKING if made else OrderState.UNKNOWN)


class TestRecycledIds:
    def test_an_id_that_another_order_holds_is_an_alarm_not_a_mix_up(self, place, account, caplog):
        """AutoShares' test stage may begin its numbering anew: then its answer belongs to nobody for certain."""
        first = place(resting())
        Order.unscoped.filter(pk=first.pk).update(vendor_order_id=first.vendor_order_id + 1)
        second = place(resting(quantity=Decimal(2)))
        assert (second.state, second.vendor_order_id) == (OrderState.UNKNOWN, None)
        assert any(record.levelname == "CRITICAL" for record in caplog.records)


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "body", "words"),
        [
            (422, E5, "could not read"),
            (403, {"error": "Application key is not defined or does not exist"}, "not set up correctly"),
            (409, None, "refused"),
            (400, {"Message": "The request is invalid."}, "could not read"),
        ],
    )
    def test_autoshares_own_no_is_a_refusal(self, place, book, status, body, words):
        book.spoil("status", status=status, body=body)
        order = place()
        assert order.state == OrderState.REFUSED
        assert words in order.reason
        assert book.placed() == 1
        assert book.orders() == []

    def test_a_preview_shaped_answer_is_a_refusal_with_its_reason(self, place, book):
        body = {"IsSuccessful": False, "ErrorDescription": "InsufficientShares", "ErrorDescriptionText": "Too few."}
        book.spoil("status", status=200, body=body)
        order = place()
        assert order.state == OrderState.REFUSED
        assert (order.reason, order.vendor_reason) == ("You do not hold that many shares.", "Too few.")

    def test_a_refused_order_may_be_placed_again_from_a_new_form(self, place, book):
        book.spoil("status", status=422, body=E5)
        place()
        assert place().state == OrderState.ACKED


class TestUnauthorized:
    def test_it_ends_honestly_without_a_way_to_renew(self, place, trader, book):
        book.spoil("status", status=401, body=E3)
        book.spoil("status", method="GET", path="/api/v1.0/users/@me/info", status=401, body=E3, count=None)
        order = place()
        assert order.state == OrderState.REFUSED
        assert "connection had ended" in order.reason
        assert Grant.objects.get(user=trader).state == Grant.State.ENDED
        assert book.placed() == 1

    def test_it_names_an_account_that_is_closed_to_the_investor(self, place, trader, book):
        book.spoil("status", status=401, body=E3)
        order = place()
        assert order.state == OrderState.REFUSED
        assert "does not let you trade" in order.reason
        assert Grant.objects.get(user=trader).state == Grant.State.ACTIVE

    def test_it_sends_once_more_after_renewing_the_tokens(self, place, trader, book, monkeypatch):
        """A 401 in AutoShares' own words proves that nothing was accepted."""
        asked = []
        monkeypatch.setattr("trading.upstream.report_unauthorized", lambda user: asked.append(user) or True)
        book.spoil("status", status=401, body=E3)
        order = place()
        assert order.state == OrderState.ACKED
        assert request_of(order).sent_count == 2
        assert (len(asked), book.placed(), len(book.orders())) == (1, 2, 1)

    def test_it_is_refused_when_the_renewed_connection_is_gone_again(self, place, trader, book, monkeypatch):
        monkeypatch.setattr("trading.upstream.report_unauthorized", lambda user: end_grant(user, "test") or True)
        book.spoil("status", status=401, body=E3)
        order = place()
        assert order.state == OrderState.REFUSED
        assert "connection had ended" in order.reason
        assert book.placed() == 1

    def test_it_does_not_send_a_third_time(self, place, trader, book, monkeypatch):
        monkeypatch.setattr("trading.upstream.report_unauthorized", lambda user: True)
        book.spoil("status", status=401, body=E3, count=None)
        assert place().state == OrderState.REFUSED
        assert book.placed() == 2


class TestSimilarOrders:
    def test_an_unresolved_twin_blocks_with_an_explanation(self, place, book):
        book.spoil("hang_before")
        place()
        with pytest.raises(DuplicateUnresolved, match="may exist already"):
            place()
        assert book.placed() == 1

    def test_another_order_goes_through(self, place, book):
        book.spoil("hang_before")
        place()
        assert place(make_ticket(quantity=Decimal(11))).state == OrderState.ACKED

    def test_it_is_free_again_once_the_first_is_found(self, place, account, book):
        book.spoil("hang_after")
        place()
        reconcile_account(account)
        assert place().state == OrderState.ACKED
        assert len(book.orders()) == 2


class TestClaim:
    def test_one_winner(self, place, book):
        request = request_of(place())
        request.__class__.unscoped.filter(pk=request.pk).update(state=RequestState.READY, next_look_at=None)
        assert [claim(request), claim(request)] == [True, False]


def test_an_answer_that_comes_after_the_book_changes_nothing(place, account, book, monkeypatch):
    """The poll finds the order while its sender still waits for the answer."""
    from autoshares.orders import Orders

    plain_place = Orders.place

    def place_and_look(self, account_id, draft):
        row = plain_place(self, account_id, draft)
        book.advance(30)
        reconcile_account(account)
        return row

    monkeypatch.setattr(Orders, "place", place_and_look)
    order = place(form_key=uuid.uuid4())
    assert order.state == OrderState.FILLED
    assert kinds_of(order).count("order.acknowledged") == 1

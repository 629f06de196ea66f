"""Changing a working order: asked at most once, and true once the book shows it."""

import uuid
from decimal import Decimal

import pytest

from agreements.models import OutstandingAgreement
from autoshares.models import OrderChange
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.tokens import client_for
from tests.trading.engine.conftest import kinds_of, make_ticket, resting
from trading.orders.canceling import cancel_order
from trading.orders.errors import (
    AccountMayNotTrade,
    AgreementsOutstanding,
    FormKeyReused,
    OrderNotReplaceable,
    TicketInvalid,
)
from trading.orders.models import Order, OrderRequest
from trading.orders.reconciling import reconcile_account
from trading.orders.replacing import changed_ticket, replace_order
from trading.orders.states import OrderState, RequestState
from trading.orders.sweeping import sweep_order_requests
from trading.risk.errors import TradingHalted
from trading.risk.killing import throw_switch
from trading.risk.models import KillSwitch


@pytest.fixture
def working(place, account, book) -> Order:
    order = place(resting(quantity=Decimal(10)))
    book.advance(5)
    reconcile_account(account)
    order.refresh_from_db()
    assert order.state == OrderState.WORKING
    return order


@pytest.fixture
def change(trader):
    """`change(order, quantity=…)`: the request for it."""

    def change(order: Order, form_key: uuid.UUID | None = None, **terms) -> OrderRequest:
        return replace_order(order, changed_ticket(order, **terms), by=trader, form_key=form_key or uuid.uuid4())

    return change


@pytest.fixture
def look(account, book):
    def look(order: Order, seconds: float = 5) -> Order:
        book.advance(seconds)
        reconcile_account(account)
        order.refresh_from_db()
        return order

    return look


def replacements(book) -> int:
    return sum(row["method"] == "PUT" and "/orders/" in row["path"] for row in book.sandbox.control("requests"))


class TestReplaceOrder:
    def test_the_new_terms_count_once_the_book_shows_them(self, working, change, look, book):
        request = change(working, quantity=Decimal(20), limit_price=Decimal("1.50"))
        assert request.state == RequestState.ACKED
        working.refresh_from_db()
        assert (working.quantity, working.limit_price) == (10, 1)
        assert working.replace_requested_at is not None
        look(working)
        assert (working.quantity, working.limit_price) == (20, Decimal("1.50"))
        assert working.replace_requested_at is None
        [made] = book.orders(Id=working.vendor_order_id)
        assert (Decimal(made["Quantity"]), Decimal(made["Price"])) == (20, Decimal("1.50"))

    def test_it_writes_down_what_was_asked_and_what_came_of_it(self, working, change, look):
        change(working, limit_price=Decimal("1.25"))
        look(working)
        assert kinds_of(working)[-3:] == ["replace.requested", "replace.received", "replace.done"]
        assert working.events.get(kind="replace.done").text == "Changed: 10 at 1.25 or better, good till canceled."

    def test_two_clicks_ask_once(self, working, change, book):
        key = uuid.uuid4()
        first = change(working, key, quantity=Decimal(20))
        working.refresh_from_db()
        assert change(working, key, quantity=Decimal(20)) == first
        assert replacements(book) == 1

    def test_the_same_form_with_other_terms_is_refused(self, working, change):
        key = uuid.uuid4()
        change(working, key, quantity=Decimal(20))
        with pytest.raises(FormKeyReused):
            change(working, key, quantity=Decimal(30))

    def test_one_change_at_a_time(self, working, change):
        change(working, quantity=Decimal(20))
        working.refresh_from_db()
        with pytest.raises(OrderNotReplaceable, match="Something else is under way"):
            change(working, quantity=Decimal(30))

    def test_it_learns_of_a_change_that_was_made_elsewhere(self, working, trader, account, look):
        there = OrderChange(
            order_id=working.vendor_order_id,
            type="Limit",
            quantity=Decimal(15),
            limit_price=Decimal("1.10"),
            time_in_force="GoodTillCancel",
        )
        client_for(trader).orders.replace(account.vendor_account_id, there)
        look(working)
        assert (working.quantity, working.limit_price) == (15, Decimal("1.10"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("terms", "field"),
        [({"limit_price": Decimal("1.005")}, "limit_price"), ({"quantity": Decimal("0.5")}, "quantity")],
    )
    def test_terms_that_cannot_be_right_are_named(self, working, change, book, terms, field):
        with pytest.raises(TicketInvalid) as refusal:
            change(working, **terms)
        assert refusal.value.field == field
        assert replacements(book) == 0

    def test_nothing_changes_nothing(self, working, change):
        with pytest.raises(TicketInvalid, match="Nothing would change"):
            change(working)

    def test_a_filled_order_is_too_late(self, place, change, look):
        order = look(place(make_ticket()), seconds=40)
        assert order.state == OrderState.FILLED
        with pytest.raises(OrderNotReplaceable, match="Too late to change: the order is filled"):
            change(order, quantity=Decimal(20))

    def test_a_fill_that_comes_first_is_said_in_plain_words(self, working, change, look, book):
        book.price("AAPL", "0.90")
        book.advance(30)  # filled there; we have not looked yet
        with pytest.raises(OrderNotReplaceable):
            change(working, limit_price=Decimal("1.50"))
        look(working)
        assert working.state == OrderState.FILLED
        assert working.quantity == 10

    def test_an_order_that_is_being_canceled_stays_as_it_is(self, working, change, trader):
        cancel_order(working, by=trader, form_key=uuid.uuid4())
        working.refresh_from_db()
        with pytest.raises(OrderNotReplaceable):
            change(working, quantity=Decimal(20))

    def test_whoever_may_only_look_changes_nothing(self, working, change, book):
        AccountLink.unscoped.update(access="ReadOnly")
        with pytest.raises(AccountMayNotTrade):
            change(working, quantity=Decimal(20))
        assert replacements(book) == 0

    def test_a_closed_account_changes_nothing_and_may_cancel(self, working, change, account, trader, book):
        TradingAccount.unscoped.filter(pk=account.pk).update(is_enabled=False)
        with pytest.raises(AccountMayNotTrade, match="closed for trading"):
            change(working, quantity=Decimal(20))
        assert replacements(book) == 0
        assert cancel_order(working, by=trader, form_key=uuid.uuid4()).state == RequestState.ACKED

    def test_a_change_waits_for_signed_agreements_and_a_cancel_does_not(self, working, change, trader, book):
        OutstandingAgreement.objects.create(
            user=trader, vendor_agreement_id=1, type="PlatformAgreement", title="Platform", can_skip=False
        )
        with pytest.raises(AgreementsOutstanding):
            change(working, quantity=Decimal(20))
        assert replacements(book) == 0
        assert cancel_order(working, by=trader, form_key=uuid.uuid4()).state == RequestState.ACKED

    def test_a_kill_switch_stops_changes_too(self, working, change, account, book):
        throw_switch(KillSwitch.Scope.ACCOUNT, account=account, reason="Under review.", by=None)
        with pytest.raises(TradingHalted, match="Under review"):
            change(working, quantity=Decimal(20))
        assert replacements(book) == 0


class TestSilence:
    def test_it_calls_no_answer_unknown_and_finds_out(self, working, change, look, book):
        book.spoil("hang_after", method="PUT", path="/api/v1.0/accounts/*/orders/*")
        request = change(working, quantity=Decimal(20))
        assert request.state == RequestState.UNKNOWN
        look(working)
        request.refresh_from_db()
        assert (working.quantity, request.state) == (20, RequestState.ACKED)
        assert replacements(book) == 1

    def test_an_unheard_change_may_be_asked_for_again(self, working, change, look, book):
        book.spoil("hang_before", method="PUT", path="/api/v1.0/accounts/*/orders/*")
        request = change(working, quantity=Decimal(20))
        OrderRequest.unscoped.filter(pk=request.pk).update(changed_at=request.created_at.replace(year=2020))
        look(working)
        assert working.replace_requested_at is None
        assert kinds_of(working)[-1] == "replace.not_seen"
        assert change(working, quantity=Decimal(20)).state == RequestState.ACKED

    def test_what_never_left_is_sent_later(self, working, change, look, unreachable, book):
        with unreachable():
            request = change(working, quantity=Decimal(20))
        assert request.state == RequestState.READY
        OrderRequest.unscoped.filter(pk=request.pk).update(next_look_at=None)
        sweep_order_requests()
        assert look(working).quantity == 20
        assert replacements(book) == 1

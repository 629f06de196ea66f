"""Place an order: the intent first, one POST, and the same form is the same order."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from agreements.models import OutstandingAgreement
from brokers.models import Connection
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.tokens import end_grant
from tests.support.racing import race
from tests.trading.engine.conftest import kinds_of, make_ticket, request_of, resting, sign_up
from trading.market_hours import MarketState
from trading.orders.errors import (
    AccountMayNotTrade,
    AgreementsOutstanding,
    ConnectionEnded,
    DuplicateRecent,
    FormKeyReused,
    MarketHasClosed,
    OrderRefused,
    PriceMoved,
    TicketInvalid,
)
from trading.orders.models import Order, OrderRequest
from trading.orders.placing import place_order, preview_order
from trading.orders.reconciling import reconcile_account
from trading.orders.states import OrderState, RequestState
from trading.portfolio.models import AccountBook, Position
from trading.portfolio.polling import poll_due_accounts
from trading.securities.models import Quote, Security


class TestPlaceOrder:
    def test_it_goes_from_the_ticket_to_a_filled_order(self, place, account, book):
        order = place(make_ticket(quantity=Decimal(10)))
        assert order.state == OrderState.ACKED
        book.advance(30)
        poll_due_accounts()
        order.refresh_from_db()
        assert order.state == OrderState.FILLED
        assert order.filled_quantity == 10
        [made] = book.orders(ClientId=order.client_id)
        assert (made["Id"], made["Comment"]) == (order.vendor_order_id, str(order.client_id))
        assert order.average_price == Decimal(made["ExecutedValue"]) / 10

    def test_it_writes_a_timeline_that_reads_like_a_story(self, place, account, book):
        order = place()
        book.advance(30)
        reconcile_account(account)
        kinds = kinds_of(order)
        assert kinds[:3] == ["order.received", "order.sent", "order.acknowledged"]
        assert kinds[-1] == "order.filled"
        assert order.events.first().text == "Buy 10 AAPL at the market price, good today."

    def test_it_brings_the_bought_shares_and_the_spent_cash_home(self, place, account, book):
        poll_due_accounts()
        before = AccountBook.objects.get(account=account).cash
        held = Position.objects.filter(account=account, symbol="AAPL").first()
        place()
        book.advance(30)
        poll_due_accounts()
        after = AccountBook.objects.get(account=account).cash
        bought = Position.objects.get(account=account, symbol="AAPL").quantity - (held.quantity if held else 0)
        assert bought == 10
        assert after < before

    def test_it_sends_limit_and_life_as_they_were_asked_for(self, place, book):
        order = place(resting(limit_price=Decimal("150.25")))
        [made] = book.orders(ClientId=order.client_id)
        assert (made["Type"], made["TimeInForce"], Decimal(made["Price"])) == (
            "Limit",
            "GoodTillCancel",
            Decimal("150.25"),
        )

    def test_it_refuses_to_send_inside_a_transaction(self, place, book):
        with pytest.raises(RuntimeError), transaction.atomic():
            place()
        assert book.placed() == 0

    def test_it_writes_nothing_when_the_connection_has_ended(self, place, trader, book):
        end_grant(trader, "test")
        with pytest.raises(ConnectionEnded):
            place()
        assert not Order.objects.exists()
        assert book.placed() == 0

    def test_it_shows_why_autoshares_refused(self, place, book):
        order = place(make_ticket(quantity=Decimal(900_000)))
        assert order.state == OrderState.REJECTED
        assert order.reason == "This costs more than your buying power."

    def test_it_follows_a_late_rejection(self, place, account, book):
        book.settings(late_reject="AccountRestricted")
        order = place()
        assert order.state == OrderState.ACKED
        book.advance(5)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.REJECTED
        assert order.reason == "Trading is restricted in this account. Your broker can tell you why."


class TestSameForm:
    def test_two_clicks_are_one_order(self, place, book):
        key = uuid.uuid4()
        assert place(form_key=key) == place(form_key=key)
        assert len(book.orders()) == book.placed() == 1

    @pytest.mark.django_db(transaction=True)
    def test_a_hundred_clicks_at_once_are_one_order(self, account, trader, book):
        key = uuid.uuid4()
        made = race(100, lambda: place_order(account=account, by=trader, ticket=make_ticket(), form_key=key))
        assert len(made) == 100
        assert set(made) == {Order.objects.get()}
        assert len(book.orders()) == book.placed() == 1

    @pytest.mark.parametrize("change", [{"quantity": Decimal(11)}, {"side": "sell"}, {"symbol": "MSFT"}])
    def test_other_content_is_refused(self, place, book, change):
        key = uuid.uuid4()
        place(form_key=key)
        with pytest.raises(FormKeyReused) as refusal:
            place(make_ticket(**change), form_key=key)
        assert refusal.value.status == 409
        assert book.placed() == 1

    def test_another_investor_is_refused(self, place, scope, sandbox, book):
        key = uuid.uuid4()
        place(form_key=key)
        dana = sign_up(scope, sandbox, "investor@demo.test")
        hers = TradingAccount.objects.of(dana).first()
        with pytest.raises(FormKeyReused):
            place_order(account=hers, by=dana, ticket=make_ticket(), form_key=key)

    def test_equal_orders_from_two_forms_are_two_orders(self, place, book):
        assert place() != place()
        assert len(book.orders()) == 2

    def test_an_equal_order_soon_after_is_asked_about(self, place, book):
        place()
        with pytest.raises(DuplicateRecent, match="the very same order 1 second ago"):
            place(is_second=False)
        assert len(book.orders()) == 1

    def test_an_equal_order_is_no_duplicate_of_one_that_was_refused(self, place, book):
        place(make_ticket(quantity=Decimal(900_000)))
        assert place(make_ticket(quantity=Decimal(900_000)), is_second=False).state == OrderState.REJECTED

    def test_an_equal_order_later_is_simply_another_one(self, place, book):
        first = place()
        OrderRequest.unscoped.filter(order=first).update(created_at=timezone.now() - timedelta(seconds=31))
        assert place(is_second=False) != first


class TestMovedPrice:
    """A market order is confirmed for a price that was on the screen."""

    @pytest.fixture
    def confirm(self, account, trader, scope):
        """`confirm(reviewed)`: the order is confirmed at a price of 280.00."""
        aapl = Security.objects.create(symbol="AAPL", vendor_security_id=1, type="CommonStock")
        Quote.objects.create(security=aapl, last=Decimal(280), bid=Decimal(280), ask=Decimal(280))

        def confirm(reviewed: str, key: uuid.UUID | None = None, **changes) -> Order:
            return place_order(
                account=account,
                by=trader,
                ticket=make_ticket(**changes),
                form_key=key or uuid.uuid4(),
                reviewed_price=reviewed,
            )

        return confirm

    @pytest.mark.parametrize("reviewed", ["277.00", "283.00"])
    def test_it_has_to_be_looked_at_again(self, confirm, book, reviewed):
        with pytest.raises(PriceMoved, match=rf"AAPL is at 280\.00 now; .* it was at {reviewed}"):
            confirm(reviewed)
        assert book.placed() == 0

    @pytest.mark.parametrize("reviewed", ["278.00", "", "nonsense", "NaN", "-1"])
    def test_a_little_or_no_memory_of_it_is_no_reason(self, confirm, reviewed):
        assert confirm(reviewed).state == OrderState.ACKED

    def test_a_limit_says_itself_what_it_may_cost(self, confirm):
        order = confirm("100.00", type="limit", limit_price=Decimal(280))
        assert order.state == OrderState.ACKED

    def test_a_second_click_after_the_move_shows_the_order_that_was_placed(self, confirm, book):
        key = uuid.uuid4()
        first = confirm("280.00", key)
        Quote.objects.update(last=Decimal(300))
        assert confirm("280.00", key) == first
        assert book.placed() == 1


class TestMarketThatClosedMeanwhile:
    CLOSED = MarketState(is_open=False, label="Closed until Friday 9:30 am ET")

    @pytest.fixture
    def confirm(self, account, trader):
        def confirm(key: uuid.UUID | None = None, closed: MarketState | None = self.CLOSED, **changes) -> Order:
            return place_order(
                account=account, by=trader, ticket=make_ticket(**changes), form_key=key or uuid.uuid4(), closed=closed
            )

        return confirm

    def test_an_order_reviewed_while_it_was_open_is_looked_at_again(self, confirm, book):
        with pytest.raises(MarketHasClosed, match=r"would wait until Friday 9:30 am ET\."):
            confirm()
        assert book.placed() == 0

    def test_one_for_other_hours_goes(self, confirm):
        assert confirm(type="limit", limit_price=Decimal(1), session="all").state == OrderState.ACKED

    def test_a_second_click_after_the_close_shows_the_order_that_was_placed(self, confirm):
        key = uuid.uuid4()
        assert confirm(key, closed=None) == confirm(key)


class TestHaltedSymbol:
    def test_the_review_says_so_and_the_order_waits(self, account, trader, place, sandbox, book):
        sandbox.control("halts", {"AAPL": True})
        preview = preview_order(account=account, by=trader, ticket=make_ticket())
        assert "Trading in AAPL is halted. Your order waits until it resumes." in preview.warnings
        order = place()
        book.advance(60)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.WORKING
        sandbox.control("halts", {"AAPL": False})
        book.advance(60)
        reconcile_account(account)
        order.refresh_from_db()
        assert order.state == OrderState.FILLED


class TestWhoMayPlace:
    def test_it_is_not_a_stranger_to_the_account(self, account, scope, sandbox, book):
        dana = sign_up(scope, sandbox, "investor@demo.test")
        with pytest.raises(AccountMayNotTrade):
            place_order(account=account, by=dana, ticket=make_ticket(), form_key=uuid.uuid4())
        assert book.placed() == 0

    @pytest.mark.parametrize(
        ("access", "ticket"),
        [
            (AccountLink.Access.READ_ONLY, make_ticket()),
            (AccountLink.Access.CLOSE_ONLY, make_ticket()),
        ],
    )
    def test_it_needs_the_right_access(self, account, trader, place, access, ticket):
        AccountLink.objects.filter(account=account, user=trader).update(access=access)
        with pytest.raises(AccountMayNotTrade):
            place(ticket)
        assert not Order.objects.exists()

    def test_it_may_sell_where_only_closing_is_allowed(self, account, trader, place, book):
        AccountLink.objects.filter(account=account, user=trader).update(access=AccountLink.Access.CLOSE_ONLY)
        poll_due_accounts()
        held = Position.objects.filter(account=account, quantity__gte=1).first()
        assert place(make_ticket(side="sell", symbol=held.symbol, quantity=Decimal(1))).state == OrderState.ACKED

    def test_it_waits_for_signed_agreements(self, place, trader, scope, book):
        OutstandingAgreement.objects.create(
            user=trader, vendor_agreement_id=1, type="PlatformAgreement", title="Platform", can_skip=False
        )
        with pytest.raises(AgreementsOutstanding):
            place()
        assert book.placed() == 0

    def test_it_refuses_what_cannot_be_right_without_asking(self, place, book):
        with pytest.raises(TicketInvalid):
            place(make_ticket(quantity=Decimal("0.5")))
        assert not OrderRequest.objects.exists()


class TestPreviewOrder:
    def preview(self, account, trader, **changes):
        return preview_order(account=account, by=trader, ticket=make_ticket(**changes))

    def test_it_tells_cost_commission_and_quote(self, account, trader):
        preview = self.preview(account, trader)
        assert preview.commission == Decimal("1.00")
        assert preview.net_cost == preview.cost + preview.commission
        assert preview.bid < preview.ask
        assert abs(preview.cost / 10 - preview.ask) < Decimal("0.5")
        assert preview.warnings == ()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"quantity": Decimal(900_000)}, "quantity"),
            ({"symbol": "NOSUCH"}, "symbol"),
            ({"side": "sell", "symbol": "F", "quantity": Decimal(90_000)}, "quantity"),
        ],
    )
    def test_it_points_at_the_field_to_change(self, account, trader, changes, field):
        with pytest.raises(OrderRefused) as refusal:
            self.preview(account, trader, **changes)
        assert refusal.value.field == field
        assert refusal.value.vendor_message

    def test_it_warns_when_the_market_is_closed(self, account, trader, scope, monkeypatch):
        """Thanksgiving. The order is taken all the same, and waits for the half day after it."""
        thanksgiving = datetime(2026, 11, 26, 16, tzinfo=UTC)
        monkeypatch.setattr("trading.market_hours.timezone", SimpleNamespace(now=lambda: thanksgiving))
        Connection.objects.filter(broker=scope).update(trades_around_the_clock=False)
        preview = self.preview(TradingAccount.objects.get(pk=account.pk), trader)
        assert preview.cost > 0
        assert preview.warnings == ("The market is closed. Your order waits until it opens: Friday 9:30 am ET.",)

    def test_it_passes_on_that_the_market_is_closed_by_autoshares_clock(self, account, trader, sandbox):
        closed = {"IsSuccessful": False, "ErrorDescription": "MarketClosed"}
        sandbox.control("faults", {"path": "**/preview/orders", "action": "status", "status": 200, "body": closed})
        preview = self.preview(account, trader)
        assert preview.cost is None
        assert preview.warnings[0].startswith("AutoShares says that the market is closed for this order.")

    def test_it_warns_of_a_limit_far_above_the_market(self, account, trader, book):
        book.price("F", "10.00")
        preview = self.preview(account, trader, symbol="F", type="limit", limit_price=Decimal("15.00"))
        assert "above the market" in preview.warnings[0]

    def test_it_places_nothing(self, account, trader, book):
        self.preview(account, trader)
        assert book.orders() == []


def test_it_keeps_the_request_beside_the_order(place):
    request = request_of(place(resting()))
    assert (request.state, request.sent_count) == (RequestState.ACKED, 1)
    assert request.payload["limit_price"] == "1"

"""From the review to the order, with AutoShares behind it."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from autoshares.limits import LIMITS, Category, Limit
from autoshares.orders import Orders
from brokers.models import Connection
from brokers.scoping import broker_scope
from investors.accounts.models import AccountLink, TradingAccount
from tests.trading.pages.conftest import HTMX, seat, typed
from trading.market_hours import MarketState
from trading.orders.models import Order, OrderDraft
from trading.orders.states import OrderState
from trading.portfolio.models import AccountBook
from trading.portfolio.polling import poll_due_accounts
from trading.risk.killing import throw_switch
from trading.securities.models import Quote, Security

PREVIEW = "/trade/AAPL/preview/"
PLACE = "/trade/AAPL/place/"
TICKET = "/trade/AAPL/"
RESTING = {"type": "limit", "limit_price": "1.00"}


def let_the_poll_run() -> None:
    AccountBook.unscoped.update(next_check_at="2020-01-01T00:00Z")
    poll_due_accounts()


def cancel_form(**changes: str) -> dict[str, str]:
    return {"form_key": str(uuid.uuid4()), "drawn": "status"} | changes


class TestReview:
    def test_it_reads_the_order_back_with_its_cost(self, trading, book):
        page = trading.post(PREVIEW, typed(quantity="10"), headers=HTMX)
        text = page.content.decode()
        assert page.status_code == 200
        assert "Buy 10 AAPL at the market price, good today, for about $" in text
        assert "Commission" in text
        assert "Place order" in text
        assert book.placed() == 0

    def test_a_purchase_costs_its_commission_on_top(self, trading):
        review = trading.post(PREVIEW, typed(quantity="10"), headers=HTMX).context["review"]
        assert review.commission > 0
        assert review.total == review.amount + review.commission

    def test_a_sale_brings_less_by_its_commission(self, trading, harbor):
        Security.unscoped.create(broker=harbor, vendor_security_id=2, symbol="AMD")
        data = typed(side="sell", quantity="10")
        review = trading.post("/trade/AMD/preview/", data, headers=HTMX).context["review"]
        assert review.commission > 0
        assert review.total == review.amount - review.commission

    def test_it_is_a_whole_page_for_a_plain_form(self, trading, book):
        page = trading.post(PREVIEW, typed()).content.decode()
        assert "<!DOCTYPE html>" in page
        assert f'action="{PLACE}"' in page

    def test_it_carries_everything_into_the_order(self, trading):
        data = typed(**RESTING)
        page = trading.post(PREVIEW, data, headers=HTMX).content.decode()
        for name, value in data.items():
            assert f'name="{name}" value="{value}"' in page

    def test_edit_brings_back_what_was_typed(self, trading):
        data = typed(quantity="1,234", **RESTING)
        trading.post(PREVIEW, data, headers=HTMX)
        panel = trading.get(TICKET, headers=HTMX).content.decode()
        assert panel.startswith("<form")
        assert 'value="1,234"' in panel
        assert data["form_key"] in panel

    def test_more_than_the_buying_power_is_said_next_to_the_quantity(self, trading):
        answer = trading.post(PREVIEW, typed(quantity="1000000"), headers=HTMX)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"quantity": ["This costs more than your buying power."]}

    def test_more_than_is_held_is_said_next_to_the_quantity(self, trading):
        answer = trading.post(PREVIEW, typed(side="sell", quantity="999999"), headers=HTMX)
        assert answer.context["form"].errors == {"quantity": ["You do not hold that many shares."]}
        assert (
            "AutoShares: “There are not enough shares to sell.”" in answer.content.decode()
        )  # its own words beside ours

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_trouble_at_autoshares_stays_in_the_panel(self, trading, book, status):
        book.spoil("status", path="/api/v1.0/**", status=status, count=None)
        answer = trading.post(PREVIEW, typed(quantity="25"), headers=HTMX)
        assert answer.status_code == 409  # htmx swaps it: a 5xx would be left out of the page
        assert "nothing was sent" in answer.content.decode().lower()
        assert 'value="25"' in answer.content.decode()

    def test_a_plain_form_hears_the_same_with_its_honest_status(self, trading, book):
        book.spoil("status", path="/api/v1.0/**", status=503, count=None)
        assert trading.post(PREVIEW, typed()).status_code == 503

    def test_a_timeout_stays_in_the_panel(self, trading, book):
        book.spoil("hang_before", path="/api/v1.0/preview/**", seconds=2, count=None)
        book.spoil("hang_before", path="/api/v1.0/accounts/**", seconds=2, count=None)
        answer = trading.post(PREVIEW, typed(quantity="25"), headers=HTMX)
        assert answer.status_code == 409
        assert 'value="25"' in answer.content.decode()

    def test_a_stopped_autoshares_stays_in_the_panel(self, trading, sandbox):
        with sandbox.stopped():
            answer = trading.post(PREVIEW, typed(quantity="25"), headers=HTMX)
        assert answer.status_code == 409
        assert "does not answer" in answer.content.decode()


class TestPlacing:
    def test_it_shows_the_order_at_once_and_then_how_it_is_filled(self, trading, book):
        page = trading.post(PLACE, typed(quantity="10"), headers=HTMX)
        order = Order.unscoped.get()
        assert page.status_code == 200
        assert "Order placed" in page.content.decode()
        assert reverse("trading:order-status", args=[order.id]) in page.content.decode()
        book.advance(60)
        let_the_poll_run()
        status = trading.get(reverse("trading:order-status", args=[order.id]), headers=HTMX).content.decode()
        assert "Filled at an average of" in status
        assert "10 / 10" in status
        assert "hx-get" not in status

    def test_a_plain_form_leads_to_the_order(self, trading):
        answer = trading.post(PLACE, typed())
        assert answer["Location"] == reverse("trading:order-detail", args=[Order.unscoped.get().id])

    def test_it_forgets_the_draft_and_begins_with_a_new_key(self, trading):
        data = typed(**RESTING)
        trading.post(PREVIEW, data, headers=HTMX)
        trading.post(PLACE, data, headers=HTMX)
        assert not OrderDraft.unscoped.exists()
        assert str(trading.get(TICKET).context["form"]["form_key"].value()) != data["form_key"]

    def test_an_order_too_many_is_refused_on_the_ticket_with_all_that_was_typed(self, trading, book, monkeypatch):
        monkeypatch.setitem(LIMITS, Category.ORDERS, Limit(2, reserve=1))
        trading.post(PLACE, typed(**RESTING))
        page = trading.post(PLACE, typed(quantity="1,234", **RESTING), headers=HTMX)
        text = page.content.decode()
        assert page.status_code == 429
        assert "only so many orders a minute" in text and "Nothing was sent; try again in 6" in text
        assert 'value="1,234"' in text
        assert Order.unscoped.count() == book.placed() == 1

    def test_two_clicks_are_one_order(self, trading, book):
        data = typed(**RESTING)
        first = trading.post(PLACE, data, headers=HTMX)
        second = trading.post(PLACE, data, headers=HTMX)
        assert first.context["order"] == second.context["order"]
        assert book.placed() == 1

    def test_the_same_form_with_other_content_is_refused(self, trading, book):
        data = typed(**RESTING)
        trading.post(PLACE, data, headers=HTMX)
        answer = trading.post(PLACE, data | {"quantity": "11"}, headers=HTMX)
        assert answer.status_code == 409
        assert "already used" in answer.content.decode()
        assert book.placed() == 1

    def test_going_back_and_reviewing_again_warns_of_a_second_order(self, trading):
        data = typed(**RESTING)
        trading.post(PLACE, data, headers=HTMX)
        review = trading.post(PREVIEW, data, headers=HTMX).content.decode()
        assert "You have already placed an order from this form." in review
        assert data["form_key"] not in review

    def test_a_late_draft_does_not_come_back_to_life(self, trading):
        data = typed(**RESTING)
        trading.post(PLACE, data, headers=HTMX)
        trading.post("/trade/AAPL/draft/", data, headers=HTMX)
        assert not OrderDraft.unscoped.exists()

    def test_no_answer_is_unknown_not_failed(self, trading, book):
        book.spoil("hang_after", seconds=2)
        page = trading.post(PLACE, typed(**RESTING), headers=HTMX).content.decode()
        assert "Order sent, no answer yet" in page
        assert "it has not been sent again" in page

    def test_it_does_not_call_placed_what_nobody_could_be_given_yet(self, trading):
        Connection.objects.update(api_base_url="http://localhost:9/api")  # nobody listens there
        page = trading.post(PLACE, typed(**RESTING), headers=HTMX).content.decode()
        assert "Order received, not sent yet" in page
        assert "AutoShares cannot be reached. Nothing was sent; we keep trying" in page

    def test_a_refusal_keeps_what_was_typed_under_a_new_key(self, trading, book):
        no = {"IsSuccessful": False, "ErrorDescription": "InsufficientShares", "ErrorDescriptionText": "Too few."}
        book.spoil("status", status=200, body=no)
        data = typed(side="sell", quantity="25", **RESTING)
        trading.post("/trade/AAPL/draft/", data, headers=HTMX)
        page = trading.post(PLACE, data, headers=HTMX).content.decode()
        assert "Order not accepted" in page
        assert "You do not hold that many shares." in page
        assert "Too few." in page
        draft = OrderDraft.unscoped.get()
        assert draft.fields["quantity"] == "25"
        assert str(draft.form_key) != data["form_key"]

    def test_an_invalid_form_places_nothing(self, trading, book):
        answer = trading.post(PLACE, typed(quantity="0"), headers=HTMX)
        assert answer.status_code == 422
        assert not Order.unscoped.exists()

    def test_an_investor_who_may_only_look_is_refused(self, trading, book):
        AccountLink.unscoped.update(access=AccountLink.Access.READ_ONLY)
        answer = trading.post(PLACE, typed(), headers=HTMX)
        assert answer.status_code == 403
        assert "not trade in it" in answer.content.decode()
        assert book.placed() == 0


class TestBetweenReviewAndConfirmation:
    """What was true at the review may be so no longer: the confirmation says what, and sends nothing."""

    @pytest.mark.parametrize(
        ("happens", "words"),
        [
            (lambda: AccountLink.unscoped.update(access="ReadOnly"), "not trade in it"),
            (lambda: AccountLink.unscoped.update(access="ClosePositionsOnly"), "only close what it holds"),
            (lambda: TradingAccount.unscoped.update(is_enabled=False), "closed for trading"),
            (lambda: Security.unscoped.update(is_tradable=False), "cannot be traded at the moment"),
            (lambda: throw_switch("global", reason="A data feed is wrong.", by=None), "A data feed is wrong."),
            (lambda: throw_switch("global", reason="x", by=None), "A rule of Harbor Street: kill switch."),
        ],
    )
    def test_it_is_refused_in_words(self, trading, book, happens, words):
        form = typed()
        assert "Review your order" in trading.post(PREVIEW, form, headers=HTMX).content.decode()
        happens()
        answer = trading.post(PLACE, form, headers=HTMX)
        assert answer.status_code >= 400
        assert words in answer.content.decode()
        assert 'value="10"' in answer.content.decode()  # what was typed stays
        assert book.placed() == 0

    def test_a_price_that_moved_is_looked_at_again(self, trading, book):
        form = typed()
        page = trading.post(PREVIEW, form, headers=HTMX).content.decode()
        seen = page.partition('name="seen_price" value="')[2].partition('"')[0]
        Quote.unscoped.update(last=Decimal(seen) * 2)
        answer = trading.post(PLACE, form | {"seen_price": seen}, headers=HTMX)
        assert answer.status_code == 409
        assert "Look at it again: nothing was sent." in answer.content.decode()
        assert book.placed() == 0

    def test_a_market_that_closed_is_looked_at_again(self, trading, book, monkeypatch):
        form = typed()
        assert 'name="seen_open"' in trading.post(PREVIEW, form, headers=HTMX).content.decode()
        closed = MarketState(is_open=False, label="Closed until Friday 9:30 am ET")
        monkeypatch.setattr("trading.orders.ticket_views.market_state", lambda broker: closed)
        answer = trading.post(PLACE, form | {"seen_open": "1"}, headers=HTMX)
        assert "it would wait until Friday 9:30 am ET" in answer.content.decode()
        assert book.placed() == 0


class TestCancelling:
    def place(self, trading) -> Order:
        trading.post(PLACE, typed(**RESTING), headers=HTMX)
        let_the_poll_run()
        return Order.unscoped.get()

    def test_it_waits_for_the_book_and_then_says_canceled(self, trading, book):
        order = self.place(trading)
        assert (
            "Cancel order"
            in trading.get(reverse("trading:order-status", args=[order.id]), headers=HTMX).content.decode()
        )
        answer = trading.post(reverse("trading:order-cancel", args=[order.id]), cancel_form(), headers=HTMX)
        assert answer.status_code == 200
        book.advance(30)
        let_the_poll_run()
        order.refresh_from_db()
        assert order.state == OrderState.CANCELED
        status = trading.get(reverse("trading:order-status", args=[order.id]), headers=HTMX).content.decode()
        assert "Canceled" in status
        assert "hx-trigger" not in status

    def test_two_clicks_ask_once(self, trading, book):
        order = self.place(trading)
        form = cancel_form()
        address = reverse("trading:order-cancel", args=[order.id])
        assert [trading.post(address, form, headers=HTMX).status_code for _ in range(2)] == [200, 200]
        assert book.asked("DELETE", ending=f"/orders/{order.vendor_order_id}") == 1


class TestUnsigned:
    def test_nothing_opens_before_the_agreements_are_signed(self, harbor, robin, aapl):
        from agreements.models import AgreementCheck

        unsigned = seat(robin)
        AgreementCheck.unscoped.update(answered_at=None)
        with broker_scope(harbor):
            assert unsigned.post(PLACE, typed())["Location"].startswith("/agreements/")
        assert not Order.unscoped.exists()

    def test_an_open_order_can_still_be_canceled(self, trading, book):
        from agreements.models import AgreementCheck

        trading.post(PLACE, typed(type="limit", limit_price="1.00"), headers=HTMX)
        order = Order.unscoped.get()
        AgreementCheck.unscoped.update(answered_at=None)
        trading.post(reverse("trading:order-cancel", args=[order.id]), cancel_form(), headers=HTMX)
        order.refresh_from_db()
        assert order.cancel_requested_at is not None


class TestCost:
    """Every question to the database stands between the click and AutoShares, or between its answer and the page."""

    def test_an_order_asks_the_database_little(self, trading, monkeypatch):
        trading.post(PREVIEW, data := typed(**RESTING), headers=HTMX)
        before_the_call: list[int] = []
        with CaptureQueriesContext(connection) as queries:
            place = Orders.place

            def noting(*args):
                before_the_call.append(count(queries))
                return place(*args)

            monkeypatch.setattr(Orders, "place", noting)
            page = trading.post(PLACE, data, headers=HTMX)
        assert "Order placed" in page.content.decode()
        assert before_the_call[0] <= 27
        assert count(queries) <= 34


def count(queries: CaptureQueriesContext) -> int:
    """Without what the test's own transaction adds: savepoints in place of transactions."""
    return sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries)

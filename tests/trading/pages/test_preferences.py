"""Leaving the review out: what AutoShares keeps, what is done at once then, and what is asked all the same."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from investors.grants.tokens import client_for
from tests.trading.pages.conftest import HTMX, typed
from trading.orders.models import Order
from trading.preferences.models import TradingPreferences
from trading.preferences.reading import keep_preferences, refresh_preferences
from trading.risk.limits import set_limits
from trading.risk.models import RiskLimits
from trading.securities.models import Quote

SETTINGS = "/settings/trading/"
PREVIEW = "/trade/AAPL/preview/"
TICKET = "/trade/AAPL/"
NEVER = {"placing": "never", "closing": "always", "changing": "never"}


def prefer(user, **words: str) -> None:
    """Our copy says so, and is a moment old."""
    values = {"broker_id": user.broker_id, "read_at": timezone.now(), **words}
    TradingPreferences.unscoped.update_or_create(user=user, defaults=values)


def at_once(browser, **changes: str):
    return browser.post(PREVIEW, typed(at_once="1", **changes), headers=HTMX)


class TestSettings:
    def test_they_are_read_from_autoshares_by_a_task_and_kept_there(self, trading, robin):
        assert "Asking AutoShares" in trading.get(SETTINGS).content.decode()
        refresh_preferences(str(robin.pk))
        assert TradingPreferences.unscoped.get(user=robin).placing == "always"
        assert trading.post(SETTINGS, NEVER)["Location"] == SETTINGS
        there = client_for(robin).settings.trading()
        assert (there.confirmations["order"], there.confirmations["close"]) == ("DoNotShow", "Show")
        assert there.stocks.quantity == 100  # what is not ours to change stays
        assert TradingPreferences.unscoped.get(user=robin).placing == "never"

    def test_a_change_made_elsewhere_is_read(self, robin):
        prefer(robin, placing="never")
        refresh_preferences(str(robin.pk))
        assert TradingPreferences.unscoped.get(user=robin).placing == "always"

    def test_an_answer_from_before_a_change_does_not_undo_it(self, trading, robin):
        trading.get(SETTINGS)
        settings = client_for(robin).settings.trading()
        before = TradingPreferences.unscoped.get(user=robin).version
        trading.post(SETTINGS, NEVER)
        keep_preferences(robin, settings, asked_in=before)
        assert TradingPreferences.unscoped.get(user=robin).placing == "never"

    def test_trouble_is_said_and_everything_is_reviewed_until_they_are_read_again(self, trading, robin, book):
        prefer(robin, placing="never")
        book.spoil("status", status=503, method="PUT", path="/api/v1.0/users/*/settings/trading")
        answer = trading.post(SETTINGS, NEVER)
        assert answer.status_code == 503
        assert "AutoShares does not answer" in answer.content.decode()
        assert not TradingPreferences.unscoped.get(user=robin).may_skip("placing")

    def test_an_old_copy_is_not_trusted(self, robin):
        prefer(robin, placing="never", read_at=timezone.now() - timedelta(hours=2))
        assert not TradingPreferences.unscoped.get(user=robin).may_skip("placing")

    def test_a_choice_that_was_never_offered_is_refused(self, trading):
        assert trading.post(SETTINGS, NEVER | {"placing": "sometimes"}).status_code == 422

    def test_they_are_mine_alone(self, outsider, robin, trading):
        prefer(robin, placing="never")
        assert outsider.get(SETTINGS).context["known"].placing == "always"


class TestWithoutReview:
    def test_the_button_says_what_it_does(self, trading, robin):
        assert 'name="at_once"' not in trading.get(TICKET).content.decode()
        prefer(robin, placing="never")
        page = trading.get(TICKET).content.decode()
        assert 'name="at_once"' in page
        assert "leave the review out" in page

    def test_it_is_asked_for_a_preview_and_then_placed_once(self, trading, robin, book):
        prefer(robin, placing="never")
        form = typed(at_once="1")
        answers = [trading.post(PREVIEW, form, headers=HTMX).content.decode() for _ in range(2)]
        assert all("Order placed" in answer for answer in answers)
        assert book.asked("POST", ending="/preview/orders") == 1
        assert book.placed() == 1

    def test_it_is_reviewed_where_the_settings_say_so_whatever_was_sent(self, trading, robin, book):
        assert "Review your order" in at_once(trading).content.decode()
        assert book.placed() == 0

    def test_it_is_reviewed_where_the_investor_asks_for_it(self, trading, robin, book):
        prefer(robin, placing="never")
        assert "Review your order" in trading.post(PREVIEW, typed(), headers=HTMX).content.decode()
        assert book.placed() == 0

    @pytest.mark.parametrize(
        ("typed_price", "words"), [({}, "Order placed"), ({"limit_price": "400"}, "Review your order")]
    )
    def test_a_warning_brings_the_review_back_for_those_who_want_that(self, trading, robin, typed_price, words):
        prefer(robin, placing="warned")
        answer = at_once(trading, type="limit", **{"limit_price": "1.00"} | typed_price)
        assert words in answer.content.decode()

    @pytest.mark.parametrize(("closing", "words"), [("always", "Review your order"), ("never", "Order placed")])
    def test_closing_a_position_has_a_setting_of_its_own(self, trading, robin, book, closing, words):
        prefer(robin, placing="never", closing=closing)
        at_once(trading)
        book.advance(60)
        answer = at_once(trading, side="sell", quantity="1", purpose="close")
        assert words in answer.content.decode()

    def test_changing_an_order_too(self, trading, robin, book):
        trading.post("/trade/AAPL/place/", typed(type="limit", limit_price="1.00"), headers=HTMX)
        order = Order.unscoped.get()
        book.advance(5)
        Order.unscoped.update(state="working")
        prefer(robin, changing="never")
        page = trading.get(f"/orders/{order.pk}/replace/")
        assert 'name="at_once"' in page.content.decode()
        form = typed(quantity="20", limit_price="1.00", at_once="1")
        trading.post(f"/orders/{order.pk}/replace/", form, headers=HTMX)
        order.refresh_from_db()
        assert order.replace_requested_at is not None


class TestWhatIsAskedAllTheSame:
    @pytest.fixture(autouse=True)
    def _without_review(self, robin):
        prefer(robin, placing="never")

    def test_a_refusal_of_autoshares_is_shown_beside_its_field(self, trading, book):
        answer = at_once(trading, quantity="900000")
        assert answer.status_code == 422
        assert answer.context["form"]["quantity"].errors
        assert book.placed() == 0

    def test_the_very_same_order_again_needs_a_tick(self, trading, book):
        at_once(trading)
        answer = at_once(trading)
        assert "You placed the very same order" in answer.content.decode()
        assert book.placed() == 1
        assert "Order placed" in at_once(trading, is_second="on").content.decode()

    def test_a_price_that_moved_since_it_was_seen_stops_it(self, trading, book):
        book.price("AAPL", "280.00")
        answer = at_once(trading, seen_price="181.20")
        assert "AAPL is at 280.00 now" in answer.content.decode()
        assert book.placed() == 0
        assert Quote.unscoped.get().last == Decimal(280)

    def test_the_brokers_limits_hold(self, trading, harbor, book):
        set_limits(RiskLimits(broker=harbor, note="A test.", max_order_quantity=5), by=None)
        assert "At most 5 shares" in at_once(trading).content.decode()
        assert book.placed() == 0

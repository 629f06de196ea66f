"""Changing an order from its page: what AutoShares says of it is read back first."""

import uuid

import pytest
from django.urls import reverse

from tests.trading.engine.conftest import ORDERS_PATH
from tests.trading.pages.conftest import HTMX, typed
from trading.orders.models import Order
from trading.orders.reconciling import reconcile_account
from trading.risk.limits import set_limits
from trading.risk.models import KillSwitch, RiskLimits


@pytest.fixture
def order(trading, book) -> Order:
    """Buy 10 AAPL at 1.00, working at the exchange."""
    trading.post("/trade/AAPL/place/", typed(type="limit", limit_price="1.00"), headers=HTMX)
    book.advance(5)
    order = Order.unscoped.select_related("account").get()
    reconcile_account(order.account)
    return order


@pytest.fixture
def change(trading, order):
    def change(**terms: str):
        address = reverse("trading:order-replace", args=[order.id])
        return trading.post(address, typed(limit_price="1.00") | terms, headers=HTMX)

    return change


def changes(book) -> int:
    return sum(row["method"] == "PUT" and "/preview/" not in row["path"] for row in book.sandbox.control("requests"))


class TestReview:
    def test_it_says_what_it_is_and_what_it_will_be_with_its_cost(self, change, book):
        page = change(quantity="20", limit_price="2.00").content.decode()
        assert "Buy 10 AAPL at 1.00 or better, good today." in page
        assert "Buy 20 AAPL at 2.00 or better, good today, for about $40.00 plus $1.00 commission." in page
        assert changes(book) == 0

    def test_autoshares_refusal_is_said_beside_the_field_in_both_words(self, change, book):
        answer = change(quantity="900000", limit_price="99.00")
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"quantity": ["This costs more than your buying power."]}
        assert "AutoShares: “" in answer.content.decode()
        assert changes(book) == 0

    @pytest.mark.parametrize(
        ("terms", "words"),
        [({}, "Nothing would change."), ({"limit_price": "1.005"}, "moves in steps of 0.01")],
    )
    def test_what_cannot_be_is_said_before_anybody_is_asked(self, change, book, terms, words):
        assert words in change(**terms).content.decode()
        assert book.asked("PUT", ending="") == 0

    def test_the_brokers_rule_is_named(self, change, harbor):
        set_limits(RiskLimits(broker=harbor, note="A test.", max_order_quantity=15), by=None)
        assert "A rule of Harbor Street: largest quantity of one order." in change(quantity="20").content.decode()

    def test_two_clicks_on_the_confirmation_ask_once(self, change, book):
        form = typed(quantity="20", limit_price="1.00", confirmed="1")
        assert {change(**form).status_code for _ in range(2)} == {302}
        assert changes(book) == 1


class TestAfterwards:
    def test_what_was_refused_stays_refused_until_it_is_asked_for_anew(self, change, book):
        book.spoil("status", method="PUT", path=f"{ORDERS_PATH}/*", status=409)
        used = str(uuid.uuid4())
        refused = change(quantity="20", confirmed="1", form_key=used)
        again = change(quantity="20", confirmed="1", form_key=used)
        assert (refused.status_code, again.status_code) == (409, 409)
        assert changes(book) == 1
        fresh = again.context["form"]["form_key"].value()
        assert fresh != used
        assert change(quantity="15", confirmed="1", form_key=fresh).status_code == 302
        assert changes(book) == 2

    def test_what_nobody_answered_is_not_called_asked_for(self, trading, change, order, book):
        book.spoil("hang_before", method="PUT", path=f"{ORDERS_PATH}/*")
        assert change(quantity="20", confirmed="1").status_code == 302
        page = trading.get(reverse("trading:order-detail", args=[order.id])).content.decode()
        assert "AutoShares gave no clear answer" in page
        assert "has been asked" not in page

    def test_what_a_switch_kept_in_the_house_is_not_called_asked_for(self, change, order, book, monkeypatch):
        """The switch is thrown between the intent and the sending."""
        halt = KillSwitch(scope=KillSwitch.Scope.ACCOUNT, account=order.account, reason="Under review.")
        monkeypatch.setattr("trading.orders.sending.find_halt", lambda *_: halt)
        answer = change(quantity="20", confirmed="1")
        assert answer.status_code == 409
        assert "Under review." in answer.content.decode()
        assert changes(book) == 0

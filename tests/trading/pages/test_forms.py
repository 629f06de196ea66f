from decimal import Decimal

import pytest

from tests.trading.pages.conftest import typed
from trading.orders.forms import TicketForm
from trading.securities.models import Security

APPLE = Security(symbol="AAPL", tick_size=Decimal("0.01"))


def fill(**changes: str) -> TicketForm:
    form = TicketForm(typed(**changes), security=APPLE)
    form.is_valid()
    return form


class TestNumbersAsTyped:
    @pytest.mark.parametrize("text", ["1000", "1,000", "1 000", "1\u202f000", "1'000", " 1000 ", "1000.0"])
    def test_it_reads_thousands_as_people_write_them(self, text):
        assert fill(quantity=text).ticket.quantity == 1000

    @pytest.mark.parametrize("text", ["181.20", "$181.20", "181.2"])
    def test_it_reads_prices(self, text):
        assert fill(type="limit", limit_price=text).ticket.limit_price == Decimal("181.20")

    def test_it_never_guesses_what_a_decimal_comma_means(self):
        assert "Use a point" in fill(type="limit", limit_price="181,20").errors["limit_price"][0]

    @pytest.mark.parametrize("text", ["ten", "1e5", "NaN", "Infinity", "1.2.3", "٣", "0x10", "--1", "1,00"])
    def test_it_refuses_what_is_no_number(self, text):
        assert "quantity" in fill(quantity=text).errors


class TestTicketRules:
    @pytest.mark.parametrize("text", ["", "0", "-5", "−5", "1.5", "1000001", "9" * 24, "9" * 500])
    def test_it_points_at_a_quantity_that_cannot_be(self, text):
        form = fill(quantity=text)
        assert list(form.errors) == ["quantity"]
        with pytest.raises(ValueError, match="not valid"):
            _ = form.ticket

    @pytest.mark.parametrize("text", ["", "0", "-1", "181.205", "181.20001", "9999999999"])
    def test_it_points_at_a_price_that_cannot_be(self, text):
        assert list(fill(type="limit", limit_price=text).errors) == ["limit_price"]

    def test_it_ignores_a_price_left_over_from_a_limit_order(self):
        assert fill(type="market", limit_price="181.20").ticket.limit_price is None

    def test_it_points_at_a_market_order_that_should_stay(self):
        assert list(fill(type="market", time_in_force="gtc").errors) == ["time_in_force"]

    @pytest.mark.parametrize("field", ["side", "type", "time_in_force"])
    def test_it_refuses_a_choice_that_was_never_offered(self, field):
        assert field in fill(**{field: "short"}).errors

    def test_it_refuses_a_form_without_its_key(self):
        assert "form_key" in fill(form_key="").errors

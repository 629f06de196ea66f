"""Numbers as people read them."""

from decimal import Decimal

import pytest

from brokers.templatetags import figures


@pytest.mark.parametrize(
    ("value", "text"),
    [("1234.5", "$1,234.50"), ("-3.456", "−$3.46"), ("0", "$0.00"), ("-0.001", "$0.00"), (None, "–")],
)
def test_money_has_cents_and_a_real_minus(value, text):
    assert figures.money(None if value is None else Decimal(value)) == text


@pytest.mark.parametrize(("value", "text"), [("12", "+$12.00"), ("-12", "−$12.00"), ("0", "$0.00")])
def test_a_change_always_carries_its_sign(value, text):
    assert figures.signed_money(Decimal(value)) == text


@pytest.mark.parametrize(("value", "text"), [("1.254", "+1.25%"), ("-0.4", "−0.40%"), ("0", "0.00%")])
def test_percent_carries_its_sign(value, text):
    assert figures.percent(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"), [("10.000000", "10"), ("2.50", "2.5"), ("1000", "1,000"), ("-3", "−3"), ("0.0001", "0.0001")]
)
def test_quantities_lose_needless_zeros(value, text):
    assert figures.quantity(Decimal(value)) == text


@pytest.mark.parametrize(("value", "precision", "text"), [("-37.63", 2, "−37.63"), ("0.1234", 4, "0.1234")])
def test_prices_follow_the_precision_of_the_security_even_below_zero(value, precision, text):
    assert figures.price(Decimal(value), precision) == text

"""Amounts are Decimal inside; only the last step to JSON makes a number of them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def number(value: Decimal) -> int | float:
    """A Decimal as the JSON number that prints the same digits: up to 15 of them survive in a double."""
    return int(value) if value == value.to_integral_value() else float(value)

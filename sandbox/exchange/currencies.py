"""Exchange rates: each currency walks against the dollar; other pairs are crossed through it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.money import rounded
from sandbox.exchange.walk import kept_walk

# USD for one unit, where the walk starts.
START = {
    "USD": "1", "EUR": "1.1580", "GBP": "1.3140", "JPY": "0.006450", "CHF": "1.2430", "CAD": "0.7120", "AUD": "0.6510",
    "MXN": "0.05420", "HKD": "0.12860", "SEK": "0.1050", "NOK": "0.0986", "SGD": "0.7690",
}  # fmt: skip
DAILY_VOLATILITY, HALF_SPREAD = 0.004, Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of the target for one unit of the currency."""

    bid: Decimal
    ask: Decimal
    last: Decimal


def rate_of(seed: int, currency: str, target: str, at_ms: int) -> Rate | None:
    """None for a currency that nobody knows. A currency is worth exactly one of itself."""
    one, other = currency.strip().upper(), target.strip().upper()
    if one not in START or other not in START:
        return None
    if one == other:
        return Rate(Decimal(1), Decimal(1), Decimal(1))
    last = _in_dollars(seed, one, at_ms) / _in_dollars(seed, other, at_ms)
    bid, ask = (rounded(last * (1 + sign * HALF_SPREAD), 6) for sign in (-1, 1))
    return Rate(bid, ask, rounded(last, 6))


def _in_dollars(seed: int, currency: str, at_ms: int) -> Decimal:
    start = Decimal(START[currency])
    if currency == "USD":
        return start
    walk = kept_walk(seed, f"currency {currency}", DAILY_VOLATILITY)
    return start * Decimal(math.exp(walk.at(at_ms // 1000)))

"""What an option is worth: Black and Scholes with a constant rate, no dividends, and a smile over the strikes.

The volatility of a strike rises away from the money, more below it than above. The smile is gentle enough to leave no
free money: along a chain calls fall and puts rise with the strike, and both lose value as time passes. Puts are never
below what exercising them brings, since they are American.

Floats are fine here: prices become money when they are rounded to the tick, in `option_prices`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

RATE = 0.04
TRADING_DAYS = 252
YEAR_MS = 365.25 * 86_400_000
DAYS_OF_A_YEAR = 365.25

SKEW, CURVE, WIDEST = 0.08, 0.03, 3.0
SHORTEST_SMILE_YEARS = 7 / DAYS_OF_A_YEAR

# From three dollars on, options trade in steps of five cents.
FINE_UNTIL_CENTS, COARSE_CENTS = 300, 5
HALF_SPREAD_CENTS, HALF_SPREAD_PART, WIDEST_HALF_SPREAD_CENTS = 0.5, 0.004, 25


@dataclass(frozen=True, slots=True)
class Terms:
    """What an option pays: the shares' price above (call) or below (put) the strike, in USD, `years` from now."""

    is_call: bool
    strike: float
    years: float

    def intrinsic(self, spot: float) -> float:
        return max(spot - self.strike if self.is_call else self.strike - spot, 0.0)


def annual_volatility(daily: float) -> float:
    return daily * math.sqrt(TRADING_DAYS)


def smiling(volatility: float, spot: float, terms: Terms) -> float:
    """The annual volatility of a strike, from that at the money."""
    width = volatility * math.sqrt(max(terms.years, SHORTEST_SMILE_YEARS))
    distance = min(max(math.log(terms.strike / spot) / width, -WIDEST), WIDEST)
    return volatility * (1 - SKEW * distance + CURVE * distance * distance)


def fair_value(spot: float, terms: Terms, volatility: float) -> float:
    """USD per share, from the volatility at the money."""
    if terms.years <= 0:
        return terms.intrinsic(spot)
    return max(black_scholes(spot, terms, smiling(volatility, spot, terms)), terms.intrinsic(spot))


def black_scholes(spot: float, terms: Terms, volatility: float) -> float:
    """The European value, in USD per share."""
    d1, d2 = _d1_d2(spot, terms, volatility)
    discounted = terms.strike * math.exp(-RATE * terms.years)
    if terms.is_call:
        return spot * _normal(d1) - discounted * _normal(d2)
    return discounted * _normal(-d2) - spot * _normal(-d1)


def _d1_d2(spot: float, terms: Terms, volatility: float) -> tuple[float, float]:
    width = volatility * math.sqrt(terms.years)
    d1 = (math.log(spot / terms.strike) + (RATE + volatility * volatility / 2) * terms.years) / width
    return d1, d1 - width


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def _density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


@dataclass(frozen=True, slots=True)
class Greeks:
    """How the value of one share's option changes: `delta` per USD of the share, `gamma` of delta per USD, `theta` per
    calendar day, `vega` per point of volatility, `rho` per point of the rate."""

    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


def greeks(spot: float, terms: Terms, volatility: float) -> Greeks:
    """From the volatility of this strike (`smiling`). An option that has ended has only its delta."""
    if terms.years <= 0:
        in_the_money = terms.intrinsic(spot) > 0
        return Greeks((1.0 if terms.is_call else -1.0) if in_the_money else 0.0, 0.0, 0.0, 0.0, 0.0)
    d1, d2 = _d1_d2(spot, terms, volatility)
    root = math.sqrt(terms.years)
    discounted = terms.strike * math.exp(-RATE * terms.years)
    sign = 1.0 if terms.is_call else -1.0
    decay = -spot * _density(d1) * volatility / (2 * root) - sign * RATE * discounted * _normal(sign * d2)
    return Greeks(
        delta=sign * _normal(sign * d1),
        gamma=_density(d1) / (spot * volatility * root),
        theta=decay / DAYS_OF_A_YEAR,
        vega=spot * _density(d1) * root / 100,
        rho=sign * discounted * terms.years * _normal(sign * d2) / 100,
    )


def implied_volatility(price: float, spot: float, terms: Terms) -> float | None:
    """The annual volatility at which the European value is `price`; None if there is none."""
    low, high = 1e-4, 10.0
    if terms.years <= 0 or not black_scholes(spot, terms, low) <= price <= black_scholes(spot, terms, high):
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if black_scholes(spot, terms, middle) < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def option_prices(spot: float, terms: Terms, volatility: float) -> tuple[Decimal, Decimal, Decimal]:
    """Bid, ask and last, from the volatility at the money. Once it has ended, all three are what it pays."""
    value = fair_value(spot, terms, volatility) * 100
    if terms.years <= 0:
        paid = Decimal(round(value)).scaleb(-2)
        return paid, paid, paid
    half = half_spread(value)
    bid = max(_on_grid(value - half, math.floor), 1)
    ask = max(_on_grid(value + half, math.ceil), bid + 1)
    last = min(max(_on_grid(value, round), bid), ask)
    return Decimal(bid).scaleb(-2), Decimal(ask).scaleb(-2), Decimal(last).scaleb(-2)


def half_spread(cents: float) -> float:
    """How far bid and ask are from the value, before they are rounded outwards; all in cents."""
    return min(HALF_SPREAD_CENTS + HALF_SPREAD_PART * cents, WIDEST_HALF_SPREAD_CENTS)


def _on_grid(cents: float, rounding: Callable[[float], int]) -> int:
    grid = 1 if cents < FINE_UNTIL_CENTS else COARSE_CENTS
    return rounding(cents / grid) * grid

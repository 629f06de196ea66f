"""When could an option reach a price? The question turned into one about its underlying, for a short time.

At one moment an option's value rises (call) or falls (put) with the underlying, and over time it falls but for what a
put gains in interest. So the values at both ends of a stretch, and a little slack, bound it in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.exchange.pricing import COARSE_CENTS, RATE, Terms, fair_value, half_spread

LOWEST_SPOT, HIGHEST_SPOT = 0.01, 1e8


@dataclass(frozen=True, slots=True)
class Reach:
    """Can `field` (bid, ask, last) of an option get to `price`, or beyond (above if `rising`), from `start` to `end`?

    `volatility` is the annual one at the money.
    """

    start: Terms
    end: Terms
    volatility: float
    field: str
    price: float
    rising: bool

    @property
    def wants_high_spot(self) -> bool:
        return self.rising == self.start.is_call

    def is_possible_at(self, spot: float) -> bool:
        """With the underlying at `spot`. True may be a false alarm, False is certain."""
        shown = [self._unrounded(fair_value(spot, terms, self.volatility)) for terms in (self.start, self.end)]
        slack = self._rounding() + RATE * self.start.strike * (self.start.years - self.end.years)
        return max(shown) + slack >= self.price if self.rising else min(shown) - slack <= self.price

    def _unrounded(self, value: float) -> float:
        """The bid, ask or last of a value before it is rounded, in USD."""
        sign = {"bid": -1, "ask": 1}.get(self.field, 0)
        return value + sign * half_spread(value * 100) / 100

    def _rounding(self) -> float:
        """By how much rounding may bring it closer, in USD. Bids are rounded down, asks up, a cent is the least."""
        if self.price <= 0.02:
            return 0.02
        is_rounded_away = self.field == ("bid" if self.rising else "ask")
        return 1e-6 if is_rounded_away else COARSE_CENTS / 100

    def edge(self) -> float | None:
        """The price of the underlying beyond which it is possible (above if `wants_high_spot`); None for nowhere."""
        impossible, possible = LOWEST_SPOT, HIGHEST_SPOT
        if not self.wants_high_spot:
            impossible, possible = possible, impossible
        if not self.is_possible_at(possible):
            return None
        if self.is_possible_at(impossible):
            return impossible
        while abs(possible / impossible - 1) > 1e-6:
            middle = (impossible * possible) ** 0.5
            if self.is_possible_at(middle):
                possible = middle
            else:
                impossible = middle
        return impossible

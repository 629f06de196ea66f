"""Option chains: which contracts are listed at a moment, around its price and the previous close."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.listing import Security
from sandbox.exchange.options import (
    Expiration,
    central_strike,
    contract,
    listed_expirations,
    strike_step,
    strikes_around,
)
from sandbox.exchange.prices import Tape

# A price that has been moved far away does not fill the space in between with strikes.
MOST_STRIKES = 120


@dataclass(frozen=True, slots=True)
class Series:
    """The contracts of one underlying that expire together. Strikes rise; `central` is nearest to the price."""

    underlying: Security
    expiration: Expiration
    strikes: list[Decimal]
    central: Decimal

    def near(self, reach: int) -> Series:
        """Only the central strike and `reach` strikes on each side of it."""
        middle = self.strikes.index(self.central)
        near = self.strikes[max(middle - reach, 0) : middle + reach + 1]
        return Series(self.underlying, self.expiration, near, self.central)

    def contracts(self) -> Iterator[Security]:
        """A call and a put of each strike."""
        for strike in self.strikes:
            for option_type in ("Call", "Put"):
                yield contract(self.underlying, self.expiration, option_type, strike)


def listed_series(tape: Tape, underlying: Security, at_ms: int) -> Iterator[Series]:
    """Soonest first."""
    price, close = tape.quote(underlying.symbol, at_ms).last, tape.previous_close(underlying.symbol, at_ms)
    central = central_strike(underlying, price)
    for expiration in listed_expirations(at_ms):
        yield Series(underlying, expiration, _strikes(underlying, price, close, expiration.reach), central)


def _strikes(underlying: Security, price: Decimal, close: Decimal, reach: int) -> list[Decimal]:
    """Around the price, and around the previous close: what is listed in the morning stays listed all day."""
    now = strikes_around(underlying, price, reach)
    morning = strikes_around(underlying, close, reach)
    low, high = min(now[0], morning[0]), max(now[-1], morning[-1])
    step = strike_step(underlying)
    between = int((high - low) / step) + 1
    if between > MOST_STRIKES:
        return sorted({*now, *morning})
    return [low + place * step for place in range(between)]

"""The figures of the day so far: open, high, low and volume, read off the tape every five minutes since the close."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.calendar import previous_close_ms
from sandbox.exchange.prices import Tape
from sandbox.exchange.walk import key_of, mix

GRID_MS = 300_000


@dataclass(frozen=True, slots=True)
class Day:
    """Prices in USD, volume in shares. A pure function of the tape and the moment."""

    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal


def day_of(tape: Tape, symbol: str, at_ms: int) -> Day:
    """The day of `symbol` until `at_ms`. One look at the tape for every five minutes; it remembers them."""
    start = previous_close_ms(at_ms)
    moments = [*range(start, at_ms, GRID_MS), at_ms]
    prices = [tape.quote(symbol, moment).last for moment in moments]
    key = key_of(tape.seed, symbol, "volume")
    traded = sum(100 + mix(key, moment // GRID_MS) % 1000 for moment in moments[:-1])
    return Day(open=prices[0], high=max(prices), low=min(prices), volume=Decimal(100 * traded))

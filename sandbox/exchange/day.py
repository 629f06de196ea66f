"""The figures of the day and of the year so far, as candles have them, quick to ask for again and again."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np

from sandbox.exchange.bars import measure, option_candle
from sandbox.exchange.calendar import Session, last_opened
from sandbox.exchange.candles import Range, candles
from sandbox.exchange.listing import Security
from sandbox.exchange.money import ZERO
from sandbox.exchange.options import expiration_of, listed_since_ms, underlying_of
from sandbox.exchange.periods import Stretches, is_running
from sandbox.exchange.prices import STEP_MS, Quote, Tape
from sandbox.exchange.securities import security_of
from sandbox.exchange.volumes import MINUTE, in_minutes
from sandbox.exchange.waves import Ints

YEAR_MS, QUARTER_DAYS = 365 * 86_400_000, 63
# Up to so many new seconds are looked at one by one.
FEW_SECONDS = 12
MINUTES_OF_A_PAGE = 391


@dataclass(frozen=True, slots=True)
class Day:
    """Prices in USD, volume in shares. A pure function of the tape and the moment."""

    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal


def day_of(tape: Tape, symbol: str, at_ms: int) -> Day:
    """The latest day that had opened, as its candle has it; while it runs, the price of this moment is part of it."""
    security, live_ms = security_of(symbol), tape.hours.price_time(at_ms)
    session, last = last_opened(live_ms), tape.quote(symbol, at_ms).last
    runs = is_running(tape.hours, session, live_ms)
    until_s = (live_ms if runs else session.closes_ms) // STEP_MS
    if security.is_option:
        if not listed_since_ms(security) <= session.opens_ms < expiration_of(security).ends_ms:
            return Day(last, last, last, ZERO)
        until_s = min(until_s, expiration_of(security).ends_ms // STEP_MS)
        opened, high, low = _seen_of_option(tape, security, session, until_s)
    elif security.is_fund:
        return Day(last, last, last, ZERO)
    else:
        opened, high, low = _seen(tape, security, session, until_s)
    if runs:
        high, low = max(high, last), min(low, last)
    return Day(opened, high, low, Decimal(_volume(tape, security, session, until_s)))


def _seen_of_option(tape: Tape, option: Security, session: Session, until_s: int) -> tuple[Decimal, Decimal, Decimal]:
    """Made from what was seen of the underlying, as its candles are."""
    underlying = underlying_of(option)
    spots = *_seen(tape, underlying, session, until_s), tape.quote(underlying.symbol, until_s * STEP_MS).last
    opens_s = session.opens_ms // STEP_MS
    opened, high, low, _ = option_candle(tape, option, opens_s, until_s, *map(float, spots))
    return exact(opened), exact(high), exact(low)


def exact(price: float) -> Decimal:
    """The price that a float of an array stands for."""
    return Decimal(str(price))


def _seen(tape: Tape, security: Security, session: Session, until_s: int) -> tuple[Decimal, Decimal, Decimal]:
    """Open, high and low since the open. What was seen before is kept, and only the rest is looked at."""
    kept, key = tape.known_of(security), ("seen", session.opens_ms)
    seen_until, prices = kept.get(key, (0, []))
    if seen_until > until_s:
        prices = []
    from_s = seen_until + 1 if prices else session.opens_ms // STEP_MS
    if until_s - from_s < FEW_SECONDS:
        new = [tape.quote(security.symbol, second * STEP_MS).last for second in range(from_s, until_s + 1)]
    else:
        bars = measure(tape, security, Stretches.of(np.array([from_s]), np.array([until_s]), session, is_market=True))
        new = [exact(float(each[0])) for each in (bars.open, bars.high, bars.low)]
    prices = [*prices, *new]
    prices = [prices[0], max(prices), min(prices)]
    kept[key] = until_s, prices
    return prices[0], prices[1], prices[2]


def _volume(tape: Tape, security: Security, session: Session, until_s: int) -> int:
    """Shares since the open."""
    minute, rest = divmod(until_s - session.opens_ms // STEP_MS, MINUTE)
    pages, place = divmod(minute, MINUTES_OF_A_PAGE)
    before = sum(int(_minutes(tape.seed, security, session, page).sum()) for page in range(pages))
    shares = _minutes(tape.seed, security, session, pages)
    return before + int(shares[:place].sum()) + int(shares[place]) * (rest + 1) // MINUTE


@lru_cache(maxsize=1024)
def _minutes(seed: int, security: Security, session: Session, page: int) -> Ints:
    """The shares of each minute; a regular session is one page."""
    opens_s = session.opens_ms // STEP_MS
    starts = opens_s + MINUTE * np.arange(page * MINUTES_OF_A_PAGE, (page + 1) * MINUTES_OF_A_PAGE)
    is_regular = starts * STEP_MS < session.closes_ms
    return in_minutes(seed, security, starts, np.full_like(starts, opens_s), is_regular)


def regular_last(tape: Tape, quote: Quote) -> Decimal:
    """The last price of regular hours: after the close it stands still while trading goes on. A price that was moved
    by hand shows at once."""
    closes_ms, at_ms = last_opened(quote.at_ms).closes_ms, quote.at_ms
    moving = quote.symbol, security_of(quote.symbol).underlying or quote.symbol
    if tape.hours.mode != "calendar" or at_ms <= closes_ms or any(tape.override_now(each, at_ms) for each in moving):
        return quote.last
    return tape.quote(quote.symbol, closes_ms).last


@dataclass(frozen=True, slots=True)
class Year:
    """The lowest and highest price of 52 weeks in USD, and the shares traded on an average day of three months."""

    low: Decimal
    high: Decimal
    average_volume: int


def year_of(tape: Tape, security: Security, at_ms: int) -> Year:
    """The finished days of the year before, and today."""
    session, today = last_opened(tape.hours.price_time(at_ms)), day_of(tape, security.symbol, at_ms)
    kept, key = tape.known_of(security), ("year", session.opens_ms)
    if key not in kept:
        wanted = Range("1D", session.opens_ms - YEAR_MS, session.opens_ms - 1)
        bars = candles(tape, security, wanted, now_ms=at_ms)
        recent = bars.volume[-QUARTER_DAYS:]
        average = int(recent.sum()) // max(len(recent), 1)
        kept[key] = [exact(float(low)) for low in bars.low], [exact(float(high)) for high in bars.high], average
    lows, highs, average = kept[key]
    return Year(low=min(today.low, *lows), high=max(today.high, *highs), average_volume=average)

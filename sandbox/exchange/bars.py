"""Candles of given stretches of time: what the tape shows in them, worked out with arrays.

The prices of a stock are those that `Tape.quote` gives for each second. An option's are made from the underlying's: at
both ends exactly, in between from the underlying's extremes. A mutual fund's are those of the closes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sandbox.exchange.calendar import last_closed
from sandbox.exchange.listing import Security
from sandbox.exchange.options import expiration_of, listed_since_ms, underlying_of
from sandbox.exchange.periods import Flags, Stretches
from sandbox.exchange.prices import STEP_MS, Override, Tape
from sandbox.exchange.pricing import option_prices
from sandbox.exchange.volumes import traded
from sandbox.exchange.waves import Floats, Ints

type Prices = tuple[Floats, Floats, Floats, Floats]
NO_PRICES: Prices = (np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Bars:
    """Candles, oldest first. `time` is the first second of each; prices in USD, volume in shares or contracts."""

    time: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Ints
    is_market: Flags

    def __len__(self) -> int:
        return len(self.time)

    def at(self, places: Any) -> Bars:
        """Some of them, by anything that can index an array."""
        return Bars(*(getattr(self, name)[places] for name in Bars.__slots__))

    def in_groups(self, begins: list[int]) -> Bars:
        """Neighbours made one; `begins` are the places of the first ones."""
        if not begins:
            return self.at(slice(0, 0))
        ends = np.array([*begins[1:], len(self)]) - 1
        return Bars(
            self.time[begins],
            self.open[begins],
            np.maximum.reduceat(self.high, begins),
            np.minimum.reduceat(self.low, begins),
            self.close[ends],
            np.add.reduceat(self.volume, begins),
            self.is_market[begins],
        )

    def go_on_to(self, price: float) -> None:
        """Let the last candle end at this price."""
        self.high[-1] = max(self.high[-1], price)
        self.low[-1] = min(self.low[-1], price)
        self.close[-1] = price

    def rows(self) -> list[tuple[Any, ...]]:
        """Time, open, high, low, close, volume and is_market of each."""
        return list(zip(*(getattr(self, name).tolist() for name in Bars.__slots__), strict=True))

    @classmethod
    def of_rows(cls, rows: list[tuple[Any, ...]]) -> Bars:
        columns = list(zip(*rows, strict=True)) or [()] * 7
        kinds = (np.int64, float, float, float, float, np.int64, bool)
        return cls(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))


def measure(tape: Tape, security: Security, stretches: Stretches) -> Bars:
    """The candles of these stretches, which are about equally long; those in which it has no price are left out."""
    if security.is_fund:
        stretches = stretches.where(_has_new_price(stretches))
        prices = _fund_prices(tape, security, stretches)
    elif security.is_option:
        listed_s, ends_s = listed_since_ms(security) // STEP_MS, expiration_of(security).ends_ms // STEP_MS
        stretches = stretches.where((stretches.first >= listed_s) & (stretches.first < ends_s))
        prices = _option_prices(tape, security, stretches)
    else:
        prices = _stock_prices(tape, security, stretches)
    return Bars(stretches.first, *prices, traded(tape.seed, security, stretches), stretches.is_market)


def _stock_prices(tape: Tape, security: Security, stretches: Stretches) -> Prices:
    if not len(stretches):
        return NO_PRICES
    pieces, begins = _cut_at_overrides(tape, security, stretches)
    waves = tape.waves(security.symbol)
    heights = waves.at(pieces.first), *waves.extremes(pieces.first, pieces.last), waves.at(pieces.last)
    opened, highest, lowest, closed = (_moved(tape, security, pieces, height) for height in heights)
    if len(begins) == len(pieces):
        return opened, highest, lowest, closed
    ends = np.array([*begins[1:], len(pieces)]) - 1
    return opened[begins], np.maximum.reduceat(highest, begins), np.minimum.reduceat(lowest, begins), closed[ends]


def _cut_at_overrides(tape: Tape, security: Security, stretches: Stretches) -> tuple[Stretches, list[int]]:
    """The stretches in pieces in each of which one override holds, and where each stretch begins among them."""
    pieces, of = stretches, np.arange(len(stretches))
    for override in tape.overrides(security.symbol):
        cut = _first_second(override)
        crossing = (pieces.first < cut) & (cut <= pieces.last)
        if crossing.any():
            before = replace(pieces, last=np.where(crossing, cut - 1, pieces.last))
            after = pieces.where(crossing)
            pieces = Stretches.joined([before, replace(after, first=np.full_like(after.first, cut))])
            of = np.concatenate([of, of[crossing]])
            order = np.lexsort((pieces.first, of))
            pieces, of = pieces.where(order), of[order]
    return pieces, np.flatnonzero(np.diff(of, prepend=-1)).tolist()


def _first_second(override: Override) -> int:
    return -(-override.from_ms // STEP_MS)


def _moved(tape: Tape, security: Security, pieces: Stretches, heights: Floats) -> Floats:
    """Prices from heights of the walk, moved by hand and rounded as `Tape.quote` does it."""
    overrides = tape.overrides(security.symbol)
    ruling = np.searchsorted([_first_second(override) for override in overrides], pieces.first, side="right")
    factors = np.array([1.0, *(override.factor for override in overrides)])[ruling]
    held = np.array([math.nan, *(float(o.held[2]) if o.held else math.nan for o in overrides)])[ruling]
    risen = np.array([math.exp(height) for height in heights.tolist()])
    ticks = np.rint(float(security.price) * factors * risen / float(security.tick))
    walked = np.maximum(ticks, 1 + security.spread_ticks) / round(1 / security.tick)
    return np.where(np.isnan(held), walked, held)


def _option_prices(tape: Tape, option: Security, stretches: Stretches) -> Prices:
    spots = _stock_prices(tape, underlying_of(option), stretches)
    moments = stretches.first.tolist(), stretches.last.tolist()
    rows = [option_candle(tape, option, *row) for row in zip(*moments, *(s.tolist() for s in spots), strict=True)]
    opened, highest, lowest, closed = np.array(rows).reshape(-1, 4).T
    return opened, highest, lowest, closed


def option_candle(
    tape: Tape, option: Security, first: int, last: int, opened: float, highest: float, lowest: float, closed: float
) -> tuple[float, float, float, float]:
    """Open, high, low and close. The value moves with the underlying and loses with time, so that its extremes are at
    those of the underlying, at the first or the last second."""

    def price(spot: float, second: int) -> float:
        override = tape.override_now(option.symbol, second * STEP_MS)
        if override and override.held:
            return float(override.held[2])
        return float(option_prices(spot, tape.terms(option, second * STEP_MS), tape.volatility(option))[2])

    around = [price(spot, second) for spot in (highest, lowest) for second in (first, last)]
    ends = price(opened, first), price(closed, last)
    return ends[0], max(*around, *ends), min(*around, *ends), ends[1]


def _has_new_price(stretches: Stretches) -> Flags:
    """Does a fund's price of the day fall into the stretch?"""
    closes = [last_closed(second * STEP_MS).closes_ms // STEP_MS for second in stretches.last.tolist()]
    return (stretches.first <= closes) & (np.array(closes) <= stretches.last)


def _fund_prices(tape: Tape, fund: Security, stretches: Stretches) -> Prices:
    prices = np.array([float(tape.quote(fund.symbol, second * STEP_MS).last) for second in stretches.last.tolist()])
    return prices, prices.copy(), prices.copy(), prices.copy()

"""Quotes: the walk of each security, rounded to its tick, with its spread, unless a person has moved the price."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from sandbox.exchange.calendar import Hours, previous_close_ms
from sandbox.exchange.securities import SECURITIES, Security
from sandbox.exchange.walk import Walk, key_of, mix

STEP_MS = 1000


@dataclass(frozen=True, slots=True)
class Quote:
    """Bid, ask and last in USD, and the moment they belong to."""

    symbol: str
    bid: Decimal
    ask: Decimal
    last: Decimal
    at_ms: int

    def for_side(self, side: str) -> Decimal:
        """What a market order of this side would pay or get."""
        return self.ask if side == "Buy" else self.bid


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the chart: reached when `field` (bid, ask or last) is at or above `price` if `rising`, else at or
    below it."""

    field: str
    rising: bool
    price: Decimal

    @classmethod
    def of_limit(cls, side: str, limit: Decimal) -> Level:
        """Where a limit order trades: the ask comes down to a buyer's limit, the bid up to a seller's."""
        return cls("ask", False, limit) if side == "Buy" else cls("bid", True, limit)

    def is_reached(self, quote: Quote) -> bool:
        shown: Decimal = getattr(quote, self.field)
        return shown >= self.price if self.rising else shown <= self.price


@dataclass(frozen=True, slots=True)
class Override:
    """What a person said about a price from a moment on. Held: the quote stands still. Otherwise the walk goes on
    from there, stretched by `factor`; a factor of 1 gives the price back to the walk."""

    symbol: str
    from_ms: int
    held: tuple[Decimal, Decimal, Decimal] | None = None
    factor: float = 1.0


FREE = Override("", 0)


class Tape:
    """All quotes of all moments, past and future, under one seed, one set of hours and the overrides so far."""

    def __init__(self, seed: int, hours: Hours) -> None:
        self.seed = seed
        self.hours = hours
        self._walks = {s.symbol: Walk(seed, s.symbol, s.volatility) for s in SECURITIES.values()}
        self._overrides: dict[str, list[Override]] = {}
        self._remembered: dict[tuple[str, int], Decimal] = {}

    # Reading

    def quote(self, symbol: str, at_ms: int) -> Quote:
        security = SECURITIES[symbol]
        override = self._override_at(symbol, at_ms)
        if override.held:
            return Quote(symbol, *override.held, at_ms)
        shown_ms = self.hours.price_time(at_ms)
        return self._around(security, self._walked_price(security, shown_ms // STEP_MS, override), at_ms)

    def previous_close(self, symbol: str, at_ms: int) -> Decimal:
        return self.quote(symbol, previous_close_ms(at_ms)).last

    def liquidity(self, symbol: str, order_id: int, at_ms: int) -> Decimal:
        """Shares that one order finds at the touch in one second: 100 to 500, in round lots."""
        return Decimal(100 * (1 + mix(key_of(self.seed, symbol, order_id), at_ms // STEP_MS) % 5))

    def first_touch(self, symbol: str, *, side: str, limit: Decimal | None, from_ms: int, until_ms: int) -> int | None:
        """The first moment of [from, until) at which an order of this side would trade, or None.

        A limit of None takes any price.
        """
        if limit is None:
            return next((start for start, _ in self.hours.open_intervals(from_ms, until_ms)), None)
        return self.first_reach(symbol, Level.of_limit(side, limit), from_ms=from_ms, until_ms=until_ms)

    def first_reach(self, symbol: str, level: Level, *, from_ms: int, until_ms: int) -> int | None:
        """The first moment of [from, until) with an open market at which the quote is at or beyond `level`, or None.

        Looked at are `from_ms` itself, every full second, every override.
        """
        for start, end in self.hours.open_intervals(from_ms, until_ms):
            for begin, finish, override in self._stretches(symbol, start, end):
                if level.is_reached(self.quote(symbol, begin)):
                    return begin
                hit = None if override.held else self._search(symbol, override, level, begin, finish)
                if hit is not None:
                    return hit
        return None

    # Moving

    def override_price(
        self, symbol: str, *, at_ms: int, last: Decimal, bid: Decimal | None, ask: Decimal | None, hold: bool
    ) -> Override:
        """The override that puts `last` (and bid, ask, if given) from `at_ms` on; not yet in force."""
        security = SECURITIES[symbol]
        if hold:
            usual = self._around(security, last, at_ms)
            return Override(symbol, at_ms, held=(bid or usual.bid, ask or usual.ask, last))
        second = self.hours.price_time(at_ms) // STEP_MS
        walked = float(security.price) * math.exp(self._walks[symbol].at(second))
        return Override(symbol, at_ms, factor=float(last) / walked)

    def add_override(self, override: Override) -> None:
        """Put an override in force; later ones win over earlier ones."""
        rows = self._overrides.setdefault(override.symbol, [])
        rows.append(override)
        rows.sort(key=lambda row: row.from_ms)
        self._remembered.clear()

    def change_hours(self, hours: Hours) -> None:
        self.hours = hours

    def override_now(self, symbol: str, at_ms: int) -> Override | None:
        """The override in force, or None when the price follows its walk."""
        override = self._override_at(symbol, at_ms)
        return None if override.held is None and override.factor == 1.0 else override

    # Inside

    def _override_at(self, symbol: str, at_ms: int) -> Override:
        rows = self._overrides.get(symbol)
        if not rows:
            return FREE
        place = bisect_right(rows, at_ms, key=lambda row: row.from_ms)
        return rows[place - 1] if place else FREE

    def _stretches(self, symbol: str, start: int, end: int) -> Iterator[tuple[int, int, Override]]:
        """[start, end) cut where overrides begin."""
        cuts = [row.from_ms for row in self._overrides.get(symbol, []) if start < row.from_ms < end]
        edges = [start, *cuts, end]
        for begin, finish in pairwise(edges):
            yield begin, finish, self._override_at(symbol, begin)

    def _walked_price(self, security: Security, second: int, override: Override) -> Decimal:
        known = self._remembered.get((security.symbol, second)) if override.factor == 1.0 else None
        if known is not None:
            return known
        price = float(security.price) * override.factor * math.exp(self._walks[security.symbol].at(second))
        ticks = max(1 + security.spread_ticks, round(price / float(security.tick)))
        last = ticks * security.tick
        if override.factor == 1.0:
            if len(self._remembered) > 20_000:
                self._remembered.clear()
            self._remembered[security.symbol, second] = last
        return last

    def _around(self, security: Security, last: Decimal, at_ms: int) -> Quote:
        below = security.spread_ticks // 2
        bid = max(last - below * security.tick, security.tick)
        return Quote(security.symbol, bid, bid + security.spread_ticks * security.tick, last, at_ms)

    def _search(self, symbol: str, override: Override, level: Level, begin: int, finish: int) -> int | None:
        """The first full second in (begin, finish) that reaches; the walk names the candidates, quotes decide."""
        security = SECURITIES[symbol]
        margin = (security.spread_ticks + 2) * float(security.tick)
        edge = float(level.price) - margin if level.rising else float(level.price) + margin
        edge = max(edge, float(security.tick))
        height = math.log(edge / (float(security.price) * override.factor))
        candidates = self._walks[symbol].reaches(
            height, rising=level.rising, first=begin // STEP_MS + 1, last=(finish - 1) // STEP_MS
        )
        for second in candidates:
            if level.is_reached(self.quote(symbol, second * STEP_MS)):
                return second * STEP_MS
        return None

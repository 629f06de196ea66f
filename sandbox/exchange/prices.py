"""Quotes: the walk of each security, rounded to its tick, with its spread, unless a person has moved the price.

Options follow their underlying and the time that they have left; mutual funds stand at the price of the last close.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sandbox.exchange.calendar import Hours, last_closed, previous_close_ms
from sandbox.exchange.option_search import Reach
from sandbox.exchange.options import expiration_of, underlying_of
from sandbox.exchange.pricing import YEAR_MS, Terms, annual_volatility, option_prices
from sandbox.exchange.securities import SECURITIES, Security, security_of
from sandbox.exchange.walk import Walk, kept_walk, key_of, mix
from sandbox.exchange.waves import Waves

STEP_MS = 1000
BUYS = frozenset({"Buy", "BuyToCover"})
# For how long at most an option's search takes its values at both ends for all that is between (`Reach`).
OPTION_WINDOW_SECONDS, STANDING_WINDOW_SECONDS = 3600, 60


@dataclass(frozen=True, slots=True)
class Quote:
    """Bid, ask and last in USD, and the moment they belong to."""

    symbol: str
    bid: Decimal
    ask: Decimal
    last: Decimal
    at_ms: int

    def for_side(self, side: str) -> Decimal:
        """What a market order of this side would pay or get; the last price where nobody offers."""
        return (self.ask if side in BUYS else self.bid) or self.last


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
        return cls("ask", False, limit) if side in BUYS else cls("bid", True, limit)

    @classmethod
    def of_stop(cls, side: str, stop: Decimal) -> Level:
        """Where a stop order is triggered: by the last price, at or above a buyer's stop, at or below a seller's."""
        return cls("last", side in BUYS, stop)

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
        self._walks = {s.symbol: kept_walk(seed, s.symbol, s.volatility) for s in SECURITIES.values()}
        self._overrides: dict[str, list[Override]] = {}
        self._remembered: dict[tuple[str, int], Decimal] = {}
        self._waves: dict[str, Waves] = {}
        self._known: dict[str, dict[Hashable, Any]] = {}
        self._volatilities = {s.symbol: self._implied_volatility(s) for s in SECURITIES.values()}

    # Reading

    def quote(self, symbol: str, at_ms: int) -> Quote:
        security = SECURITIES.get(symbol) or security_of(symbol)
        override = self._override_at(symbol, at_ms)
        if override.held:
            return Quote(symbol, *override.held, at_ms)
        if security.is_option:
            return self._option_quote(security, at_ms)
        shown_ms = self.hours.price_time(at_ms)
        if security.is_fund:
            shown_ms = last_closed(shown_ms).closes_ms
        return self._around(security, self._walked_price(security, shown_ms // STEP_MS, override), at_ms)

    def previous_close(self, symbol: str, at_ms: int) -> Decimal:
        return self.quote(symbol, previous_close_ms(at_ms)).last

    def terms(self, option: Security, at_ms: int) -> Terms:
        """What the option pays, and the time that it has left at this moment: its clock stands with its price."""
        assert option.strike is not None  # noqa: S101 - it is an option
        ends_ms = expiration_of(option).ends_ms
        left_ms = ends_ms - self.hours.price_time(at_ms) if at_ms < ends_ms else 0
        return Terms(option.option_type == "Call", float(option.strike), max(left_ms, 0) / YEAR_MS)

    def volatility(self, option: Security) -> float:
        """The annual volatility at the money that its prices are made with."""
        return self._volatilities[option.underlying or ""]

    def waves(self, symbol: str) -> Waves:
        """The walk of a stock or fund, for many seconds at once."""
        if symbol not in self._waves:
            self._waves[symbol] = Waves(self._walks[symbol])
        return self._waves[symbol]

    def known_of(self, security: Security) -> dict[Hashable, Any]:
        """A place to keep what was worked out from this security's prices until they are moved by hand. What is put
        in for an option is lost at once: it depends on its underlying as well."""
        return {} if security.is_option else self._known.setdefault(security.symbol, {})

    def liquidity(self, symbol: str, order_id: int, at_ms: int) -> Decimal:
        """Shares that one order finds at the touch in one second: 100 to 500, in round lots."""
        return Decimal(100 * (1 + mix(key_of(self.seed, symbol, order_id), at_ms // STEP_MS) % 5))

    def first_touch(
        self, symbol: str, *, side: str, limit: Decimal | None, from_ms: int, until_ms: int, extended: str = "REG"
    ) -> int | None:
        """The first moment of [from, until) at which an order of this side with these hours would trade, or None.

        A limit of None takes any price.
        """
        until_ms = self._last_trade(symbol, until_ms)
        if limit is None:
            return next((start for start, _ in self.hours.open_intervals(from_ms, until_ms, extended)), None)
        level = Level.of_limit(side, limit)
        return self.first_reach(symbol, level, from_ms=from_ms, until_ms=until_ms, extended=extended)

    def first_reach(
        self, symbol: str, level: Level, *, from_ms: int, until_ms: int, extended: str = "REG"
    ) -> int | None:
        """The first moment of [from, until) with an open market at which the quote is at or beyond `level`, or None.

        Looked at are `from_ms` itself, every full second, every override; of options, too.
        `extended`: one of PARTS_OF_DAY.
        """
        security = security_of(symbol)
        for start, end in self.hours.open_intervals(from_ms, self._last_trade(symbol, until_ms), extended):
            for begin, finish in self._stretches(security, start, end):
                if level.is_reached(self.quote(symbol, begin)):
                    return begin
                for second in self._candidates(security, level, begin, finish):
                    if level.is_reached(self.quote(symbol, second * STEP_MS)):
                        return second * STEP_MS
        return None

    def pieces(self, symbol: str, from_ms: int, until_ms: int) -> Iterator[tuple[int, int, Override]]:
        """The parts of [from, until) in regular hours, cut where overrides of the symbol begin, with the override."""
        cuts = [row.from_ms for row in self._overrides.get(symbol, [])]
        for start, end in self.hours.open_intervals(from_ms, until_ms):
            for begin, finish in pairwise([start, *(cut for cut in cuts if start < cut < end), end]):
                yield begin, finish, self._override_at(symbol, begin)

    def walk_of(self, symbol: str) -> Walk:
        return self._walks[symbol]

    # Moving

    def override_price(
        self, symbol: str, *, at_ms: int, last: Decimal, bid: Decimal | None, ask: Decimal | None, hold: bool
    ) -> Override:
        """The override that puts `last` (and bid, ask, if given) from `at_ms` on; not yet in force.

        Raises ValueError for an option that is not held: it has no walk of its own.
        """
        security = security_of(symbol)
        if hold:
            usual = self._around(security, last, at_ms)
            return Override(symbol, at_ms, held=(bid or usual.bid, ask or usual.ask, last))
        if security.is_option:
            raise ValueError("an option follows its underlying; its own price can only be held")
        second = self.hours.price_time(at_ms) // STEP_MS
        walked = float(security.price) * math.exp(self._walks[symbol].at(second))
        return Override(symbol, at_ms, factor=float(last) / walked)

    def add_override(self, override: Override) -> None:
        """Put an override in force; later ones win over earlier ones."""
        rows = self._overrides.setdefault(override.symbol, [])
        rows.append(override)
        rows.sort(key=lambda row: row.from_ms)
        self._remembered.clear()
        self._known.pop(override.symbol, None)

    def change_hours(self, hours: Hours) -> None:
        self.hours = hours
        self._known.clear()

    def overrides(self, symbol: str) -> list[Override]:
        """All overrides of this symbol, oldest first; the later of two wins."""
        return self._overrides.get(symbol, [])

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

    def _stretches(self, security: Security, start: int, end: int) -> Iterator[tuple[int, int]]:
        """[start, end) cut where overrides of the security or of its underlying begin."""
        rows = [row for name in (security.symbol, security.underlying or "") for row in self._overrides.get(name, [])]
        cuts = sorted({row.from_ms for row in rows if start < row.from_ms < end})
        return pairwise([start, *cuts, end])

    def _last_trade(self, symbol: str, until_ms: int) -> int:
        """Options do not trade after their expiration."""
        security = security_of(symbol)
        return min(until_ms, expiration_of(security).ends_ms) if security.is_option else until_ms

    def _implied_volatility(self, underlying: Security) -> float:
        """What the market expects is not quite what the walk does: 0.95 to 1.25 times as much, by the seed."""
        luck = mix(key_of(self.seed, underlying.symbol, "implied volatility"), 0) % 301
        return annual_volatility(underlying.volatility) * (0.95 + luck / 1000)

    def _option_quote(self, option: Security, at_ms: int) -> Quote:
        spot_ms = min(at_ms, expiration_of(option).ends_ms)
        spot = self.quote(underlying_of(option).symbol, spot_ms).last
        prices = option_prices(float(spot), self.terms(option, at_ms), self.volatility(option))
        return Quote(option.symbol, *prices, at_ms)

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

    def _candidates(self, security: Security, level: Level, begin: int, finish: int) -> Iterator[int]:
        """The full seconds in (begin, finish) at which the level may be reached; quotes decide."""
        first, last = begin // STEP_MS + 1, (finish - 1) // STEP_MS
        override = self._override_at(security.symbol, begin)
        if override.held:
            return
        if security.is_option:
            yield from self._option_candidates(security, level, first, last)
            return
        if security.is_fund:
            yield from (s for s in range(first, last + 1) if last_closed(s * STEP_MS).closes_ms == s * STEP_MS)
            return
        margin = (security.spread_ticks + 2) * float(security.tick)
        edge = float(level.price) - margin if level.rising else float(level.price) + margin
        yield from self._seconds_beyond(security, override, edge, rising=level.rising, first=first, last=last)

    def _seconds_beyond(
        self, security: Security, override: Override, edge: float, *, rising: bool, first: int, last: int
    ) -> Iterator[int]:
        """Seconds at which the walk may be at or beyond a price."""
        height = math.log(max(edge, float(security.tick)) / (float(security.price) * override.factor))
        return self._walks[security.symbol].reaches(height, rising=rising, first=first, last=last)

    def _option_candidates(self, option: Security, level: Level, first: int, last: int) -> Iterator[int]:
        """The same for an option, window by window; overrides do not begin in between."""
        underlying = underlying_of(option)
        override = self._override_at(underlying.symbol, first * STEP_MS)
        window = STANDING_WINDOW_SECONDS if override.held else OPTION_WINDOW_SECONDS
        for start in range(first, last + 1, window):
            end = min(start + window - 1, last)
            terms = self.terms(option, start * STEP_MS), self.terms(option, end * STEP_MS)
            reach = Reach(*terms, self.volatility(option), level.field, float(level.price), level.rising)
            if override.held:
                if reach.is_possible_at(float(override.held[2])):
                    yield from range(start, end + 1)
            elif (edge := reach.edge()) is not None:
                rising = reach.wants_high_spot
                edge += float(underlying.tick) * (-1 if rising else 1)
                yield from self._seconds_beyond(underlying, override, edge, rising=rising, first=start, last=end)

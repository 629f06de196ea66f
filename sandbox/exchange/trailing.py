"""Trailing stops: when the last price has come back from its best by the amount of the trail.

The stop follows the best last price since the order began to work, second by second. Found is the exact second at
which trying every one of them would find it; stretches of the walk that can neither trigger the stop nor move it are
left out.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import NamedTuple

from sandbox.exchange.prices import STEP_MS, Override, Tape
from sandbox.exchange.securities import SECURITIES
from sandbox.exchange.walk import Cell


class Trail(NamedTuple):
    """`amount` is in USD, or in percent of the best price. A sale is `falling`: it follows the highest price down."""

    falling: bool
    amount: Decimal
    is_percent: bool

    def stop(self, best: Decimal) -> Decimal:
        distance = best * self.amount / 100 if self.is_percent else self.amount
        return best - distance if self.falling else best + distance

    def better(self, one: Decimal, other: Decimal) -> Decimal:
        return max(one, other) if self.falling else min(one, other)

    def is_met(self, best: Decimal, last: Decimal) -> bool:
        return last <= self.stop(best) if self.falling else last >= self.stop(best)


def follow(
    tape: Tape, symbol: str, trail: Trail, *, best: Decimal, from_ms: int, until_ms: int
) -> tuple[int | None, Decimal]:
    """The first moment of [from, until), in regular hours, at which the stop is met, or None; and the best price
    until then. `best` is that before `from_ms`."""
    search = _Search(tape, symbol, trail, best)
    for begin, finish, override in tape.pieces(symbol, from_ms, until_ms):
        if search.look(begin):
            return begin, search.best
        hit = None if override.held else search.scan(override, begin, finish)
        if hit is not None:
            return hit, search.best
    return None, search.best


class _Search:
    """Walks through time and remembers the best price."""

    def __init__(self, tape: Tape, symbol: str, trail: Trail, best: Decimal) -> None:
        self.tape, self.symbol, self.trail, self.best = tape, symbol, trail, best
        self.walk = tape.walk_of(symbol)
        self.security = SECURITIES[symbol]

    def look(self, moment: int) -> bool:
        """Take in the price of one moment: is the stop met?"""
        last = self.tape.quote(self.symbol, moment).last
        self.best = self.trail.better(self.best, last)
        return self.trail.is_met(self.best, last)

    def scan(self, override: Override, begin: int, finish: int) -> int | None:
        """Every full second in (begin, finish)."""
        self.scale = float(self.security.price) * override.factor
        self.first, self.last = begin // STEP_MS + 1, (finish - 1) // STEP_MS
        for cell in self.walk.cells(self.first, self.last):
            hit = self._visit(cell)
            if hit is not None:
                return hit
        return None

    def _visit(self, cell: Cell) -> int | None:
        if not self._is_in_time(cell):
            return None
        far, near = self._bounds(cell)
        if not self.trail.is_met(self.trail.better(self.best, near), far):
            self._improve(cell)
            return None
        parts = self.walk.parts(cell)
        if not parts:
            return self._look_at_seconds(cell)
        for part in parts:
            hit = self._visit(part)
            if hit is not None:
                return hit
        return None

    def _improve(self, cell: Cell) -> None:
        """Find the best price in a cell in which the stop cannot be met; the most promising parts first."""
        _, near = self._bounds(cell)
        if not self._is_in_time(cell) or self.trail.better(self.best, near) == self.best:
            return
        parts = self.walk.parts(cell)
        if not parts:
            self._look_at_seconds(cell)
            return
        for part in sorted(parts, key=lambda part: self._bounds(part)[1], reverse=self.trail.falling):
            self._improve(part)

    def _look_at_seconds(self, cell: Cell) -> int | None:
        for second in cell.seconds:
            if self.first <= second <= self.last and self.look(second * STEP_MS):
                return second * STEP_MS
        return None

    def _is_in_time(self, cell: Cell) -> bool:
        return cell.seconds[0] <= self.last and cell.seconds[-1] >= self.first

    def _bounds(self, cell: Cell) -> tuple[Decimal, Decimal]:
        """The prices farthest from and nearest to a better stop that the cell may hold; a tick for the rounding."""
        low, high = self.walk.bounds(cell)
        tick = self.security.tick
        lowest = Decimal(self.scale * math.exp(low)) - tick
        highest = Decimal(self.scale * math.exp(high)) + tick
        floor = (1 + self.security.spread_ticks) * tick
        lowest, highest = max(lowest, floor), max(highest, floor)
        return (lowest, highest) if self.trail.falling else (highest, lowest)

"""The shape of a price: a random walk that is a pure function of (seed, symbol, second), without any memory.

Fifteen octaves of noise are added up, each four times as long and twice as high as the one before it, which looks like
the walk of a stock from the second to the decade; a little growth comes on top. Octaves longer than a month and growth
are counted from ANCHOR, so that prices of that time are near the listed ones. Between the corners of an octave the
line is straight; that makes it cheap to ask for the first second at which the walk may reach a level, without trying
them all (`Walk.reaches`), and for the highest and lowest points of a stretch (`waves.py`).

Floats are fine here: this is a shape. Money starts where prices are rounded to the tick, in `prices.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

OCTAVES = 15
PERIODS = [2 * 4**octave for octave in range(OCTAVES)]
SECONDS_OF_A_DAY = 86_400
SECONDS_OF_A_YEAR = 31_556_952
STRENGTH = 1.1

# From this octave on (97 days) the walk is calmer than its days promise, as stocks are.
FIRST_LONG_OCTAVE, LONG_STRENGTH = 11, 0.6
ANCHOR = 1_795_392_000  # 2026-11-23, 00:00 UTC
GROWTH = 0.07 / SECONDS_OF_A_YEAR

# Corners of octaves from 34 minutes on are asked for again and again, so they are kept.
FIRST_KEPT_OCTAVE, MOST_KEPT = 5, 5_000

_MASK = (1 << 64) - 1


def mix(key: int, number: int) -> int:
    """64 well-mixed bits of two integers. Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    x = (key + number * 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def key_of(*parts: object) -> int:
    """A 64-bit key for anything that has a text, the same in every process."""
    text = "|".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


class Cell(NamedTuple):
    """A stretch between two corners of an octave; `left` and `right` are the sums of this and the longer octaves."""

    octave: int
    number: int
    left: float
    right: float

    @property
    def seconds(self) -> range:
        period = PERIODS[self.octave]
        return range(self.number * period, (self.number + 1) * period)


class Walk:
    """The logarithm of price / starting price, by second since 1970."""

    def __init__(self, seed: int, symbol: str, volatility: float) -> None:
        self.keys = [key_of(seed, symbol, octave) for octave in range(OCTAVES)]
        self.heights = [
            (STRENGTH if octave < FIRST_LONG_OCTAVE else LONG_STRENGTH)
            * volatility
            * math.sqrt(period / SECONDS_OF_A_DAY)
            for octave, period in enumerate(PERIODS)
        ]
        # How far all shorter octaves together can be from zero.
        self.below = [sum(self.heights[:octave]) for octave in range(OCTAVES)]
        self._kept: dict[tuple[int, int], float] = {}
        self.base = -sum(self._octave_at(octave, ANCHOR) for octave in range(FIRST_LONG_OCTAVE, OCTAVES))

    def at(self, second: int) -> float:
        total = 0.0
        for octave in range(OCTAVES):  # not sum(), which adds floats more exactly than arrays do
            total += self._octave_at(octave, second)
        return self.trend(second) + total

    def trend(self, second: int) -> float:
        """The straight line under the octaves."""
        return self.base + GROWTH * (second - ANCHOR)

    def _octave_at(self, octave: int, second: int) -> float:
        period = PERIODS[octave]
        cell, rest = divmod(second, period)
        left = self._corner(octave, cell)
        if rest:
            left += (self._corner(octave, cell + 1) - left) * rest / period
        return left

    def reaches(self, level: float, *, rising: bool, first: int, last: int) -> Iterator[int]:
        """Seconds of [first, last], oldest first, at which the walk may be at or beyond `level`.

        Pairs of seconds that cannot be there are left out; the caller looks closely at the others.
        `rising` asks for at or above the level, else at or below it.
        """
        sign = 1.0 if rising else -1.0
        period = PERIODS[-1]
        for cell in range(first // period, last // period + 1):
            ends = self.trend(cell * period), self.trend((cell + 1) * period)
            yield from self._search(OCTAVES - 1, cell, *ends, sign, sign * level, first, last)

    def _search(
        self, octave: int, cell: int, left: float, right: float, sign: float, level: float, first: int, last: int
    ) -> Iterator[int]:
        """Look into one cell; `left` and `right` are the sums of the longer octaves at its two ends."""
        left += self._corner(octave, cell)
        right += self._corner(octave, cell + 1)
        if max(sign * left, sign * right) + self.below[octave] < level:
            return
        start = cell * PERIODS[octave]
        if octave == 0:
            yield from range(max(start, first), min(start + PERIODS[0] - 1, last) + 1)
            return
        width = PERIODS[octave - 1]
        for part in range(4):
            begin = start + part * width
            if begin > last:
                return
            if begin + width > first:
                ends = (left + (right - left) * part / 4, left + (right - left) * (part + 1) / 4)
                yield from self._search(octave - 1, cell * 4 + part, *ends, sign, level, first, last)

    def cells(self, first: int, last: int) -> Iterator[Cell]:
        """The longest cells that together cover [first, last], oldest first."""
        octave, period = OCTAVES - 1, PERIODS[-1]
        for number in range(first // period, last // period + 1):
            left, right = (self.trend(n * period) + self._corner(octave, n) for n in (number, number + 1))
            yield Cell(octave, number, left, right)

    def parts(self, cell: Cell) -> list[Cell]:
        """The four cells of the next shorter octave inside a cell, oldest first; none inside the shortest."""
        octave = cell.octave - 1
        if octave < 0:
            return []
        step = (cell.right - cell.left) / 4
        first = cell.number * 4
        corners = [self._corner(octave, first + part) + cell.left + step * part for part in range(5)]
        return [Cell(octave, first + part, corners[part], corners[part + 1]) for part in range(4)]

    def bounds(self, cell: Cell) -> tuple[float, float]:
        """Between these two the walk stays within the cell."""
        below = self.below[cell.octave]
        return min(cell.left, cell.right) - below, max(cell.left, cell.right) + below

    def _corner(self, octave: int, cell: int) -> float:
        if octave < FIRST_KEPT_OCTAVE:
            return (mix(self.keys[octave], cell) / 2**63 - 1.0) * self.heights[octave]
        kept = self._kept.get((octave, cell))
        if kept is None:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            kept = self._kept[octave, cell] = (mix(self.keys[octave], cell) / 2**63 - 1.0) * self.heights[octave]
        return kept


@lru_cache(maxsize=1_000)
def kept_walk(seed: int, symbol: str, volatility: float) -> Walk:
    """The walk; kept, since a reset mostly asks for the same ones again."""
    return Walk(seed, symbol, volatility)

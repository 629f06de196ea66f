"""The walk for many seconds at once, and its highest and lowest points over many stretches, with arrays.

`Waves.at` gives bit by bit what `Walk.at` gives. The extremes are found without looking at each second: a stretch is
cut into cells of an octave; what the shorter octaves can still add is known, so most cells can be dropped before they
are cut into smaller ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sandbox.exchange.walk import ANCHOR, GROWTH, OCTAVES, PERIODS, Walk

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

# A stretch starts as this many cells, at least.
FIRST_CELLS = 3


def mix_all(key: int, numbers: Ints) -> NDArray[np.uint64]:
    """`walk.mix` of one key and many numbers."""
    x = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


class Waves:
    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def at(self, seconds: Ints) -> Floats:
        """The logarithm of price / starting price at each second."""
        total = np.zeros(len(seconds))
        for octave in range(OCTAVES):
            total += self._octave_at(octave, seconds)
        return self._trend(seconds) + total

    def extremes(self, first: Ints, last: Ints) -> tuple[Floats, Floats]:
        """Highest and lowest over the seconds of each [first, last]; the stretches should be about equally long."""
        ends = self.at(first), self.at(last)
        highest = self._climb(first, last, np.maximum(*ends), 1.0)
        lowest = -self._climb(first, last, -np.minimum(*ends), -1.0)
        return highest, lowest

    def _climb(self, first: Ints, last: Ints, best: Floats, sign: float) -> Floats:
        """The greatest `sign` x height of each stretch; `best` is what is known to be there already."""
        octave = self._octave_for(int((last - first).max()))
        period = PERIODS[octave]
        counts = last // period - first // period + 1
        stretch = np.repeat(np.arange(len(first)), counts)
        cells = np.arange(len(stretch)) - np.repeat(counts.cumsum() - counts, counts) + (first // period)[stretch]
        left, right = self._longer_octaves(octave, cells * period), self._longer_octaves(octave, (cells + 1) * period)
        while True:
            left = left + self._corners(octave, cells)
            right = right + self._corners(octave, cells + 1)
            if octave == 0:
                break
            start = cells * PERIODS[octave]
            inside = (start >= first[stretch]) & (start <= last[stretch])
            np.maximum.at(best, stretch[inside], sign * left[inside] - self.walk.below[octave])
            hopeful = np.maximum(sign * left, sign * right) + self.walk.below[octave] >= best[stretch]
            stretch, cells, left, right = _cut(stretch[hopeful], cells[hopeful], left[hopeful], right[hopeful])
            octave -= 1
            start = cells * PERIODS[octave]
            overlaps = (start <= last[stretch]) & (start + PERIODS[octave] > first[stretch])
            stretch, cells, left, right = stretch[overlaps], cells[overlaps], left[overlaps], right[overlaps]
        for second, height in ((cells * 2, left), (cells * 2 + 1, (left + right) / 2)):
            inside = (second >= first[stretch]) & (second <= last[stretch])
            np.maximum.at(best, stretch[inside], sign * height[inside])
        return best

    def _octave_for(self, length: int) -> int:
        fitting = [octave for octave, period in enumerate(PERIODS) if period * FIRST_CELLS <= length]
        return fitting[-1] if fitting else 0

    def _longer_octaves(self, octave: int, seconds: Ints) -> Floats:
        total = self._trend(seconds)
        for longer in range(octave + 1, OCTAVES):
            total += self._octave_at(longer, seconds)
        return total

    def _trend(self, seconds: Ints) -> Floats:
        return np.asarray(self.walk.base + GROWTH * (seconds - ANCHOR), np.float64)

    def _octave_at(self, octave: int, seconds: Ints) -> Floats:
        period = PERIODS[octave]
        cells, rest = np.divmod(seconds, period)
        left = self._corners(octave, cells)
        return left + (self._corners(octave, cells + 1) - left) * rest / period

    def _corners(self, octave: int, cells: Ints) -> Floats:
        return (mix_all(self.walk.keys[octave], cells) / 2**63 - 1.0) * self.walk.heights[octave]


def _cut(stretch: Ints, cells: Ints, left: Floats, right: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Each cell as its four cells of the next shorter octave, with the sums of the longer octaves at their ends."""
    part = np.tile(np.arange(4), len(cells))
    left, right = np.repeat(left, 4), np.repeat(right, 4)
    rise = (right - left) / 4
    return np.repeat(stretch, 4), np.repeat(cells, 4) * 4 + part, left + rise * part, left + rise * (part + 1)

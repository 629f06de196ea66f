"""Support and resistance: prices at which the candles have turned more than once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.exchange.bars import Bars

# A turn is the extreme of as many candles on each side; turns as close as this part of a usual candle are one level.
SIDE, NEARNESS, CANDLES_LOOKED_AT, FEWEST_TURNS, MOST_LEVELS = 3, 0.5, 300, 2, 8


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """From `bottom` to `top` in USD; `red` and `green` are the times of the falling and rising candles that turned."""

    bottom: float
    top: float
    red: list[int]
    green: list[int]


@dataclass(frozen=True, slots=True)
class Levels:
    """`support` is the top of the nearest level below the last price, `resistance` the bottom of the one above."""

    support: float | None
    resistance: float | None
    levels: list[PriceLevel]


def levels_of(bars: Bars) -> Levels:
    """Of the newest candles; without turns there are no levels."""
    bars = bars.at(slice(-CANDLES_LOOKED_AT, None))
    turns = sorted(_turns(bars))
    reach = NEARNESS * float(np.mean(bars.high - bars.low)) if len(bars) else 0.0
    groups: list[list[tuple[float, int]]] = []
    for price, place in turns:
        if groups and price - groups[-1][0][0] <= reach:
            groups[-1].append((price, place))
        else:
            groups.append([(price, place)])
    groups = [group for group in groups if len({place for _, place in group}) >= FEWEST_TURNS]
    groups = sorted(groups, key=lambda group: (-len(group), group[0]))[:MOST_LEVELS]
    levels = sorted((_level(bars, group) for group in groups), key=lambda level: level.bottom)
    last = float(bars.close[-1]) if len(bars) else 0.0
    return Levels(
        support=max((level.top for level in levels if level.top <= last), default=None),
        resistance=min((level.bottom for level in levels if level.bottom >= last), default=None),
        levels=levels,
    )


def _turns(bars: Bars) -> list[tuple[float, int]]:
    """Prices and places of highs and lows among their neighbours."""
    found: list[tuple[float, int]] = []
    for place in range(SIDE, len(bars) - SIDE):
        around = slice(place - SIDE, place + SIDE + 1)
        if bars.high[place] == bars.high[around].max():
            found.append((float(bars.high[place]), place))
        if bars.low[place] == bars.low[around].min():
            found.append((float(bars.low[place]), place))
    return found


def _level(bars: Bars, turns: list[tuple[float, int]]) -> PriceLevel:
    places = sorted({place for _, place in turns})
    falling = {place for place in places if bars.close[place] < bars.open[place]}
    times = bars.time.tolist()
    return PriceLevel(
        bottom=turns[0][0],
        top=turns[-1][0],
        red=[times[place] for place in places if place in falling],
        green=[times[place] for place in places if place not in falling],
    )

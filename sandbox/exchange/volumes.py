"""How many shares are traded in each minute: busy at the open and the close, quiet outside regular hours.

A pure function of seed, symbol and minute; a minute that is running has traded its part so far. Options count
contracts, and have many minutes without any; mutual funds have none at all.
"""

from __future__ import annotations

import math

import numpy as np

from sandbox.exchange.listing import Security
from sandbox.exchange.options import underlying_of
from sandbox.exchange.periods import Flags, Stretches
from sandbox.exchange.walk import key_of, mix
from sandbox.exchange.waves import Floats, Ints, mix_all

MINUTE = 60
SECONDS_OF_A_SESSION = 23_400
OUTSIDE_PART = 0.03


def traded(seed: int, security: Security, stretches: Stretches) -> Ints:
    """Shares traded in each stretch. They begin with a minute; the last minute may be running."""
    if security.is_fund or not len(stretches):
        return np.zeros(len(stretches), np.int64)
    first, last = stretches.first, stretches.last
    counts = (last - first) // MINUTE + 1
    ends = np.cumsum(counts)
    of = np.repeat(np.arange(len(first)), counts)
    starts = first[of] + (np.arange(len(of)) - (ends - counts)[of]) * MINUTE
    is_regular = stretches.is_market[of] & (starts < stretches.closes[of])
    shares = in_minutes(seed, security, starts, stretches.opens[of], is_regular)
    elapsed = np.minimum(last[of] + 1 - starts, MINUTE)
    return np.add.reduceat(shares * elapsed // MINUTE, ends - counts)


def in_minutes(seed: int, security: Security, starts: Ints, opens: Ints, is_regular: Flags) -> Ints:
    """Shares traded in whole minutes of trading days that open at `opens`."""
    shares = _pace(seed, security, starts, opens) * np.where(is_regular, 1.0, OUTSIDE_PART)
    return shares.astype(np.int64)


def _pace(seed: int, security: Security, starts: Ints, opens: Ints) -> Floats:
    key = key_of(seed, security.symbol, "volume")
    if security.is_option:
        size = 1 + np.floor(12 * _luck(mix(key, 1), starts) ** 3)
        return np.where(_luck(mix(key, 2), starts) < _interest(security), size, 0.0)
    of_day = 0.6 + 0.9 * _luck(mix(key, 1), opens) ** 2
    of_minute = 0.4 + 1.2 * _luck(mix(key, 2), starts)
    from_noon = np.clip(2 * (starts - opens) / SECONDS_OF_A_SESSION - 1, -1, 1)
    busyness = 0.7 + 1.5 * from_noon**4
    pace = average_volume(seed, security) * MINUTE / SECONDS_OF_A_SESSION
    return pace * of_day * of_minute * busyness


def _interest(option: Security) -> float:
    """In which part of the minutes anybody trades the option: hardly ever far from the listed price."""
    assert option.strike is not None  # noqa: S101 - it is an option
    distance = math.log(float(option.strike / underlying_of(option).price))
    return 0.4 * math.exp(-((distance / (6 * option.volatility)) ** 2))


def average_volume(seed: int, security: Security) -> float:
    """Shares of a stock a day: worth 400 million to 6 billion dollars at the listed price."""
    luck = mix(key_of(seed, security.symbol, "turnover"), 0) / 2**64
    return float(10 ** (8.6 + 1.2 * luck) / float(security.price))


def open_interest(seed: int, option: Security) -> int:
    """Contracts that are open, according to the exchange."""
    return int(20_000 * _interest(option) * (0.2 + mix(key_of(seed, option.symbol, "open interest"), 0) / 2**64))


def _luck(key: int, numbers: Ints) -> Floats:
    return mix_all(key, numbers) / 2**64

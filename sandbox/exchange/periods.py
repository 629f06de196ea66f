"""Periods of candles: which stretches of time they cover, under the hours of the market.

Candles within the day begin with their session and never reach across its edges: the regular session, and before and
after it. A candle of a day is its regular session; longer ones begin with their first session. While the market never
sleeps it trades between the sessions too, and the candle of the latest day runs on until the next opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sandbox.exchange.calendar import Hours, Session, eastern_day, last_started, session_on
from sandbox.exchange.waves import Ints

type Flags = NDArray[np.bool_]

INTRADAY = {
    "1m": 60, "2m": 120, "3m": 180, "5m": 300, "10m": 600, "15m": 900, "30m": 1800,
    "1h": 3600, "2h": 7200, "4h": 14400,
}  # fmt: skip
# Which days share a candle.
LONGER: dict[str, Callable[[date], object]] = {
    "1D": lambda day: day,
    "1W": lambda day: day - timedelta(days=day.weekday()),
    "1M": lambda day: (day.year, day.month),
    "3M": lambda day: (day.year, (day.month - 1) // 3),
    "6M": lambda day: (day.year, (day.month - 1) // 6),
    "1Y": lambda day: day.year,
}
FIRST_DAY = date(2019, 1, 2)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Seconds since 1970; both ends belong to a stretch. `opens` and `closes` are those of its trading day."""

    first: Ints
    last: Ints
    opens: Ints
    closes: Ints
    is_market: Flags

    def __len__(self) -> int:
        return len(self.first)

    def where(self, wanted: Flags | Ints) -> Stretches:
        return Stretches(*(getattr(self, name)[wanted] for name in Stretches.__slots__))

    @classmethod
    def of(cls, first: Ints, last: Ints, session: Session, *, is_market: bool) -> Stretches:
        """Stretches of one trading day."""
        opens, closes = (np.full_like(first, ms // 1000) for ms in (session.opens_ms, session.closes_ms))
        return cls(first, last, opens, closes, np.full(len(first), is_market))

    @classmethod
    def joined(cls, parts: list[Stretches]) -> Stretches:
        if not parts:
            nothing = np.zeros(0, np.int64)
            return cls(nothing, nothing, nothing, nothing, nothing.astype(bool))
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


def sessions_before(ms: int) -> Iterator[Session]:
    """Trading days that had begun at `ms`, newest first, back to FIRST_DAY."""
    day = last_started(ms).day
    while day >= FIRST_DAY:
        session = session_on(day)
        if session:
            yield session
        day -= timedelta(days=1)


def intraday_stretches(
    hours: Hours, seconds: int, *, from_ms: int, until_ms: int, live_ms: int, outside: bool, most: int
) -> Stretches:
    """The newest `most` stretches of this length that begin in [from, until]. None goes beyond `live_ms`, to which
    the market has come. `outside` asks for what is outside regular hours, too."""
    parts: list[Stretches] = []
    count = 0
    for session in sessions_before(until_ms):
        for segment in reversed(_segments(hours, session, outside)):
            part = _cut(segment, seconds, session, live_ms // 1000)
            parts.append(part.where((part.first * 1000 >= from_ms) & (part.first * 1000 <= until_ms)))
            count += len(parts[-1].first)
        if count >= most or session.starts_ms < from_ms:
            break
    found = Stretches.joined(parts[::-1])
    return found.where(np.arange(len(found.first)) >= len(found.first) - most)


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of a trading day without a pause, in seconds since 1970. Candles begin in [begins, ends); `last` is the
    last second that they cover: a close and the end of a day are part of what comes before them."""

    begins: int
    ends: int
    last: int
    is_market: bool


def _segments(hours: Hours, session: Session, outside: bool) -> list[_Segment]:
    starts, opens, closes, ends = (
        ms // 1000 for ms in (session.starts_ms, session.opens_ms, session.closes_ms, session.ends_ms)
    )
    regular = _Segment(opens, closes, closes, is_market=True)
    if hours.never_sleeps:
        next_opens = _next_open(session) // 1000
        return [regular, _Segment(closes, next_opens, next_opens - 1, is_market=False)]
    if outside:
        return [
            _Segment(starts, opens, opens - 1, is_market=False),
            regular,
            _Segment(closes, ends, ends, is_market=False),
        ]
    return [regular]


def _next_open(session: Session) -> int:
    day = session.day + timedelta(days=1)
    while (found := session_on(day)) is None:
        day += timedelta(days=1)
    return found.opens_ms


def _cut(segment: _Segment, seconds: int, session: Session, until: int) -> Stretches:
    """A segment as stretches of this length."""
    first = np.arange(segment.begins, min(segment.ends, until + 1), seconds)
    last = np.minimum(first + seconds - 1, min(segment.ends - 1, until))
    if len(last) and until >= segment.ends:
        last[-1] = segment.last
    return Stretches.of(first, last, session, is_market=segment.is_market)


def is_running(hours: Hours, session: Session, live_ms: int) -> bool:
    """Does more belong to the candle of this day than has happened so far?"""
    return live_ms < (_next_open(session) if hours.never_sleeps else session.closes_ms)


def day_stretches(hours: Hours, sessions: list[Session], *, live_ms: int) -> Stretches:
    """One stretch per session that has opened."""
    opens = np.array([session.opens_ms // 1000 for session in sessions], np.int64)
    closes = np.array([session.closes_ms // 1000 for session in sessions], np.int64)
    ends = [live_ms if is_running(hours, session, live_ms) else session.closes_ms for session in sessions]
    last = np.array(ends, np.int64) // 1000
    return Stretches(opens, last, opens, closes, np.ones(len(opens), bool))


def sessions_of(period: str, *, from_ms: int, until_ms: int, most: int) -> list[Session]:
    """The trading days of the newest `most` candles that begin in [from, until], oldest first."""
    chosen: list[Session] = []
    keys: list[object] = []
    for session in sessions_before(until_ms):
        key = LONGER[period](session.day)
        if not keys or key != keys[-1]:
            # A candle whose first day is before the range does not begin in it.
            if len(keys) == most or session.closes_ms < from_ms:
                break
            keys.append(key)
        if session.opens_ms <= until_ms:
            chosen.append(session)
    return chosen[::-1]


def groups_of(times: list[int], period: str) -> list[int]:
    """Where each candle of a longer period begins among those of days."""
    keys = [LONGER[period](eastern_day(time * 1000)) for time in times]
    return [place for place in range(len(keys)) if not place or keys[place] != keys[place - 1]]

"""When the market is open: the sessions of the New York Stock Exchange, or what the control plane says instead.

Source: trading days, holidays and half days from the `holidays` package ("NYSE"); regular hours 9:30-16:00 Eastern,
13:00 on half days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays.constants import HALF_DAY
from holidays.financial.ny_stock_exchange import NewYorkStockExchange

NEW_YORK = ZoneInfo("America/New_York")
MARKET_MODES = ("calendar", "around-the-clock", "open", "closed")
MINIMUM_DAY_ORDER_MS = 3_600_000

OPENS_AT, CLOSES_AT, CLOSES_EARLY_AT = time(9, 30), time(16), time(13)

_holidays = NewYorkStockExchange()
_half_days = NewYorkStockExchange(categories=(HALF_DAY,))


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day; `opens_ms` is in it, `closes_ms` is not."""

    day: date
    opens_ms: int
    closes_ms: int


@lru_cache(maxsize=4096)
def session_on(day: date) -> Session | None:
    if day.weekday() >= 5 or day in _holidays:
        return None
    closes_at = CLOSES_EARLY_AT if day in _half_days else CLOSES_AT
    return Session(day, _eastern_ms(day, OPENS_AT), _eastern_ms(day, closes_at))


def _eastern_ms(day: date, at: time) -> int:
    return int(datetime.combine(day, at, NEW_YORK).timestamp()) * 1000


def eastern_day(ms: int) -> date:
    """The day in New York at this moment."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(NEW_YORK).date()


def sessions_from(ms: int) -> Iterator[Session]:
    """Sessions that close after `ms`, oldest first, without end."""
    day = eastern_day(ms)
    while True:
        session = session_on(day)
        if session and session.closes_ms > ms:
            yield session
        day += timedelta(days=1)


def last_opened(ms: int) -> Session:
    """The latest session that had opened at `ms`: the trading day that figures "of today" belong to."""
    day = eastern_day(ms)
    while True:
        session = session_on(day)
        if session and session.opens_ms <= ms:
            return session
        day -= timedelta(days=1)


def last_closed(ms: int) -> Session:
    """The latest session that was over at `ms`."""
    session = last_opened(ms)
    return session if session.closes_ms <= ms else last_opened(session.opens_ms - 1)


def previous_close_ms(ms: int) -> int:
    """The close before the trading day of `ms`."""
    return last_opened(last_opened(ms).opens_ms - 1).closes_ms


@dataclass
class Hours:
    """Market hours under one of MARKET_MODES; `since_ms` is when that mode was chosen.

    "open" and "around-the-clock" trade without a pause, "closed" does not trade, and its prices stand still.
    """

    mode: str = "calendar"
    since_ms: int = 0

    @property
    def never_sleeps(self) -> bool:
        return self.mode in ("around-the-clock", "open")

    def is_open(self, ms: int) -> bool:
        if self.never_sleeps:
            return True
        return self.mode == "calendar" and last_opened(ms).closes_ms > ms

    def open_intervals(self, from_ms: int, until_ms: int) -> Iterator[tuple[int, int]]:
        """The parts of [from, until) in which the market trades."""
        if self.never_sleeps:
            if from_ms < until_ms:
                yield from_ms, until_ms
            return
        if self.mode == "closed":
            return
        for session in sessions_from(from_ms):
            start, end = max(from_ms, session.opens_ms), min(until_ms, session.closes_ms)
            if session.opens_ms >= until_ms:
                return
            if start < end:
                yield start, end

    def price_time(self, ms: int) -> int:
        """The moment whose price is still shown at `ms`: prices stand still while the market is closed."""
        if self.never_sleeps:
            return ms
        if self.mode == "closed":
            ms = min(ms, self.since_ms)
        return min(ms, last_opened(ms).closes_ms)

    def day_order_ends(self, entered_ms: int) -> int:
        """When a Day order entered at this moment is done for the day.

        By the calendar: the close of the running or the next session. Around the clock there is no close, so the next
        regular close counts there too, unless the order would be younger than an hour: then the one after it.
        """
        earliest = entered_ms + (MINIMUM_DAY_ORDER_MS if self.never_sleeps else 0)
        return next(sessions_from(earliest)).closes_ms

    def next_open_ms(self, ms: int) -> int | None:
        """When trading starts next; None while it is open, or when it never will."""
        if self.is_open(ms) or self.mode == "closed":
            return None
        return next(session.opens_ms for session in sessions_from(ms) if session.opens_ms > ms)

"""When the market is open: the sessions of the New York Stock Exchange, or what the control plane says instead.

Source: trading days, holidays and half days from the `holidays` package ("NYSE"); regular hours 9:30-16:00 Eastern,
13:00 on half days; before them from 4:00, after them until 20:00, 17:00 on half days (API fact sheet 6.5).
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

STARTS_AT = time(4)
OPENS_AT, CLOSES_AT, CLOSES_EARLY_AT = time(9, 30), time(16), time(13)
ENDS_AT, ENDS_EARLY_AT = time(20), time(17)

# The values of `ExtendedHours`, and the parts of a day in which such an order trades.
PARTS_OF_DAY = {
    "REG": ("REG",), "PRE": ("PRE",), "POST": ("POST",), "PREREG": ("PRE", "REG"), "REGPOST": ("REG", "POST"),
    "PREPOST": ("PRE", "POST"), "ALL": ("PRE", "REG", "POST"),
}  # fmt: skip

_holidays = NewYorkStockExchange()
_half_days = NewYorkStockExchange(categories=(HALF_DAY,))


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day; `opens_ms` is in it, `closes_ms` is not. Trading outside regular hours starts at `starts_ms`
    and ends at `ends_ms`."""

    day: date
    starts_ms: int
    opens_ms: int
    closes_ms: int
    ends_ms: int

    def stretches(self, extended: str = "REG") -> list[tuple[int, int]]:
        """The parts of the day in which an order with these `ExtendedHours` trades, oldest first."""
        parts = {
            "PRE": (self.starts_ms, self.opens_ms),
            "REG": (self.opens_ms, self.closes_ms),
            "POST": (self.closes_ms, self.ends_ms),
        }
        return [parts[name] for name in PARTS_OF_DAY[extended]]


@lru_cache(maxsize=16384)
def session_on(day: date) -> Session | None:
    if day.weekday() >= 5 or day in _holidays:
        return None
    closes_at, ends_at = (CLOSES_EARLY_AT, ENDS_EARLY_AT) if day in _half_days else (CLOSES_AT, ENDS_AT)
    return Session(day, *(_eastern_ms(day, at) for at in (STARTS_AT, OPENS_AT, closes_at, ends_at)))


def _eastern_ms(day: date, at: time) -> int:
    return int(datetime.combine(day, at, NEW_YORK).timestamp()) * 1000


def eastern_day(ms: int) -> date:
    """The day in New York at this moment."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(NEW_YORK).date()


def close_on(day: date) -> int:
    """The close of a day, at the usual time if it is none of trading."""
    session = session_on(day)
    return session.closes_ms if session else _eastern_ms(day, CLOSES_AT)


def days_from(ms: int) -> Iterator[Session]:
    """Trading days that end after `ms`, with what comes after the close; oldest first, without end."""
    day = eastern_day(ms)
    while True:
        session = session_on(day)
        if session and session.ends_ms > ms:
            yield session
        day += timedelta(days=1)


def sessions_from(ms: int) -> Iterator[Session]:
    """Sessions that close after `ms`, oldest first, without end."""
    return (session for session in days_from(ms) if session.closes_ms > ms)


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


def last_started(ms: int) -> Session:
    """The latest trading day on which trading had begun at `ms`, before the open as well."""
    day = eastern_day(ms)
    while True:
        session = session_on(day)
        if session and session.starts_ms <= ms:
            return session
        day -= timedelta(days=1)


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

    def is_open(self, ms: int, extended: str = "REG") -> bool:
        """Does an order with these `ExtendedHours` trade at this moment?"""
        if self.never_sleeps:
            return True
        if self.mode == "closed":
            return False
        return any(start <= ms < end for start, end in last_started(ms).stretches(extended))

    def open_intervals(self, from_ms: int, until_ms: int, extended: str = "REG") -> Iterator[tuple[int, int]]:
        """The parts of [from, until) in which an order with these `ExtendedHours` trades."""
        if self.never_sleeps:
            if from_ms < until_ms:
                yield from_ms, until_ms
            return
        if self.mode == "closed":
            return
        for session in days_from(from_ms):
            if session.starts_ms >= until_ms:
                return
            for opens_ms, closes_ms in session.stretches(extended):
                start, end = max(from_ms, opens_ms), min(until_ms, closes_ms)
                if start < end:
                    yield start, end

    def price_time(self, ms: int) -> int:
        """The moment whose price is still shown at `ms`: prices stand still while nobody trades."""
        if self.never_sleeps:
            return ms
        if self.mode == "closed":
            ms = min(ms, self.since_ms)
        return min(ms, last_started(ms).ends_ms)

    def day_order_ends(self, entered_ms: int, extended: str = "REG") -> int:
        """When a Day order entered at this moment is done for the day.

        By the calendar: the end of its hours on this or the next trading day. Around the clock there is no end, so
        that of the calendar counts there too, unless the order would be younger than an hour: then the one after it.
        """
        earliest = entered_ms + (MINIMUM_DAY_ORDER_MS if self.never_sleeps else 0)
        ends = (session.stretches(extended)[-1][1] for session in days_from(earliest))
        return next(end for end in ends if end > earliest)

    def auction_ms(self, entered_ms: int, *, opening: bool) -> int:
        """The next opening or closing auction. Around the clock the market opens at any time."""
        if opening and self.never_sleeps:
            return entered_ms
        moments = (session.opens_ms if opening else session.closes_ms for session in days_from(entered_ms))
        return next(moment for moment in moments if moment > entered_ms)

    def is_over_for_today(self, ms: int, extended: str) -> bool:
        """Has the only part of today in which such an order trades passed, while the day itself goes on?"""
        if self.mode != "calendar":
            return False
        today = last_started(ms)
        return today.stretches(extended)[-1][1] <= ms < today.ends_ms

    def next_open_ms(self, ms: int) -> int | None:
        """When trading starts next; None while it is open, or when it never will."""
        if self.is_open(ms) or self.mode == "closed":
            return None
        return next(session.opens_ms for session in sessions_from(ms) if session.opens_ms > ms)

"""Which candles a chart asks for: the vendor's codes of intervals, dates and counts, understood.

Source: API fact sheet 5.6. With a count, the newest so many; a count of -1 means from start to end. Codes of a length
(a week, a year) end now, whatever dates come with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sandbox.exchange.calendar import NEW_YORK, eastern_day, last_opened
from sandbox.exchange.candles import MOST_CANDLES, PERIODS_OF_CANDLES, Range
from sandbox.exchange.periods import sessions_before
from sandbox.exchange.prices import STEP_MS

DAY_MS = 86_400_000
CANDLES, ALL, YEAR_TO_DATE, CUSTOM, CUSTOM_CANDLES, TODAY = 0, -1, -2, -3, -11, -13
TRADING_DAYS = {TODAY: 1, -4: 1, -12: 3, -5: 5}
CALENDAR_DAYS = {-6: 31, -7: 92, -8: 183, -9: 366, -10: 3 * 365 + 1}
USE_DATES = -1


class SpanUnclear(Exception):
    """There is no such period or interval, or nothing in it."""


@dataclass(frozen=True, slots=True)
class Span:
    """As a client asks: moments in Unix seconds, an end of 0 or less is now; `interval` is a code."""

    start: int
    end: int
    count: int
    period: str
    interval: int
    outside: bool

    def read(self, now_ms: int) -> Range:
        """Raises SpanUnclear."""
        if self.period not in PERIODS_OF_CANDLES or self.count < USE_DATES or not self.count:
            raise SpanUnclear(self.period)
        most = MOST_CANDLES if self.count == USE_DATES else min(self.count, MOST_CANDLES)
        if self.interval in (CANDLES, CUSTOM, CUSTOM_CANDLES):
            return self._by_dates(now_ms, most)
        return Range(self.period, _start_of(self.interval, now_ms), now_ms, most, self.outside)

    def _by_dates(self, now_ms: int, most: int) -> Range:
        until_ms = min(self.end * STEP_MS, now_ms) if self.end > 0 else now_ms
        counts = self.interval != CUSTOM and self.count != USE_DATES
        from_ms = 0 if counts else self.start * STEP_MS
        if from_ms > until_ms:
            raise SpanUnclear(self.start)
        return Range(self.period, from_ms, until_ms, most, self.outside)


def _start_of(interval: int, now_ms: int) -> int:
    if interval == ALL:
        return 0
    if interval == YEAR_TO_DATE:
        return int(datetime(eastern_day(now_ms).year, 1, 1, tzinfo=NEW_YORK).timestamp()) * STEP_MS
    if interval in TRADING_DAYS:
        sessions = list(islice(sessions_before(last_opened(now_ms).opens_ms), TRADING_DAYS[interval]))
        return sessions[-1].starts_ms if sessions else 0
    if interval in CALENDAR_DAYS:
        return now_ms - CALENDAR_DAYS[interval] * DAY_MS
    raise SpanUnclear(interval)

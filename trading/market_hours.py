"""When US stocks trade: the regular session of the New York Stock Exchange.

Source: nyse.com/markets/hours-calendars through the `holidays` package, half days included.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from holidays import financial_holidays
from holidays.constants import HALF_DAY

from brokers.models import Broker

NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES, CLOSES_EARLY = time(9, 30), time(16), time(13)


@dataclass(frozen=True)
class MarketState:
    """Whether orders are matched right now. `closes_at` is set while open, `opens_at` while closed; aware UTC."""

    is_open: bool
    label: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def new_york_day(now: datetime | None = None) -> date:
    """The day that it is on Wall Street."""
    return (now or timezone.now()).astimezone(NEW_YORK).date()


def market_state(broker: Broker, now: datetime | None = None) -> MarketState:
    """The market as `broker` meets it: the exchange's calendar, or a simulated market that never closes."""
    if broker.connection.trades_around_the_clock:
        return MarketState(is_open=True, label="Open around the clock")
    now = now or timezone.now()
    opens_at, closes_at = next_session(now)
    if opens_at <= now:
        return MarketState(is_open=True, label=f"Open until {_clock(closes_at)}", closes_at=closes_at)
    return MarketState(is_open=False, label=f"Closed until {_day_and_clock(opens_at, now)}", opens_at=opens_at)


def next_session(now: datetime) -> tuple[datetime, datetime]:
    """Open and close of the session that runs at `now`, else of the next one. Aware UTC."""
    day = now.astimezone(NEW_YORK).date()
    while True:
        session = session_of(day)
        if session and session[1] > now:
            return session
        day += timedelta(days=1)


def session_of(day: date) -> tuple[datetime, datetime] | None:
    """Open and close of the regular session of a New York `day`, None where the exchange stays closed. Aware UTC."""
    if day.weekday() >= 5 or day in _closed_days(day.year):
        return None
    closes = CLOSES_EARLY if day in _half_days(day.year) else CLOSES
    return _moment(day, OPENS), _moment(day, closes)


@cache
def _closed_days(year: int) -> frozenset[date]:
    return frozenset(financial_holidays("NYSE", years=year))


@cache
def _half_days(year: int) -> frozenset[date]:
    return frozenset(financial_holidays("NYSE", years=year, categories=(HALF_DAY,)))


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, NEW_YORK).astimezone(UTC)


def _clock(moment: datetime) -> str:
    """4:00 pm ET"""
    local = moment.astimezone(NEW_YORK)
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'} ET"


def _day_and_clock(moment: datetime, now: datetime) -> str:
    """9:30 am ET today, or Monday 9:30 am ET."""
    local = moment.astimezone(NEW_YORK)
    if local.date() == now.astimezone(NEW_YORK).date():
        return _clock(moment)
    return f"{local:%A} {_clock(moment)}"

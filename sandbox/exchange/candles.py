"""Charts: the candles of a security for a period and a range of time, up to the live price."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.exchange.bars import Bars, measure
from sandbox.exchange.calendar import Session
from sandbox.exchange.listing import Security
from sandbox.exchange.options import expiration_of
from sandbox.exchange.periods import (
    INTRADAY,
    LONGER,
    day_stretches,
    groups_of,
    intraday_stretches,
    is_running,
    sessions_of,
)
from sandbox.exchange.prices import STEP_MS, Tape

MOST_CANDLES = 10_000
# Options are priced one by one.
MOST_OPTION_CANDLES = 2_000
PERIODS_OF_CANDLES = (*INTRADAY, *LONGER)


@dataclass(frozen=True, slots=True)
class Range:
    """The newest `most` candles of a period (one of PERIODS_OF_CANDLES) that begin in [from, until]; with `outside`
    those before and after regular hours, too."""

    period: str
    from_ms: int
    until_ms: int
    most: int = MOST_CANDLES
    outside: bool = False


def candles(tape: Tape, security: Security, wanted: Range, *, now_ms: int) -> Bars:
    """Oldest first, never more than MOST_CANDLES. The one that is running ends at the live price."""
    live_ms = tape.hours.price_time(now_ms)
    if security.is_option:
        live_ms = min(live_ms, expiration_of(security).ends_ms)
    wanted = replace(
        wanted,
        until_ms=min(wanted.until_ms, live_ms),
        most=min(wanted.most, MOST_OPTION_CANDLES if security.is_option else MOST_CANDLES),
    )
    if wanted.period in INTRADAY:
        return _within_days(tape, security, wanted, live_ms=live_ms, now_ms=now_ms)
    sessions = sessions_of(wanted.period, from_ms=wanted.from_ms, until_ms=wanted.until_ms, most=wanted.most)
    bars = _days(tape, security, sessions, live_ms)
    runs = bool(sessions) and is_running(tape.hours, sessions[-1], live_ms) and not security.is_fund
    if runs and len(bars) and bars.time[-1] * STEP_MS == sessions[-1].opens_ms:  # a day may have no price yet
        bars.go_on_to(float(tape.quote(security.symbol, now_ms).last))
    bars = bars.in_groups(groups_of(bars.time.tolist(), wanted.period))
    return bars.at(bars.time * STEP_MS >= wanted.from_ms)


def _within_days(tape: Tape, security: Security, wanted: Range, *, live_ms: int, now_ms: int) -> Bars:
    stretches = intraday_stretches(
        tape.hours, INTRADAY[wanted.period], from_ms=wanted.from_ms, until_ms=wanted.until_ms, live_ms=live_ms,
        outside=wanted.outside, most=0 if security.is_fund else wanted.most,
    )  # fmt: skip
    bars = measure(tape, security, stretches)
    if len(bars) and stretches.last[-1] == live_ms // STEP_MS:
        bars.go_on_to(float(tape.quote(security.symbol, now_ms).last))
    return bars


def _days(tape: Tape, security: Security, sessions: list[Session], live_ms: int) -> Bars:
    """One candle per session, of funds only if it has its price. Those of finished days are kept."""
    kept = tape.known_of(security)
    runs = bool(sessions) and is_running(tape.hours, sessions[-1], live_ms)
    finished = sessions[:-1] if runs else sessions
    missing = [session for session in finished if ("day", session.opens_ms) not in kept]
    stretches = day_stretches(tape.hours, missing + sessions[len(finished) :], live_ms=live_ms)
    new = {("day", row[0] * STEP_MS): row for row in measure(tape, security, stretches).rows()}
    keys = [("day", session.opens_ms) for session in sessions]
    rows = [row for key in keys if (row := new.get(key) or kept.get(key)) is not None]
    kept.update((key, row) for key, row in new.items() if not runs or key != keys[-1])
    return Bars.of_rows(rows)

"""What an account was worth at the close of each trading day, worked out backwards from what it holds now.

Cash is undone entry by entry, shares execution by execution; closes come from the tape, which knows every moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sandbox.exchange.calendar import last_opened, session_on
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents

LONGEST_DAYS = 3660
END_OF_TIME_MS = 253_402_000_000_000  # in the year 9999, the last that has dates


@dataclass(frozen=True, slots=True)
class Point:
    """Worth in USD at the close of a day; of today, as of now."""

    day: date
    value: Decimal


def equity_curve(market: Market, account: sqlite3.Row, from_ms: int, until_ms: int) -> list[Point]:
    """One point per trading day between two moments, oldest first: none before the account was opened, none after
    now, ten years at most."""
    moments = list(_closes(max(from_ms, account["created_ms"]), until_ms, market.now_ms()))
    past = _Past(market, account)
    points = [Point(day, past.worth_at(moment)) for day, moment in reversed(moments)]
    return points[::-1]


def curves_together(curves: list[list[Point]]) -> list[Point]:
    """Several accounts as one: each day's values added up."""
    sums: dict[date, Decimal] = {}
    for point in (point for curve in curves for point in curve):
        sums[point.day] = sums.get(point.day, ZERO) + point.value
    return [Point(day, value) for day, value in sorted(sums.items())]


def _closes(from_ms: int, until_ms: int, now: int) -> Iterator[tuple[date, int]]:
    """Trading days that have opened, first and last day included, and the moment at which each is looked at: its
    close, or now."""
    last = min(_utc_day(until_ms), last_opened(now).day)
    day = max(_utc_day(from_ms), last - timedelta(days=LONGEST_DAYS))
    while day <= last:
        if session := session_on(day):
            yield day, min(session.closes_ms, now)
        day += timedelta(days=1)


def _utc_day(ms: int) -> date:
    return datetime.fromtimestamp(min(max(ms, 0), END_OF_TIME_MS) / 1000, UTC).date()


class _Past:
    """An account on its way back in time; ask for ever earlier moments."""

    def __init__(self, market: Market, account: sqlite3.Row) -> None:
        self.market = market
        self.cash: Decimal = account["cash"]
        positions = market.state.rows("SELECT * FROM position WHERE account_id = ?", account["id"])
        self.held: dict[str, Decimal] = {row["symbol"]: row["quantity"] for row in positions}
        newest_first = "account_id = ? ORDER BY at_ms DESC, id DESC"
        self.entries = market.state.rows(f"SELECT at_ms, amount FROM cash_entry WHERE {newest_first}", account["id"])  # noqa: S608
        self.executions = market.state.rows(
            f"SELECT at_ms, symbol, side, quantity FROM execution WHERE {newest_first}",  # noqa: S608
            account["id"],
        )
        self._entries_undone = self._executions_undone = 0

    def worth_at(self, moment: int) -> Decimal:
        self._go_back_to(moment)
        values = (
            cents(quantity * self.market.tape.quote(symbol, moment).last)
            for symbol, quantity in self.held.items()
            if quantity
        )
        return self.cash + sum(values, ZERO)

    def _go_back_to(self, moment: int) -> None:
        for entry in self.entries[self._entries_undone :]:
            if entry["at_ms"] <= moment:
                break
            self.cash -= entry["amount"]
            self._entries_undone += 1
        for trade in self.executions[self._executions_undone :]:
            if trade["at_ms"] <= moment:
                break
            signed = trade["quantity"] if trade["side"].startswith("Buy") else -trade["quantity"]
            self.held[trade["symbol"]] = self.held.get(trade["symbol"], ZERO) - signed
            self._executions_undone += 1

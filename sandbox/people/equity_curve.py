"""What an account was worth at the close of each trading day, worked out backwards from what it holds now.

Cash and shares are undone entry by entry; closes come from the tape, which knows every moment.
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
from sandbox.exchange.securities import find_security

# Entries of these kinds say how many shares or contracts came or went.
MOVE_SHARES = frozenset({"OrderExecution", "OptionExpiration", "Clearing"})
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
        self.entries = market.state.rows(
            "SELECT at_ms, kind, amount, symbol, quantity FROM cash_entry WHERE account_id = ?"
            " ORDER BY at_ms DESC, id DESC",
            account["id"],
        )
        self._undone = 0

    def worth_at(self, moment: int) -> Decimal:
        self._go_back_to(moment)
        values = (self._value(symbol, quantity, moment) for symbol, quantity in self.held.items() if quantity)
        return self.cash + sum(values, ZERO)

    def _value(self, symbol: str, quantity: Decimal, moment: int) -> Decimal:
        security = find_security(symbol)
        size = security.contract_size if security else 1
        return cents(quantity * self.market.tape.quote(symbol, moment).last * size)

    def _go_back_to(self, moment: int) -> None:
        while self._undone < len(self.entries) and self.entries[self._undone]["at_ms"] > moment:
            entry = self.entries[self._undone]
            self.cash -= entry["amount"]
            if entry["kind"] in MOVE_SHARES and entry["quantity"] is not None:
                self.held[entry["symbol"]] = self.held.get(entry["symbol"], ZERO) - entry["quantity"]
            self._undone += 1

"""Dividends: paid at the open of their pay day, to those who held the shares when the ex-dividend day began; who was
short of them then pays.

What was held then follows from what is held now and what has been booked since.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import product

from sandbox.exchange.balances import post_cash
from sandbox.exchange.calendar import eastern_day, session_on
from sandbox.exchange.companies import DIVIDENDS, FIRST_YEAR, Dividend, dividends_in
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents, number
from sandbox.exchange.securities import security_of

KIND = "Payment"


@dataclass(frozen=True, slots=True)
class PayDay:
    """All that is paid at one moment: tickers and their dividends."""

    at_ms: int
    dividends: tuple[tuple[str, Dividend], ...]


def next_pay_day(market: Market, until_ms: int) -> PayDay | None:
    """The first one that has not been paid yet, if it comes until then."""
    pay_day = _first_after(market.dividends_paid_ms)
    return pay_day if pay_day.at_ms <= until_ms else None


@lru_cache(maxsize=64)
def _first_after(moment_ms: int) -> PayDay:
    year = max(eastern_day(moment_ms).year, FIRST_YEAR)
    return next(day for each in (year, year + 1) for day in _pay_days(each) if day.at_ms > moment_ms)


@lru_cache(maxsize=16)
def _pay_days(year: int) -> list[PayDay]:
    """Those of a calendar year, in order."""
    found: dict[int, list[tuple[str, Dividend]]] = defaultdict(list)
    for ticker, each in product(DIVIDENDS, (year - 1, year)):
        for dividend in dividends_in(security_of(ticker), each):
            if dividend.pay_day.year == year:
                found[_opens_ms(dividend.pay_day)].append((ticker, dividend))
    return [PayDay(at_ms, tuple(found[at_ms])) for at_ms in sorted(found)]


def _opens_ms(day: date) -> int:
    session = session_on(day)
    assert session is not None  # noqa: S101 - dividends have trading days
    return session.opens_ms


def pay_dividends(market: Market, pay_day: PayDay) -> None:
    """Book what everybody gets, or owes."""
    for ticker, dividend in pay_day.dividends:
        before_ms = _opens_ms(dividend.ex_day)
        rows = market.state.rows(
            "SELECT * FROM position WHERE symbol = ? AND create_ms < ? ORDER BY id", ticker, before_ms
        )
        for row in rows:
            if held := _held_before(market, row, before_ms):
                _pay(market, row["account_id"], ticker, dividend, held, pay_day.at_ms)
    market.dividends_paid_ms = pay_day.at_ms
    market.save_dividends_paid()


def _held_before(market: Market, position: sqlite3.Row, moment_ms: int) -> Decimal:
    entries = market.state.rows(
        "SELECT quantity FROM cash_entry WHERE account_id = ? AND at_ms >= ? AND symbol = ? AND quantity IS NOT NULL",
        position["account_id"],
        moment_ms,
        position["symbol"],
    )
    held: Decimal = position["quantity"] - sum((entry["quantity"] for entry in entries), ZERO)
    return held


def _pay(market: Market, account_id: int, ticker: str, dividend: Dividend, held: Decimal, at_ms: int) -> None:
    instead = "" if held > 0 else "Payment in lieu: "
    post_cash(
        market, account_id, at_ms=at_ms, kind=KIND, amount=cents(held * dividend.amount), order_id=None,
        symbol=ticker, price=dividend.amount,
        note=f"{instead}Dividend of {dividend.amount} per share on {number(abs(held))} {ticker}",
    )  # fmt: skip

"""What companies do besides trading: dividends, splits and quarterly results, worked out from listing and seed.

Amounts and dates are plausible, not data of the real companies; the splits are history. Prices do not move when a
dividend is paid (`dividends.py`), and those before a split are shown as if it had happened already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from sandbox.exchange.calendar import session_on
from sandbox.exchange.listing import Security
from sandbox.exchange.money import CENT, ZERO, cents, rounded
from sandbox.exchange.walk import key_of, mix

FIRST_YEAR, YEAR_OF_LISTING = 2019, 2026

# Dividend of a year in USD per share, for those who pay any: ticker and amount of YEAR_OF_LISTING.
_DIVIDENDS = """
AAPL 1.04 MSFT 3.64 NVDA 0.04 GOOGL 0.84 META 2.10 AVGO 2.60 CSCO 1.64 QCOM 3.56 TXN 5.68 COST 5.20 PEP 5.69 SBUX 2.48
AMGN 9.52 GILD 3.16 JPM 6.00 BAC 1.12 WFC 1.80 GS 16.00 V 2.68 MA 3.04 JNJ 5.20 PFE 1.72 MRK 3.24 LLY 6.00 UNH 8.84
KO 2.04 PG 4.24 WMT 0.94 HD 9.20 MCD 7.44 NKE 1.64 DIS 1.50 CAT 6.04 GE 1.44 F 0.60 GM 0.60 XOM 4.12 CVX 6.84 T 1.11
VZ 2.76 ORCL 2.00 CRM 1.66 SPY 7.24 QQQ 2.80 VTI 3.72 IWM 2.44 DIA 6.60 VOO 7.00 TLT 3.88 XLF 0.76
"""
_FIGURES = _DIVIDENDS.split()
DIVIDENDS = {ticker: Decimal(amount) for ticker, amount in zip(_FIGURES[::2], _FIGURES[1::2], strict=True)}
YEARLY_RAISE = Decimal("1.05")

# New shares for each old one, and the first day on which they traded so.
SPLITS = {
    "AAPL": (4, date(2020, 8, 31)), "TSLA": (3, date(2022, 8, 25)), "AMZN": (20, date(2022, 6, 6)),
    "GOOGL": (20, date(2022, 7, 18)), "NVDA": (10, date(2024, 6, 10)), "AVGO": (10, date(2024, 7, 15)),
    "WMT": (3, date(2024, 2, 26)), "NFLX": (10, date(2025, 11, 17)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dividend:
    """One quarter's; `amount` in USD per share. Who holds the share before `ex_day` gets it on `pay_day`."""

    number: int
    amount: Decimal
    declared: date
    ex_day: date
    pay_day: date


@dataclass(frozen=True, slots=True)
class Results:
    """Earnings per share of a quarter in USD, what was expected, and when they were told, before the open."""

    year: int
    quarter: int
    day: date
    earned: Decimal
    expected: Decimal


@lru_cache(maxsize=512)
def dividends_of(security: Security, *, until: date) -> list[Dividend]:
    """Those that were declared by this day, oldest first; the last ones may still be ahead."""
    years = range(FIRST_YEAR, until.year + 2)
    return [each for year in years for each in dividends_in(security, year) if each.declared <= until]


@lru_cache(maxsize=4096)
def dividends_in(security: Security, year: int) -> tuple[Dividend, ...]:
    """Those whose ex-dividend day lies in the year, or was to; oldest first."""
    yearly = DIVIDENDS.get(security.symbol)
    if yearly is None or year < FIRST_YEAR:
        return ()
    luck = _luck(security, "dividend")
    amount = max(cents(yearly / 4 * YEARLY_RAISE ** (year - YEAR_OF_LISTING)), CENT)
    found = []
    for quarter in range(4):
        ex_day = _trading_day(date(year, 3 * quarter + 1 + luck % 3, 8 + luck // 3 % 12))
        declared, pay_day = _trading_day(ex_day - timedelta(days=21)), _trading_day(ex_day + timedelta(days=18))
        found.append(Dividend(4 * (year - FIRST_YEAR) + quarter, amount, declared, ex_day, pay_day))
    return tuple(found)


def split_of(security: Security, *, until: date) -> tuple[int, date] | None:
    """How many shares each one became, and when; the listing knows one split of a company at most."""
    split = SPLITS.get(security.symbol)
    return split if split and split[1] <= until else None


def results_of(seed: int, security: Security, *, since: date, until: date) -> Iterator[Results]:
    """Quarterly results told from `since` to `until`, oldest first. Only companies have them."""
    if security.type != "CommonStock":
        return
    luck = _luck(security, "results")
    for year in range(since.year - 1, until.year + 1):
        for quarter in range(1, 5):
            ended = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
            day = _trading_day(ended + timedelta(days=18 + luck % 20))
            if since <= day <= until:
                chance = mix(key_of(seed, security.symbol, "results"), year * 4 + quarter)
                expected = rounded(earnings_of(security) / 4 * (90 + chance % 21) / 100, 2)
                surprise = Decimal(chance // 100 % 161 - 60) / 1000  # from -6 to +10 percent
                yield Results(year, quarter, day, cents(expected * (1 + surprise)), expected)


def earnings_of(security: Security) -> Decimal:
    """Of a year, in USD per share at the listed price: it is worth 14 to 40 times as much."""
    return cents(security.price / (14 + _luck(security, "earnings") % 27))


def _luck(security: Security, about: str) -> int:
    return mix(key_of(security.symbol, about), 0)


def _trading_day(day: date) -> date:
    """The day, or the next one on which there is trading."""
    while session_on(day) is None:
        day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class Fundamentals:
    """In USD per share; `dividend` is that of the last quarter, `dividend_yield` in percent. 0 where there is none."""

    earnings: Decimal
    price_to_earnings: Decimal
    dividend: Decimal
    dividend_of_year: Decimal
    dividend_yield: Decimal


def fundamentals_of(security: Security, price: Decimal, *, today: date) -> Fundamentals:
    """What a quote says about the company, at a price."""
    earned = earnings_of(security) if security.type == "CommonStock" else ZERO
    paid = [each.amount for each in dividends_of(security, until=today) if each.ex_day <= today][-4:]
    of_year = sum(paid, ZERO)
    return Fundamentals(
        earnings=earned,
        price_to_earnings=rounded(price / earned, 2) if earned else ZERO,
        dividend=paid[-1] if paid else ZERO,
        dividend_of_year=of_year,
        dividend_yield=rounded(of_year / price * 100, 2),
    )

"""What has to stay in an account because of its positions: margin on stock, and the risk of written options.

Stock long or short carries the account's rate. Options have no loan value: what they are worth is required in full,
and what is written needs besides:
- nothing for a covered call (100 shares each);
- what the two strikes can lose between them, if a bought option of the same kind lives as long or longer;
- a put's strike in cash, in an account below level 4 or without margin;
- else 20 % of the underlying less what it is out of the money, at least 10 % (of a put's strike), and its value.
Source: FINRA rule 4210(f)(2), simplified. Levels: 1 covered calls and cash-secured puts, 2 bought options, 3 spreads,
4 uncovered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.prices import Tape
from sandbox.exchange.securities import Security, security_of

MARGIN_RATES = {"Margin": Decimal("0.5"), "DayTrader": Decimal("0.25")}
SHORT_RATE = Decimal("0.5")
FULLY_PAID = Decimal(1)
UNCOVERED_RATE, LEAST_RATE = Decimal("0.2"), Decimal("0.1")
SPREADS, UNCOVERED = 3, 4


def margin_rate(account: sqlite3.Row) -> Decimal:
    return MARGIN_RATES.get(account["margin_type"], FULLY_PAID)


def may_borrow(account: sqlite3.Row) -> bool:
    """Only margin accounts may owe money or shares."""
    return account["margin_type"] in MARGIN_RATES


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a security at its last price; negative when sold short or written."""

    security: Security
    quantity: Decimal
    last: Decimal

    @property
    def value(self) -> Decimal:
        return cents(self.quantity * self.last * self.security.contract_size)


def line_of(tape: Tape, symbol: str, quantity: Decimal, at_ms: int) -> Line:
    return Line(security_of(symbol), quantity, tape.quote(symbol, at_ms).last)


@dataclass(frozen=True, slots=True)
class Risk:
    """What written options need beyond their value, in USD, and how they are covered (contracts)."""

    exposure: Decimal = ZERO
    spreads: Decimal = ZERO
    uncovered: Decimal = ZERO

    def __add__(self, other: Risk) -> Risk:
        return Risk(self.exposure + other.exposure, self.spreads + other.spreads, self.uncovered + other.uncovered)


@dataclass(frozen=True, slots=True)
class Requirement:
    """The two parts of the maintenance margin, in USD; `exposure` is what written options need beyond their value."""

    stock: Decimal
    option: Decimal
    exposure: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.stock + self.option


def requirement(tape: Tape, account: sqlite3.Row, lines: list[Line], at_ms: int) -> Requirement:
    stock = sum((stock_requirement(account, line.value) for line in lines if not line.security.is_option), ZERO)
    options = [line for line in lines if line.security.is_option]
    if not options:
        return Requirement(stock, ZERO)
    risk = risk_of(tape, account, lines, at_ms)
    return Requirement(stock, sum((line.value for line in options), risk.exposure), risk.exposure)


def stock_requirement(account: sqlite3.Row, value: Decimal) -> Decimal:
    """For stock worth `value` (USD; short positions are negative)."""
    return cents(value * margin_rate(account)) if value >= 0 else cents(-value * SHORT_RATE)


def risk_of(tape: Tape, account: sqlite3.Row, lines: Iterable[Line], at_ms: int) -> Risk:
    """The risk of all written options, underlying by underlying."""
    families: dict[str, list[Line]] = {}
    for line in lines:
        families.setdefault(line.security.underlying or line.security.symbol, []).append(line)
    total = Risk()
    for underlying, family in families.items():
        if any(line.security.is_option and line.quantity < 0 for line in family):
            spot = tape.quote(underlying, at_ms).last
            total += _risk_of_kind(account, "Call", family, spot) + _risk_of_kind(account, "Put", family, spot)
    return total


def _risk_of_kind(account: sqlite3.Row, kind: str, family: list[Line], spot: Decimal) -> Risk:
    """Calls, or puts, of one underlying; the most demanding of the written ones are covered first."""
    of_kind = [line for line in family if line.security.option_type == kind]
    is_call = kind == "Call"
    written = sorted((line for line in of_kind if line.quantity < 0), key=_strike, reverse=not is_call)
    bought = sorted((line for line in of_kind if line.quantity > 0), key=_strike, reverse=not is_call)
    shares = sum((line.quantity for line in family if not line.security.is_option), ZERO)
    covering = max(shares // 100, ZERO) if is_call else ZERO
    free = {line.security.symbol: line.quantity for line in bought}
    total = Risk()
    for line in written:
        left = -line.quantity
        by_shares = min(left, covering)
        left, covering = left - by_shares, covering - by_shares
        for other in bought:
            pairs = min(left, free[other.security.symbol])
            if pairs > 0 and _outlasts(other.security, line.security):
                width = _strike(other) - _strike(line) if is_call else _strike(line) - _strike(other)
                left, free[other.security.symbol] = left - pairs, free[other.security.symbol] - pairs
                total += Risk(exposure=cents(max(width, ZERO) * pairs * line.security.contract_size), spreads=pairs)
        if left > 0:
            total += _uncovered(account, replace(line, quantity=-left), spot)
    return total


def _strike(line: Line) -> Decimal:
    return line.security.strike or ZERO


def _outlasts(one: Security, other: Security) -> bool:
    return one.expiration is not None and other.expiration is not None and one.expiration >= other.expiration


def _uncovered(account: sqlite3.Row, line: Line, spot: Decimal) -> Risk:
    contracts, strike = -line.quantity, _strike(line)
    shares = contracts * line.security.contract_size
    is_call = line.security.option_type == "Call"
    if not is_call and not (may_borrow(account) and account["option_level"] >= UNCOVERED):
        return Risk(exposure=cents(strike * shares))
    out_of_the_money = max(strike - spot if is_call else spot - strike, ZERO)
    least = LEAST_RATE * (spot if is_call else strike)
    per_share = max(UNCOVERED_RATE * spot - out_of_the_money, least) + line.last
    return Risk(exposure=cents(per_share * shares), uncovered=contracts)

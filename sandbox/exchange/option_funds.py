"""What options take from an account: single orders, and the legs of a strategy together.

Open orders that sell count as if they were filled: one share covers one written call only.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.funds import lines_of
from sandbox.exchange.margin import (
    SPREADS,
    UNCOVERED,
    Line,
    Risk,
    line_of,
    may_borrow,
    risk_of,
    stock_requirement,
)
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.orders import Order
from sandbox.exchange.prices import BUYS
from sandbox.exchange.securities import Security, security_of
from sandbox.exchange.tickets import OPENING_SIDES

COVERED, BOUGHT = 1, 2


@dataclass(frozen=True, slots=True)
class Part:
    """What trades of one security, and the price that is assumed for it."""

    security: Security
    side: str
    quantity: Decimal
    price: Decimal

    @property
    def change(self) -> Decimal:
        return self.quantity if self.side in BUYS else -self.quantity

    @property
    def cost(self) -> Decimal:
        """USD to pay; negative when it brings money."""
        return cents(self.change * self.price * self.security.contract_size)


@dataclass(frozen=True, slots=True)
class Effect:
    """What trading some parts needs: money beyond what they bring (USD; negative when something is left), and an
    option level; `uncovers` when more written options would be without cover."""

    claim: Decimal
    level: int
    uncovers: bool

    def is_allowed(self, account: sqlite3.Row) -> bool:
        """Uncovered options need margin besides the level."""
        return bool(account["option_level"] >= self.level) and (may_borrow(account) or not self.uncovers)


def effect_of(
    market: Market, account: sqlite3.Row, parts: list[Part], at_ms: int, *, instead_of: Order | None = None
) -> Effect:
    """The effect of parts that trade together."""
    before = _as_if_filled(market, account["id"], parts, at_ms, instead_of)
    changes = [Line(part.security, part.change, part.price) for part in parts]
    risk_before = _risk(market, account, before, at_ms)
    risk_after = _risk(market, account, [*before, *changes], at_ms)
    options = [part for part in parts if part.security.is_option]
    stock = [part for part in parts if not part.security.is_option and part.side in OPENING_SIDES]
    claim = sum((part.cost for part in options), risk_after.exposure - risk_before.exposure)
    claim += sum((stock_requirement(account, part.cost) for part in stock), ZERO)
    uncovers = risk_after.uncovered > risk_before.uncovered
    level = UNCOVERED if uncovers else _level(options, makes_spread=risk_after.spreads > risk_before.spreads)
    return Effect(claim, level, uncovers)


def _level(options: list[Part], *, makes_spread: bool) -> int:
    sides = {part.side for part in options}
    if makes_spread:
        return SPREADS
    return BOUGHT if "Buy" in sides else COVERED if "SellShort" in sides else 0


def _risk(market: Market, account: sqlite3.Row, lines: list[Line], at_ms: int) -> Risk:
    """The risk of lines of which several may be of one security."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.security.symbol] = sums.get(line.security.symbol, ZERO) + line.quantity
    return risk_of(market.tape, account, [line_of(market.tape, *one, at_ms) for one in sums.items()], at_ms)


def _as_if_filled(
    market: Market, account_id: int, parts: list[Part], at_ms: int, instead_of: Order | None
) -> list[Line]:
    """What is held of the underlyings and their options, and what open orders will sell of them."""
    families = {_family(part.security) for part in parts}
    rows = market.state.rows(
        "SELECT id, symbol, quantity, executed FROM orders WHERE account_id = ? AND side IN ('Sell', 'SellShort')"
        " AND symbol <> '' AND status <> 'Held' AND due_ms IS NOT NULL",
        account_id,
    )
    selling = [
        Line(security_of(row["symbol"]), row["executed"] - row["quantity"], ZERO)
        for row in rows
        if instead_of is None or row["id"] != instead_of.id
    ]
    lines = [*lines_of(market, account_id, at_ms), *selling]
    return [line for line in lines if _family(line.security) in families]


def _family(security: Security) -> str:
    return security.underlying or security.symbol

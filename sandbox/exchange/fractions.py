"""Parts of shares: which securities trade in them, and how fine.

Source: `FractionalSettings` of the vendor (API fact sheet 6.3). Whole shares alone: securities whose ticker has a
point (share classes). Of those in `CLOSE_ONLY` parts can be sold but not bought.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from sandbox.exchange.securities import Security

CLOSE_ONLY = frozenset({"XLF"})
FRACTIONAL_TYPES = ("CommonStock", "ETF")


@dataclass(frozen=True, slots=True)
class Fractions:
    """`allow_trade` is Allowed, Prohibited or CloseOnly; quantities in shares with at most `precision` decimals."""

    allow_trade: str
    min_quantity: Decimal = Decimal("0.001")
    max_quantity: Decimal = Decimal(10_000)
    precision: int = 5

    def allows(self, side: str) -> bool:
        return self.allow_trade == "Allowed" or (self.allow_trade == "CloseOnly" and side == "Sell")

    def fits(self, quantity: Decimal) -> bool:
        """Is a quantity with decimals within the limits and not finer than allowed?"""
        return self.min_quantity <= quantity <= self.max_quantity and self.cut(quantity) == quantity

    def cut(self, quantity: Decimal) -> Decimal:
        """The largest quantity that is fine enough and not above the given one."""
        return quantity.quantize(Decimal(1).scaleb(-self.precision), ROUND_DOWN)


def fractions_of(security: Security) -> Fractions:
    if security.type not in FRACTIONAL_TYPES or "." in security.symbol:
        return Fractions("Prohibited")
    return Fractions("CloseOnly" if security.symbol in CLOSE_ONLY else "Allowed")

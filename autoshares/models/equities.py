"""Stocks and ETFs that can be looked up and traded."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import FractionalTrade, SecurityType
from ..wire import Fields


@dataclass(frozen=True)
class FractionalRule:
    """How a security trades in fractions. `precision` is the number of decimals of a quantity."""

    trade: FractionalTrade
    min_quantity: Decimal | None
    max_quantity: Decimal | None
    precision: int

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            trade=fields.word(FractionalTrade, "AllowTrade"),
            min_quantity=fields.number("MinQty"),
            max_quantity=fields.number("MaxQty"),
            precision=fields.count("Precision") or 0,
        )


@dataclass(frozen=True)
class Equity:
    """`id` is the security id of streams and watchlists; `exchange` is a listing MIC ("XNAS")."""

    id: int
    symbol: str
    description: str
    exchange: str
    currency: str
    type: SecurityType
    tick_size: Decimal | None  # USD
    price_precision: int
    quantity_precision: int
    is_enabled: bool
    allows_trade: bool
    allows_margin: bool
    allows_short: bool
    fractional: FractionalRule | None  # None: whole shares only

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id") or 0,
            symbol=fields.text("Symbol"),
            description=fields.text("Description"),
            exchange=fields.text("Exchange"),
            currency=fields.text("Currency") or "USD",
            type=fields.word(SecurityType, "Type"),
            tick_size=fields.price("TickSize"),
            price_precision=fields.count("Precision") or 2,
            quantity_precision=fields.count("VolumePrecision") or 0,
            is_enabled=fields.flag("Enabled", absent=True),
            allows_trade=fields.flag("AllowTrade", absent=True),
            allows_margin=fields.flag("AllowMargin"),
            allows_short=fields.flag("AllowShort"),
            fractional=fields.row("FractionalSettings", FractionalRule.from_wire),
        )


@dataclass(frozen=True)
class CurrencyRate:
    """What one unit of a currency costs in another."""

    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            bid=fields.price("Bid"),
            ask=fields.price("Ask"),
            last=fields.price("Last"),
            at=fields.moment("Date"),
        )

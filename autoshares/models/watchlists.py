"""Watchlists and the securities on them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import OptionType, SecurityType, WatchlistType
from ..wire import Fields

SYSTEM_MARK = "* "  # in front of the name of a list that the vendor builds


@dataclass(frozen=True)
class WatchedSecurity:
    """A stock or an option; of a stock the last four are empty."""

    id: int
    symbol: str
    description: str
    exchange: str
    currency: str
    type: SecurityType
    tick_size: Decimal | None
    price_precision: int
    contract_size: Decimal
    option_type: OptionType | None
    strike: Decimal | None
    expires_at: datetime | None
    underlying_symbol: str

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        option_type = fields.word(OptionType, "OptionType")
        return cls(
            id=fields.identity("Id") or 0,
            symbol=fields.text("Symbol"),
            description=fields.text("Description"),
            exchange=fields.text("Exchange"),
            currency=fields.text("Currency") or "USD",
            type=fields.word(SecurityType, "Type"),
            tick_size=fields.price("TickSize"),
            price_precision=fields.count("Precision") or 2,
            contract_size=fields.number("ContractSize") or Decimal(1),
            option_type=None if option_type in ("", OptionType.UNDEFINED) else option_type,
            strike=fields.price("StrikePrice"),
            expires_at=fields.moment("ExpirationDate"),
            underlying_symbol=fields.text("UnderlyingSecuritySymbol"),
        )


@dataclass(frozen=True)
class Watchlist:
    """`securities` is None where they were not asked for."""

    id: int
    name: str
    description: str
    type: WatchlistType
    is_read_only: bool
    securities: tuple[WatchedSecurity, ...] | None
    created_at: datetime | None
    modified_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        listed = isinstance(source, dict) and source.get("SecurityList") is not None
        kind = fields.word(WatchlistType, "Type")
        name = fields.text("Name")
        return cls(
            id=fields.identity("Id") or 0,
            name=name.removeprefix(SYSTEM_MARK),
            description=fields.text("Description"),
            type=kind,
            # Lists of the vendor refuse changes even where they do not say so (API.md 5.8).
            is_read_only=fields.flag("ReadOnly") or kind is WatchlistType.SYSTEM_LIST or name.startswith(SYSTEM_MARK),
            securities=fields.rows("SecurityList", WatchedSecurity.from_wire) if listed else None,
            created_at=fields.moment("CreateDate"),
            modified_at=fields.moment("ModifyDate"),
        )

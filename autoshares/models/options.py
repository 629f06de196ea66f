"""Option contracts and chains. They carry no prices: those come with the stream, or a preview."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import ExpirationType, OptionType
from ..wire import Fields


@dataclass(frozen=True)
class Option:
    """One contract. `symbol` is the OSI symbol, its root padded with blanks to six (API.md 6.6)."""

    id: int
    symbol: str
    description: str
    exchange: str
    currency: str
    underlying_symbol: str
    type: OptionType
    strike: Decimal | None
    expires_at: datetime | None  # midnight UTC of the day of expiry
    expiration_type: ExpirationType
    series_id: int | None
    contract_size: Decimal
    tick_size: Decimal | None
    price_precision: int
    is_enabled: bool
    allows_trade: bool

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id") or 0,
            symbol=fields.text("Symbol"),
            description=fields.text("Description"),
            exchange=fields.text("Exchange"),
            currency=fields.text("Currency") or "USD",
            underlying_symbol=fields.text("UnderlyingAssetSymbol"),
            type=fields.word(OptionType, "OptionType"),
            strike=fields.number("StrikePrice"),
            expires_at=fields.moment("ExpirationDate"),
            expiration_type=fields.word(ExpirationType, "ExpirationType"),
            series_id=fields.identity("SeriesId"),
            contract_size=fields.number("ContractSize") or Decimal(100),
            tick_size=fields.price("TickSize"),
            price_precision=fields.count("Precision") or 2,
            is_enabled=fields.flag("Enabled", absent=True),
            allows_trade=fields.flag("AllowTrade", absent=True),
        )


@dataclass(frozen=True)
class ChainExpiration:
    """The contracts of one day of expiry, each once: the vendor repeats some."""

    expires_at: datetime | None
    central_strike: Decimal | None  # next to the price of the underlying
    options: tuple[Option, ...]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        options = {option.symbol: option for option in fields.rows("Options", Option.from_wire)}
        return cls(
            expires_at=fields.moment("Expiration"),
            central_strike=fields.price("CentralStrike"),
            options=tuple(options.values()),
        )


@dataclass(frozen=True)
class OptionChain:
    expirations: tuple[ChainExpiration, ...]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        return cls(Fields(source).rows("Expirations", ChainExpiration.from_wire))


@dataclass(frozen=True)
class OptionExpiration:
    """A series of an underlying."""

    series_id: int | None
    series_type: ExpirationType
    expires_at: datetime | None
    expiration_type: ExpirationType

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            series_id=fields.identity("SeriesId"),
            series_type=fields.word(ExpirationType, "SeriesType"),
            expires_at=fields.moment("ExpirationDate"),
            expiration_type=fields.word(ExpirationType, "ExpirationType"),
        )

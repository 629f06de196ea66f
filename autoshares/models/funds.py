"""Mutual fund orders and initial public offerings."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from ..enums import OrderStatus, QuantityQualifier
from ..wire import Fields


@dataclass(frozen=True)
class Reinvestment:
    """What a fund's payments turn into: more of the fund, or cash."""

    dividends: bool = True
    short_term_gains: bool = True
    long_term_gains: bool = True

    def to_wire(self) -> dict[str, Any]:
        return {
            "ReinvestDividends": self.dividends,
            "ReinvestShortTermGains": self.short_term_gains,
            "ReinvestLongTermGains": self.long_term_gains,
        }


@dataclass(frozen=True, kw_only=True)
class FundPurchase:
    """Usually so many dollars; market and day by nature."""

    symbol: str
    quantity: Decimal
    counted_in: QuantityQualifier = QuantityQualifier.EVEN_DOLLAR
    reinvestment: Reinvestment = Reinvestment()

    def to_wire(self) -> dict[str, Any]:
        quantity = {"Symbol": self.symbol, "Quantity": self.quantity, "QuantityQualifier": self.counted_in}
        return quantity | self.reinvestment.to_wire()


@dataclass(frozen=True, kw_only=True)
class FundSale:
    symbol: str
    quantity: Decimal
    counted_in: QuantityQualifier = QuantityQualifier.SHARES

    def to_wire(self) -> dict[str, Any]:
        return {"Symbol": self.symbol, "Quantity": self.quantity, "QuantityQualifier": self.counted_in}


@dataclass(frozen=True, kw_only=True)
class FundExchange:
    """From one fund into another of the same family."""

    source: str
    target: str
    reinvestment: Reinvestment = Reinvestment()

    def to_wire(self) -> dict[str, Any]:
        return {"SourceSymbol": self.source, "TargetSymbol": self.target} | self.reinvestment.to_wire()


@dataclass(frozen=True)
class FundOrder:
    """It rests until the evening, when the fund's price is known. `id` is 0 if the answer names no order."""

    id: int
    status: OrderStatus
    execution_status: OrderStatus
    description: str
    quantity: Decimal
    executed_quantity: Decimal

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id") or 0,
            status=fields.word(OrderStatus, "Status"),
            execution_status=fields.word(OrderStatus, "ExecutionStatus"),
            description=fields.text("Description"),
            quantity=fields.amount("Quantity"),
            executed_quantity=fields.amount("ExecutedQuantity"),
        )


@dataclass(frozen=True)
class FundPreview:
    is_successful: bool
    error_code: str
    error_text: str
    error_arguments: tuple[str, ...]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            is_successful=fields.flag("IsSuccessful"),
            error_code=fields.text("ErrorDescription"),
            error_text=fields.text("ErrorDescriptionText"),
            error_arguments=fields.texts("ErrorDescriptionArgs"),
        )


@dataclass(frozen=True)
class Offering:
    """An initial public offering as one account may take part in it; prices and ticket sizes in USD."""

    reference: str
    name: str
    symbol: str
    description: str
    type: str
    industry: str
    prospectus_url: str
    brochure_url: str
    underwriters: tuple[str, ...]  # their names, the lead first
    anticipated_shares: str
    min_price: Decimal | None
    max_price: Decimal | None
    min_ticket: Decimal | None
    max_ticket: Decimal | None
    unit_increment: int | None
    trade_date: str
    settlement_date: str
    has_order: bool
    client_order_id: str
    is_followed: bool
    requested_amount: Decimal | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        underwriters = sorted(fields.rows("Underwriter", Fields), key=lambda one: not one.flag("Lead"))
        return cls(
            reference=fields.text("OfferingReference"),
            name=fields.text("Name"),
            symbol=fields.text("TickerSymbol"),
            description=fields.text("Description"),
            type=fields.text("OfferingTypeName"),
            industry=fields.text("Industry"),
            prospectus_url=fields.text("ProspectusUrl"),
            brochure_url=fields.text("BrochureUrl"),
            underwriters=tuple(one.text("ExecutingBrokerName") for one in underwriters),
            anticipated_shares=fields.text("AnticipatedShares"),
            min_price=fields.price("MinPrice"),
            max_price=fields.price("MaxPrice"),
            min_ticket=fields.price("MinTicketSize"),
            max_ticket=fields.price("MaxTicketSize"),
            unit_increment=fields.count("UnitIncrement"),
            trade_date=fields.text("TradeDate"),
            settlement_date=fields.text("SettlementDate"),
            has_order=fields.flag("HasOrder"),
            client_order_id=fields.text("ClientOrderId"),
            is_followed=fields.flag("IsSubscribed"),
            requested_amount=fields.number("RequestedAmount"),
        )

    @property
    def id(self) -> str:
        return self.reference

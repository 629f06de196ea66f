"""What an account holds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import PositionMarginType
from ..wire import Fields


@dataclass(frozen=True)
class Position:
    """One holding. `quantity` is negative for a short one; a row carries no market price, only yesterday's value.

    market value = price * quantity * contract_size. Source: API.md 5.12.
    """

    id: int | None
    account_id: int | None
    security_id: int | None
    symbol: str
    name: str
    security_type: str
    margin_type: PositionMarginType
    currency: str
    quantity: Decimal
    contract_size: Decimal
    average_open_price: Decimal | None
    cost_basis: Decimal | None
    daily_cost_basis: Decimal | None
    market_value_at_close: Decimal | None  # at the end of the previous session
    price_at_close: Decimal | None
    unrealized_profit: Decimal | None  # at the vendor's price of this moment
    realized_profit: Decimal
    realized_profit_today: Decimal
    created_at: datetime | None
    modified_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id"),
            account_id=fields.identity("AccountId"),
            security_id=fields.identity("SecurityId"),
            symbol=fields.text("Symbol"),
            name=fields.text("CompanyName") or fields.text("Name"),
            security_type=fields.text("SecurityType"),
            margin_type=fields.word(PositionMarginType, "MarginType"),
            currency=fields.text("SecurityCurrency") or fields.text("Currency") or "USD",
            quantity=fields.amount("Quantity"),
            contract_size=fields.number("ContractSize") or Decimal(1),
            average_open_price=fields.number("AverageOpenPrice"),
            cost_basis=fields.number("CostBasis"),
            daily_cost_basis=fields.number("DailyCostBasis"),
            market_value_at_close=fields.number("MarketValueEOD"),
            price_at_close=fields.price("EODPrice"),
            unrealized_profit=fields.number("UnrealizedProfitLoss"),
            realized_profit=fields.amount("RealizedProfitLoss"),
            realized_profit_today=fields.amount("DailyCloseProfitLoss"),
            created_at=fields.moment("CreateDate"),
            modified_at=fields.moment("ModifyDate"),
        )


@dataclass(frozen=True)
class Allocation:
    """How much of an account is in a kind of security (Equity, Options, Cash, …) or in one security; USD."""

    name: str
    market_value: Decimal

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(fields.text("Name"), fields.amount("MarketValue"))

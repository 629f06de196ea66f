"""What has happened to an account: trades, fees, payments."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import PositionMarginType, TransactionType
from ..wire import Fields


@dataclass(frozen=True)
class Fee:
    """`value` counts USD, or is a coefficient, as `value_type` says."""

    id: int | None
    commission: str  # "Per Trade Commission"
    value: Decimal | None
    value_type: str
    seizure: str  # when it is taken

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id"),
            commission=fields.text("CommissionId"),
            value=fields.number("Value"),
            value_type=fields.text("ValueType"),
            seizure=fields.text("Seizure"),
        )


@dataclass(frozen=True)
class Transaction:
    """`value` is the effect on cash in USD, negative when money went out. A payment has no security."""

    id: int | None
    account_id: int | None
    order_id: int | None
    security_id: int | None
    symbol: str
    type: TransactionType
    description: str
    code: str
    at: datetime | None
    settles_at: datetime | None
    quantity: Decimal
    price: Decimal | None
    value: Decimal | None
    fee: Fee | None
    is_day_trade: bool
    margin_type: PositionMarginType

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id"),
            account_id=fields.identity("AccountId"),
            order_id=fields.identity("OrderId"),
            security_id=fields.identity("SecurityId"),
            symbol=fields.text("Symbol"),
            type=fields.word(TransactionType, "Type"),
            description=fields.text("Description"),
            code=fields.text("Code"),
            at=fields.moment("Date"),
            settles_at=fields.moment("SettlementDate"),
            quantity=fields.amount("Quantity"),
            price=fields.price("Price"),
            value=fields.number("Value"),
            fee=fields.row("Fee", Fee.from_wire),
            is_day_trade=fields.flag("IsDayTrade"),
            margin_type=fields.word(PositionMarginType, "MarginType"),
        )


@dataclass(frozen=True)
class ConsolidatedTransaction:
    """A row over several accounts, in a shape of its own: named by account number, amounts in its currency."""

    account_number: str
    type: str
    symbol: str
    security_name: str
    description: str
    at: datetime | None
    settles_at: datetime | None
    quantity: Decimal
    price: Decimal | None
    net_amount: Decimal | None
    fees: Decimal
    commissions: Decimal
    margin_type: PositionMarginType
    buy_sell_code: str
    currency: str

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            account_number=fields.text("AccountNumber"),
            type=fields.text("ActivityType"),
            symbol=fields.text("Symbol"),
            security_name=fields.text("SecurityName"),
            description=fields.text("Description") or fields.text("BatchEntryDescription"),
            at=fields.moment("Date"),
            settles_at=fields.moment("SettlementDate"),
            quantity=fields.amount("Quantity"),
            price=fields.price("Price"),
            net_amount=fields.number("NetAmount"),
            fees=fields.amount("Fees"),
            commissions=fields.amount("Commissions"),
            margin_type=fields.word(PositionMarginType, "MarginType"),
            buy_sell_code=fields.text("BuySellCode"),
            currency=fields.text("CurrencyCode") or "USD",
        )

    @property
    def id(self) -> None:
        """The vendor gives these rows none, so one that comes twice cannot be told."""
        return None

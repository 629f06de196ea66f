"""Orders as AutoShares knows them, their history, and what it says about one before it is placed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import (
    ExecutionInstruction,
    OptionType,
    OrderStatus,
    OrderTarget,
    OrderType,
    RequestStatus,
    Session,
    Side,
    TimeInForce,
)
from ..wire import Fields
from .drafts import Trail
from .quotes import Quote


@dataclass(frozen=True)
class Order:
    """An order as AutoShares knows it. `status` is the one to show; quantities in shares, prices in USD.

    `id` is 0 if the row names none; `average_price` and `last_price` are None until something is filled.
    """

    id: int
    account_id: int | None
    security_id: int | None
    symbol: str
    client_id: str
    original_client_id: str  # before a replace
    comment: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    status: OrderStatus
    execution_status: OrderStatus
    request_status: RequestStatus
    executed_quantity: Decimal
    leaves_quantity: Decimal  # open rest; 0 while PendingNew
    average_price: Decimal | None
    last_price: Decimal | None
    last_quantity: Decimal
    description: str
    error_text: str
    exchange: str
    execution_venue: str
    parent_id: int | None
    legs: "tuple[Order, ...]"
    created_at: datetime | None
    updated_at: datetime | None
    executed_at: datetime | None
    expires_at: datetime | None
    initial_type: OrderType  # a stop that has been triggered changes its type
    target: OrderTarget  # what the latest request was
    trail: Trail | None
    limit_offset: Trail | None  # of a trailing stop limit, from the triggered stop
    session: Session  # an empty word: the regular one
    instruction: ExecutionInstruction
    security_type: str
    underlying_symbol: str  # options only, as the next two
    underlying_strike: Decimal | None
    underlying_option_type: OptionType

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id") or 0,
            account_id=fields.identity("AccountId"),
            security_id=fields.identity("SecurityId"),
            symbol=fields.text("Symbol"),
            client_id=fields.text("ClientId"),
            original_client_id=fields.text("OrigClientId"),
            comment=fields.text("Comment"),
            side=fields.word(Side, "Side"),
            type=fields.word(OrderType, "Type"),
            time_in_force=fields.word(TimeInForce, "TimeInForce"),
            quantity=fields.amount("Quantity"),
            limit_price=fields.price("Price"),
            stop_price=fields.price("StopPrice"),
            status=fields.word(OrderStatus, "Status"),
            execution_status=fields.word(OrderStatus, "ExecutionStatus"),
            request_status=fields.word(RequestStatus, "RequestStatus"),
            executed_quantity=fields.amount("ExecutedQuantity"),
            leaves_quantity=fields.amount("LeavesQuantity"),
            average_price=fields.price("AveragePrice"),
            last_price=fields.price("LastPrice"),
            last_quantity=fields.amount("LastQuantity"),
            description=fields.text("Description"),
            error_text=fields.text("ErrorDescriptionText"),
            exchange=fields.text("Exchange"),
            execution_venue=fields.text("ExecutionVenue"),
            parent_id=fields.identity("ParentId"),
            legs=fields.rows("Legs", cls.from_wire),
            created_at=fields.moment("CreateDate"),
            updated_at=fields.moment("Date"),
            executed_at=fields.moment("TransactionDate"),
            expires_at=fields.moment("ExpireDate"),
            initial_type=fields.word(OrderType, "InitialType"),
            target=fields.word(OrderTarget, "Target"),
            trail=Trail.from_wire(source, "TrailingStop"),
            limit_offset=Trail.from_wire(source, "TrailingLimit"),
            session=fields.word(Session, "ExtendedHours"),
            instruction=fields.word(ExecutionInstruction, "ExecInst"),
            security_type=fields.text("SecurityType"),
            underlying_symbol=fields.text("UnderlyingSymbol"),
            underlying_strike=fields.price("UnderlyingStrike"),
            underlying_option_type=fields.word(OptionType, "UnderlyingOptionType"),
        )

    @property
    def reason(self) -> str:
        """Why it was rejected or ended, in the vendor's words; may be empty."""
        return self.error_text or self.description

    @property
    def is_cash_amount(self) -> bool:
        """Its quantity counts dollars."""
        return self.instruction == ExecutionInstruction.CASH_AMOUNT

    @property
    def is_all_or_none(self) -> bool:
        return self.instruction == ExecutionInstruction.ALL_OR_NONE

    def carries(self, client_id: str) -> bool:
        """True if this is the order sent under `client_id`. Never match by symbol, side and quantity instead."""
        return bool(client_id) and client_id in {self.client_id, self.original_client_id, self.comment}


@dataclass(frozen=True)
class OrderEvent:
    """One row of an order's history: a request, or an execution."""

    order_id: int | None
    is_request: bool
    target: str  # New, Modify, Cancel, Execution, ...
    status: OrderStatus
    request_status: RequestStatus
    client_id: str
    quantity: Decimal
    limit_price: Decimal | None
    executed_quantity: Decimal
    leaves_quantity: Decimal
    last_quantity: Decimal
    last_price: Decimal | None
    average_price: Decimal | None
    description: str
    at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            order_id=fields.identity("Id"),
            is_request=fields.flag("IsRequest"),
            target=fields.text("ExecutionTarget"),
            status=fields.word(OrderStatus, "Status"),
            request_status=fields.word(RequestStatus, "RequestStatus"),
            client_id=fields.text("ClientId"),
            quantity=fields.amount("Quantity"),
            limit_price=fields.price("Price"),
            executed_quantity=fields.amount("ExecutedQuantity"),
            leaves_quantity=fields.amount("LeavesQuantity"),
            last_quantity=fields.amount("LastQuantity"),
            last_price=fields.price("LastPrice"),
            average_price=fields.price("AveragePrice"),
            description=fields.text("RejectReason") or fields.text("OrderStatusDescription"),
            at=fields.moment("TransactionDate") or fields.moment("Date") or fields.moment("CreateDate"),
        )


@dataclass(frozen=True)
class OrderPreview:
    """What an order would cost, and whether AutoShares would take it. HTTP says 200 either way.

    `order_id` is the one that would be replaced, or was verified again; None for a new one.
    `cost` is the value without fees, `net_cost` with them. The vendor's TotalCost is inconsistent and left out (C55).
    """

    is_successful: bool
    error_code: str
    error_text: str
    error_arguments: tuple[str, ...]
    cost: Decimal
    commission: Decimal
    net_cost: Decimal
    margin_change: Decimal | None
    commissions: dict[str, Decimal]  # by the vendor's name: {"Per Trade Commission": Decimal("3.75")}
    quotes: tuple[Quote, ...]
    order_id: int | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            is_successful=fields.flag("IsSuccessful"),
            error_code=fields.text("ErrorDescription"),
            error_text=fields.text("ErrorDescriptionText"),
            error_arguments=fields.texts("ErrorDescriptionArgs"),
            cost=fields.amount("Cost"),
            commission=fields.amount("Commission"),
            net_cost=fields.amount("NetCost"),
            margin_change=fields.number("MarginChange"),
            commissions=fields.numbers("Commissions"),
            quotes=fields.rows("Quotes", Quote.from_wire),
            order_id=fields.identity("OrderId"),
        )

    def quote_of(self, symbol: str) -> Quote | None:
        return next((quote for quote in self.quotes if quote.symbol == symbol), None)


@dataclass(frozen=True)
class OrderLimits:
    """How much of a symbol the account can buy or sell at most, at which price."""

    account_id: int | None
    symbol: str
    buy_price: Decimal | None
    sell_price: Decimal | None
    buy_limit: Decimal
    sell_limit: Decimal

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            account_id=fields.identity("AccountId"),
            symbol=fields.text("Symbol"),
            buy_price=fields.price("BuyPrice"),
            sell_price=fields.price("SellPrice"),
            buy_limit=fields.amount("BuyLimit"),
            sell_limit=fields.amount("SellLimit"),
        )

"""Orders: the draft that goes out, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import (
    ExecutionInstruction,
    OrderStatus,
    OrderType,
    RequestStatus,
    Session,
    Side,
    TimeInForce,
    TrailKind,
)
from ..wire import Fields
from .quotes import Quote


@dataclass(frozen=True)
class Trail:
    """A distance from a price, in dollars or in percent (3 is 3 %)."""

    kind: TrailKind
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """An order to be previewed or placed. It checks nothing: the ticket's form does, and AutoShares has the last word.

    `client_id` and `comment` both carry our own id, since the vendor does not promise to echo either (API.md C59).
    The head of a conditional order has `legs`, which are whole orders, and neither symbol, side nor quantity: see
    `bracket`.
    """

    type: OrderType
    symbol: str = ""
    side: Side | None = None
    quantity: Decimal | None = None  # shares
    cash_amount: Decimal | None = None  # USD, instead of a quantity
    time_in_force: TimeInForce | None = TimeInForce.DAY
    expires_at: datetime | None = None
    limit_price: Decimal | None = None  # USD per share
    stop_price: Decimal | None = None
    trail: Trail | None = None
    limit_offset: Trail | None = None
    session: Session | None = None
    all_or_none: bool = False
    legs: "tuple[OrderDraft, ...]" = ()
    client_id: str = ""
    comment: str = ""
    exchange: str = "Auto"  # the route; Auto finds the best venue

    @classmethod
    def bracket(
        cls, entry: "OrderDraft", take_profit: "OrderDraft", stop_loss: "OrderDraft", *, client_id: str = ""
    ) -> Self:
        """An entry and, once it is filled, a take-profit and a stop-loss of which one cancels the other (API.md 6.4).

        All three name the same symbol and quantity; the entry is no market order. GoodTillCancel is advised.
        """
        return cls(
            type=OrderType.ONE_TRIGGERS_ONE_CANCELS_OTHER,
            time_in_force=entry.time_in_force,
            client_id=client_id,
            comment=client_id,
            legs=(entry, take_profit, stop_loss),
        )

    def to_wire(self) -> dict[str, Any]:
        """The vendor's CreateOrderResource; what is not set is left out. `TimeInforce` is spelled like that here."""
        is_head = bool(self.legs)
        members = {
            "Symbol": self.symbol,
            "Type": self.type,
            "Side": self.side,
            "Quantity": self.quantity if self.cash_amount is None else self.cash_amount,
            "Price": self.limit_price if self.cash_amount is None else self.cash_amount,
            "StopPrice": self.stop_price,
            "TrailingStopAmountType": self.trail and self.trail.kind,
            "TrailingStopAmount": self.trail and self.trail.value,
            "TrailingLimitAmountType": self.limit_offset and self.limit_offset.kind,
            "TrailingLimitAmount": self.limit_offset and self.limit_offset.value,
            "TimeInforce": None if is_head else self.time_in_force,
            "ExpireDate": self.expires_at,
            "ExtendedHours": self.session,
            "ExecInst": self._instruction(),
            "Exchange": None if is_head else self.exchange,
            "ClientId": self.client_id or None,
            "Comment": self.comment or None,
            "Legs": [leg.to_wire() for leg in self.legs] or None,
        }
        return {name: value for name, value in members.items() if value is not None}

    def _instruction(self) -> ExecutionInstruction | None:
        if self.cash_amount is not None:
            return ExecutionInstruction.CASH_AMOUNT
        return ExecutionInstruction.ALL_OR_NONE if self.all_or_none else None


@dataclass(frozen=True, kw_only=True)
class OrderChange:
    """A working order as it shall be afterwards, completely (API.md C57); `quantity` is the new total, in shares."""

    order_id: int
    type: OrderType
    quantity: Decimal
    time_in_force: TimeInForce
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Trail | None = None
    limit_offset: Trail | None = None
    expires_at: datetime | None = None
    session: Session | None = None
    client_id: str = ""
    comment: str = ""

    def to_wire(self) -> dict[str, Any]:
        """The vendor's ModifyOrderResource; what is not set is left out."""
        members = {
            "Id": self.order_id,
            "Type": self.type,
            "Quantity": self.quantity,
            "Price": self.limit_price,
            "StopPrice": self.stop_price,
            "TrailingStopAmountType": self.trail and self.trail.kind,
            "TrailingStopAmount": self.trail and self.trail.value,
            "TrailingLimitAmountType": self.limit_offset and self.limit_offset.kind,
            "TrailingLimitAmount": self.limit_offset and self.limit_offset.value,
            "TimeInForce": self.time_in_force,
            "ExpireDate": self.expires_at,
            "ExtendedHours": self.session,
            "ClientId": self.client_id or None,
            "Comment": self.comment or None,
        }
        return {name: value for name, value in members.items() if value is not None}


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
    trail: Trail | None
    limit_offset: Trail | None
    session: Session
    instruction: ExecutionInstruction
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
            trail=_trail(fields, "TrailingStopAmountType", "TrailingStopAmount"),
            limit_offset=_trail(fields, "TrailingLimitAmountType", "TrailingLimitAmount"),
            session=fields.word(Session, "ExtendedHours"),
            instruction=fields.word(ExecutionInstruction, "ExecInst"),
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


def _trail(fields: Fields, kind: str, value: str) -> Trail | None:
    amount = fields.number(value)
    return Trail(fields.word(TrailKind, kind), amount) if amount else None


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

"""What goes out: an order to be placed, the change of an open one. Source: API.md 5.10.1, 5.10.2 and chapter 6."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from ..enums import ExecutionInstruction, OrderType, Session, Side, TimeInForce, TrailKind
from ..wire import Fields, given

if TYPE_CHECKING:
    from .orders import Order


@dataclass(frozen=True)
class Trail:
    """A distance from a price, in dollars or in percent (3 is 3 %)."""

    kind: TrailKind
    value: Decimal

    @classmethod
    def from_wire(cls, source: Any, name: str) -> Self | None:
        """The distance under `name` ("TrailingStop", "TrailingLimit"); None where the amount is nought."""
        fields = Fields(source)
        value = fields.price(f"{name}Amount")
        return None if value is None else cls(fields.word(TrailKind, f"{name}AmountType"), value)


def _trails(stop: Trail | None, limit: Trail | None) -> dict[str, Any]:
    return {
        "TrailingStopAmountType": stop and stop.kind,
        "TrailingStopAmount": stop and stop.value,
        "TrailingLimitAmountType": limit and limit.kind,
        "TrailingLimitAmount": limit and limit.value,
    }


_CONDITIONAL = frozenset(
    {
        OrderType.ONE_CANCELS_OTHER,
        OrderType.ONE_TRIGGERS_OTHER,
        OrderType.ONE_TRIGGERS_ONE_CANCELS_OTHER,
    }
)


@dataclass(frozen=True)
class StrategyLeg:
    """One part of an option strategy; its price and life are those of the head."""

    symbol: str  # of an option, or the ticker of a stock
    side: Side
    quantity: Decimal = Decimal(1)  # per unit of the head

    def to_wire(self) -> dict[str, Any]:
        return {"Symbol": self.symbol, "Side": self.side, "Quantity": self.quantity}


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """An order to be previewed or placed. It checks nothing: the ticket's form does, and AutoShares has the last word.

    `client_id` and `comment` both carry our own id, since the vendor does not promise to echo either (API.md C59).

    The head of a conditional order (one cancels other, one triggers other, one triggers one cancels other) has no
    symbol, side or quantity, and whole drafts for `legs`. The head of an option strategy has no symbol and no side;
    its quantity counts units, its `limit_price` is the net price of one, and its legs are `StrategyLeg`s.
    """

    type: OrderType
    symbol: str = ""
    side: Side | None = None
    quantity: Decimal | None = None  # shares, contracts or units
    cash_amount: Decimal | None = None  # USD to spend, instead of a quantity; market orders only (API.md C29)
    time_in_force: TimeInForce | None = TimeInForce.DAY
    limit_price: Decimal | None = None  # USD per share
    stop_price: Decimal | None = None  # USD per share
    trail: Trail | None = None  # of a trailing stop, from the best price since entry
    limit_offset: Trail | None = None  # of a trailing stop limit, from the triggered stop
    expires_at: datetime | None = None  # for good till date
    session: Session | None = None  # None: the regular one
    all_or_none: bool = False
    client_id: str = ""
    comment: str = ""
    exchange: str = "Auto"  # the route; Auto finds the best venue
    legs: "tuple[OrderDraft | StrategyLeg, ...]" = ()

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
        is_conditional = self.type in _CONDITIONAL  # then the legs say how long they live, and where
        return given(
            {
                "Symbol": self.symbol,
                "Type": self.type,
                "Side": self.side,
                "Quantity": self.quantity if self.cash_amount is None else self.cash_amount,
                "Price": self.limit_price if self.cash_amount is None else self.cash_amount,
                "TimeInforce": None if is_conditional else self.time_in_force,
                "Exchange": None if is_conditional else self.exchange,
                "ClientId": self.client_id or None,
                "Comment": self.comment or None,
                "StopPrice": self.stop_price,
                **_trails(self.trail, self.limit_offset),
                "ExpireDate": self.expires_at,
                "ExtendedHours": self.session,
                "ExecInst": self._instruction,
                "Legs": [leg.to_wire() for leg in self.legs] or None,
            }
        )

    @property
    def _instruction(self) -> ExecutionInstruction | None:
        if self.cash_amount is not None:
            return ExecutionInstruction.CASH_AMOUNT
        return ExecutionInstruction.ALL_OR_NONE if self.all_or_none else None


@dataclass(frozen=True, kw_only=True)
class OrderChange:
    """An open order as it shall be afterwards: the whole of it, not the difference (API.md C57).

    Symbol, side, route and instruction cannot change. `quantity` is the new total, what is filled included. A
    conditional order or a strategy has a change for each of its `legs`.
    """

    order_id: int
    type: OrderType
    quantity: Decimal | None = None
    time_in_force: TimeInForce | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Trail | None = None
    limit_offset: Trail | None = None
    expires_at: datetime | None = None
    session: Session | None = None
    client_id: str = ""
    comment: str = ""
    legs: "tuple[OrderChange, ...]" = ()

    @classmethod
    def of(cls, order: "Order") -> Self:
        """`order` as it is; `dataclasses.replace` makes the change."""
        return cls(
            order_id=order.id,
            type=order.type,
            quantity=order.quantity,
            time_in_force=order.time_in_force or None,
            limit_price=order.limit_price,
            stop_price=order.stop_price,
            trail=order.trail,
            limit_offset=order.limit_offset,
            expires_at=order.expires_at if order.time_in_force is TimeInForce.GOOD_TILL_DATE else None,
            session=order.session or None,
            legs=tuple(cls.of(leg) for leg in order.legs),
        )

    def to_wire(self) -> dict[str, Any]:
        """The vendor's ModifyOrderResource; what is not set is left out. `TimeInForce` is spelled like that here."""
        return given(
            {
                "Id": self.order_id,
                "Type": self.type,
                "Quantity": self.quantity,
                "Price": self.limit_price,
                "StopPrice": self.stop_price,
                **_trails(self.trail, self.limit_offset),
                "TimeInForce": self.time_in_force,
                "ExpireDate": self.expires_at,
                "ExtendedHours": self.session,
                "ClientId": self.client_id or None,
                "Comment": self.comment or None,
                "Legs": [leg.to_wire() for leg in self.legs] or None,
            }
        )

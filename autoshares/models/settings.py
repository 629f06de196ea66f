"""The ticket's defaults that AutoShares keeps for a user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ..wire import Fields, given

_CONFIRMATIONS = {
    "order": "SkipVerifyOrder",
    "cancel": "SkipVerifyCancelOrder",
    "close": "SkipVerifyClosingPosition",
    "replace": "SkipVerifyOrderReplace",
    "order_result": "SkipPlaceOrderStatus",
    "cancel_result": "SkipCancelOrderStatus",
    "close_result": "SkipClosingPositionStatus",
    "replace_result": "SkipOrderReplaceStatus",
}


@dataclass(frozen=True, kw_only=True)
class TicketDefaults:
    """How an empty ticket looks. Words are the vendor's and open: Market, Day, Auto."""

    order_type: str = "Market"
    quantity: int | None = None
    time_in_force: str = "Day"
    exchange: str = "Auto"
    session: str = ""
    all_or_none: bool = False
    spreads: int | None = None  # options only

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            order_type=fields.text("OrderType"),
            quantity=fields.count("Quantity"),
            time_in_force=fields.text("DurationType"),
            exchange=fields.text("ExchangeType"),
            session=fields.text("ExtendedHoursType"),
            all_or_none=fields.flag("AON"),
            spreads=fields.count("Spreads"),
        )

    def to_wire(self) -> dict[str, Any]:
        return given(
            {
                "OrderType": self.order_type,
                "Quantity": self.quantity,
                "DurationType": self.time_in_force,
                "ExchangeType": self.exchange,
                "ExtendedHoursType": self.session,
                "AON": self.all_or_none,
                "Spreads": self.spreads,
            }
        )


@dataclass(frozen=True, kw_only=True)
class TradingSettings:
    """Saved as a whole: change what was read with `dataclasses.replace`, or the rest is lost.

    `confirmations` says Show, DoNotShow or ShowIfAnError for order, cancel, close, replace and their results.
    """

    quantity_step: int | None = None
    price_step: int | None = None
    keeps_ticket_open: bool = False
    confirmations: Mapping[str, str] = field(default_factory=dict)
    max_stock_quantity: int | None = None
    max_option_quantity: int | None = None
    stocks: TicketDefaults | None = None
    options: TicketDefaults | None = None
    forex: TicketDefaults | None = None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        instruments = Fields(fields.mapping("Instruments"))
        return cls(
            quantity_step=fields.count("QuantityStepIncrementMultiplier"),
            price_step=fields.count("PriceStepIncrementMultiplier"),
            keeps_ticket_open=fields.flag("DoNotCloseTradePopupOnOrderPlacement"),
            confirmations={name: word for name, wire in _CONFIRMATIONS.items() if (word := fields.text(wire))},
            max_stock_quantity=fields.count("MaxStocksQuantity"),
            max_option_quantity=fields.count("MaxOptionsQuantity"),
            stocks=instruments.row("Stocks", TicketDefaults.from_wire),
            options=instruments.row("Options", TicketDefaults.from_wire),
            forex=instruments.row("Forex", TicketDefaults.from_wire),
        )

    def to_wire(self) -> dict[str, Any]:
        instruments = {"Stocks": self.stocks, "Options": self.options, "Forex": self.forex}
        return given(
            {
                "QuantityStepIncrementMultiplier": self.quantity_step,
                "PriceStepIncrementMultiplier": self.price_step,
                "DoNotCloseTradePopupOnOrderPlacement": self.keeps_ticket_open,
                **{_CONFIRMATIONS[name]: word for name, word in self.confirmations.items()},
                "MaxStocksQuantity": self.max_stock_quantity,
                "MaxOptionsQuantity": self.max_option_quantity,
                "Instruments": {name: kind.to_wire() for name, kind in instruments.items() if kind},
            }
        )

"""What a client asks for, names and numbers already understood."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.orders import CASH_AMOUNT, CONDITIONAL_TYPES, Order
from sandbox.exchange.prices import BUYS
from sandbox.exchange.trailing import Trail

SHORT_FORMS = {"": "Day", "GTC": "GoodTillCancel", "IOC": "ImmediateOrCancel", "FOK": "FillOrKill"}
AUCTIONS = ("AtTheOpening", "AtTheClose")
AT_ONCE = ("ImmediateOrCancel", "FillOrKill")
DATED = ("GoodTillDate", "GoodTillTime")  # until ExpireDate
OPENING_SIDES = ("Buy", "SellShort")


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order to be. `quantity` is positive: shares, contracts, strategies, or USD of a cash amount order.

    `stop_price`, `trail_*`: of stop and trailing orders; trail types are "Absolute" (USD) or "Persentage", as the
    vendor spells it. `expire_ms`: where DATED. The head of a conditional order has no side and no quantity.
    """

    symbol: str | None
    side: str
    type: str
    quantity: Decimal
    price: Decimal | None = None
    tif: str = "Day"
    exchange: str = "Auto"
    client_id: str | None = None
    comment: str | None = None
    extended_hours: str | None = None
    exec_inst: str | None = None
    stop_price: Decimal | None = None
    trail_type: str = "Absolute"
    trail_amount: Decimal | None = None
    trail_limit_type: str = "Absolute"
    trail_limit_amount: Decimal | None = None
    expire_ms: int | None = None
    legs: tuple[Ticket, ...] = ()

    @property
    def is_conditional(self) -> bool:
        return self.type in CONDITIONAL_TYPES

    @property
    def is_strategy(self) -> bool:
        return bool(self.legs) and not self.is_conditional

    @property
    def is_buy(self) -> bool:
        return self.side in BUYS

    @property
    def is_cash_amount(self) -> bool:
        return self.exec_inst == CASH_AMOUNT

    @property
    def scripted_quantity(self) -> Decimal | None:
        """None for an amount of money, which has no script."""
        return None if self.is_cash_amount else self.quantity

    @property
    def hours(self) -> str:
        """The canonical name of its hours; an unknown one as it is."""
        name = (self.extended_hours or "REG").strip().upper() or "REG"
        return "PREREG" if name == "REGPRE" else name

    @property
    def trail(self) -> Trail:
        return Trail(not self.is_buy, self.trail_amount or Decimal(0), self.trail_type != "Absolute")


def ticket_of(order: Order) -> Ticket:
    """The ticket that an order would be entered with as it stands; of a strategy or conditional order without legs."""
    return Ticket(
        symbol=order.symbol, side=order.side, type=order.type,
        quantity=order.price if order.is_cash_amount else order.quantity, price=order.price,
        tif=order.tif, exchange=order.exchange, client_id=order.sent_client_id, comment=order.comment,
        extended_hours=order.extended_hours, exec_inst=order.exec_inst, stop_price=order.stop_price,
        trail_type=order.trail_type, trail_amount=order.trail_amount, trail_limit_type=order.trail_limit_type,
        trail_limit_amount=order.trail_limit_amount, expire_ms=order.expire_ms,
    )  # fmt: skip

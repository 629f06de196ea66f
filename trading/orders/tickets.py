"""What the investor asks for: one order, or orders that belong together, as read from the ticket."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from autoshares.wire import encode_json
from trading.orders.models import Order

CLOSING_SIDE = {Order.Side.BUY: Order.Side.SELL, Order.Side.SHORT: Order.Side.COVER}
OPPOSITE_SIDE = {Order.Side.SELL: Order.Side.SHORT, Order.Side.COVER: Order.Side.BUY}
_MONEY = ("quantity", "cash_amount", "limit_price", "stop_price")
_TRAILS = ("trail", "limit_offset")


@dataclass(frozen=True)
class Trail:
    """A distance from a price: `kind` is a value of `Order.TrailKind`, `value` in USD or in percent (3 is 3 %)."""

    kind: str
    value: Decimal

    @property
    def is_percent(self) -> bool:
        return self.kind == Order.TrailKind.PERCENT

    def at(self, price: Decimal) -> Decimal:
        """USD that the distance is, seen from `price`."""
        return price * self.value / 100 if self.is_percent else self.value


@dataclass(frozen=True)
class Ticket:
    """One order: `quantity` in shares (None: `cash_amount` in USD instead), prices in USD per share.

    `side`, `type`, `time_in_force` and `session` are values of the choices in `Order`. A trailing stop follows the
    best price at the distance `trail`; `limit_offset` is how much worse than the triggered stop its limit may be.

    Orders that belong together (one cancels the other, one triggers the other, bracket) are a head whose `legs` are
    complete orders; symbol, side and quantity of the head repeat its first leg's, for whoever lists it.
    """

    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Trail | None = None
    limit_offset: Trail | None = None
    expires_on: date | None = None
    session: str = Order.Session.REGULAR
    all_or_none: bool = False
    cash_amount: Decimal | None = None
    legs: tuple["Ticket", ...] = ()

    @classmethod
    def of_legs(cls, type: str, *legs: "Ticket") -> "Ticket":
        """The head of orders that belong together. `type` is one of `Order.GROUPS`."""
        first = legs[0]
        return cls(
            symbol=first.symbol,
            side=first.side,
            type=type,
            time_in_force=first.time_in_force,
            quantity=first.quantity,
            legs=legs,
        )

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Ticket":
        """The ticket that `payload()` was made of."""
        values = dict(payload)
        for name in _MONEY:
            values[name] = Decimal(values[name]) if values.get(name) is not None else None
        for name in _TRAILS:
            values[name] = Trail(values[name][0], Decimal(values[name][1])) if values.get(name) else None
        values["expires_on"] = date.fromisoformat(values["expires_on"]) if values.get("expires_on") else None
        values["legs"] = tuple(cls.from_payload(leg) for leg in values.get("legs", ()))
        return cls(**values)

    @property
    def is_buy(self) -> bool:
        """It pays for shares, to own them or to give them back."""
        return self.side in {Order.Side.BUY, Order.Side.COVER}

    @property
    def is_opening(self) -> bool:
        """By its side it, or an order in it, opens or adds to a position; a sale or a cover closes one."""
        return any(order.side in CLOSING_SIDE for order in self.orders)

    @property
    def is_reversal(self) -> bool:
        """It closes a position, and then opens the opposite one."""
        return self.type == Order.Type.OTO and self.lead.side in OPPOSITE_SIDE

    @property
    def is_group(self) -> bool:
        return bool(self.legs)

    @property
    def orders(self) -> tuple["Ticket", ...]:
        """The single orders in it: its legs, or itself."""
        return self.legs or (self,)

    @property
    def lead(self) -> "Ticket":
        """What counts for cost and limits: the order itself, the entry, or the first of two exits."""
        return self.orders[0]

    def payload(self) -> dict[str, Any]:
        """The ticket as JSON, decimals as text without needless zeros: the same order gives the same text."""
        plain: dict[str, Any] = {
            "symbol": self.symbol,
            "side": str(self.side),
            "type": str(self.type),
            "time_in_force": str(self.time_in_force),
        }
        for name in _MONEY:
            if (number := getattr(self, name)) is not None:
                plain[name] = plain_number(number)
        for name in _TRAILS:
            if (trail := getattr(self, name)) is not None:
                plain[name] = [str(trail.kind), plain_number(trail.value)]
        if self.expires_on is not None:
            plain["expires_on"] = self.expires_on.isoformat()
        if self.session != Order.Session.REGULAR:
            plain["session"] = str(self.session)
        if self.all_or_none:
            plain["all_or_none"] = True
        if self.legs:
            plain["legs"] = [leg.payload() for leg in self.legs]
        return plain

    def order_values(self) -> dict[str, Any]:
        """The columns of `Order` that this ticket fills."""
        return {
            "symbol": self.symbol,
            "side": self.side,
            "type": self.type,
            "time_in_force": self.time_in_force,
            "quantity": self.quantity,
            "cash_amount": self.cash_amount,
            "limit_price": self.limit_price,
            "stop_price": self.stop_price,
            "trail_kind": self.trail.kind if self.trail else "",
            "trail_value": self.trail.value if self.trail else None,
            "limit_offset_kind": self.limit_offset.kind if self.limit_offset else "",
            "limit_offset_value": self.limit_offset.value if self.limit_offset else None,
            "expires_on": self.expires_on,
            "session": self.session,
            "all_or_none": self.all_or_none,
        }

    @classmethod
    def of_order(cls, order: Order) -> "Ticket":
        """The ticket that `order` stands for, legs included. A query for the legs of a head."""
        trail = Trail(order.trail_kind, order.trail_value) if order.trail_value is not None else None
        offset = None
        if order.limit_offset_value is not None:
            offset = Trail(order.limit_offset_kind, order.limit_offset_value)
        ticket = cls(
            symbol=order.symbol,
            side=order.side,
            type=order.type,
            time_in_force=order.time_in_force,
            quantity=None if order.cash_amount is not None else order.quantity,
            limit_price=order.limit_price,
            stop_price=order.stop_price,
            trail=trail,
            limit_offset=offset,
            expires_on=order.expires_on,
            session=order.session,
            all_or_none=order.all_or_none,
            cash_amount=order.cash_amount,
        )
        if not order.is_group:
            return ticket
        return replace(ticket, legs=tuple(cls.of_order(leg) for leg in order.ordered_legs))


def leg_client_id(head: UUID, place: int) -> UUID:
    """Our id of the leg at `place` (from 0) of the head with our id `head`: the same wherever it is reckoned."""
    return uuid5(head, f"leg {place}")


def hash_payload(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the payload's canonical JSON, as hexadecimal text."""
    return hashlib.sha256(encode_json(dict(sorted(payload.items()))).encode()).hexdigest()


def plain_number(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

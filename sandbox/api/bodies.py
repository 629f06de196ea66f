"""Request bodies: typed models whose keys match in any case, as the vendor's framework does."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from fastapi import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sandbox.api.errors import model_invalid
from sandbox.exchange.entry import SHORT_FORMS, Ticket

LARGEST = Decimal(1_000_000_000)

OrderType = Literal[
    "Market", "Limit", "Stop", "StopLimit", "Pegged", "TrailingStop", "TrailingStopLimit", "OneCancelOther",
    "OneTriggerOther", "OneTriggerOneCancelOther", "External", "MutualFundsExchange", "StagingBlotter",
]  # fmt: skip
Side = Literal["Buy", "Sell", "SellShort", "BuyToCover"]
TimeInForce = Literal[
    "Day", "GoodTillCancel", "AtTheOpening", "ImmediateOrCancel", "FillOrKill", "GoodTillCrossing", "GoodTillDate",
    "AtTheClose", "GoodTillTime", "GoodTillCancelPlus", "GoodTillDatePlus",
]  # fmt: skip


def _not_absurd(value: Decimal | None) -> Decimal | None:
    if value is not None and abs(value) > LARGEST:
        raise ValueError("The number is too large.")
    return value


Amount = Annotated[Decimal, AfterValidator(_not_absurd)]


class CreateOrder(BaseModel):
    """The members of `CreateOrderResource` that this exchange understands; the others may be there."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", ""), extra="ignore")

    symbol: str | None = None
    type: OrderType
    side: Side
    quantity: Annotated[Amount, Field(gt=0)]
    price: Amount | None = None
    time_inforce: Annotated[
        TimeInForce, BeforeValidator(lambda value: "Day" if value in (None, "") else SHORT_FORMS.get(value, value))
    ] = "Day"
    client_id: Annotated[str, Field(max_length=128)] | None = None
    comment: Annotated[str, Field(max_length=1000)] | None = None
    exchange: str | None = None
    exec_inst: str | None = None
    extended_hours: str | None = None
    legs: list[Any] | None = None

    def as_ticket(self) -> Ticket:
        return Ticket(
            symbol=self.symbol,
            side=self.side,
            type=self.type,
            quantity=self.quantity,
            price=self.price,
            tif=self.time_inforce,
            exchange=self.exchange or "Auto",
            client_id=self.client_id or None,
            comment=self.comment,
            extended_hours=self.extended_hours,
            exec_inst=self.exec_inst,
            has_legs=bool(self.legs),
        )


# The vendor's spelling of each member, for the keys of ModelState.
_SPELLINGS = {
    "symbol": "Symbol", "type": "Type", "side": "Side", "quantity": "Quantity", "price": "Price",
    "timeinforce": "TimeInforce", "clientid": "ClientId", "comment": "Comment", "exchange": "Exchange",
    "execinst": "ExecInst", "extendedhours": "ExtendedHours", "legs": "Legs",
}  # fmt: skip


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


async def read_create_order(request: Request, *, param: str = "placeParams") -> CreateOrder:
    """The body of a placement or preview. Raises ApiError 422 (E5) when it cannot be understood."""
    try:
        raw = json.loads(await request.body(), parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise model_invalid("", param=param) from None
    if not isinstance(raw, dict):
        raise model_invalid("", param=param)
    try:
        return CreateOrder.model_validate({name.lower(): value for name, value in raw.items()})
    except ValidationError as invalid:
        place = str(invalid.errors()[0]["loc"][0])
        raise model_invalid(_SPELLINGS.get(place, place), param=param) from None

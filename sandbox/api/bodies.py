"""Request bodies: typed models whose keys match in any case, as the vendor's framework does."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from fastapi import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_pascal

from sandbox.api.errors import ApiError, model_invalid
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


class Resource(BaseModel):
    """A request's body. Keys match in any case, as in the vendor's framework; null is the same as absent, and members
    that nobody knows may be there.

    Fields are named in snake case; on the wire they are Pascal case, or what their alias says.
    """

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def match_keys(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        known = {field.alias.lower(): field.alias for field in cls.model_fields.values() if field.alias}
        return {known.get(name.lower(), name): value for name, value in raw.items() if value is not None}


async def read_body[Model: BaseModel](request: Request, model: type[Model], *, param: str = "model") -> Model:
    """The body of a request. Raises ApiError 422 (E5) when it cannot be understood; `param` is the vendor's name of
    the parameter, with which the keys of ModelState begin."""
    raw = await read_json(request, param=param)
    if not isinstance(raw, dict):
        raise model_invalid("", param=param)
    try:
        return model.model_validate(raw)
    except ValidationError as invalid:
        raise model_invalid(str(invalid.errors()[0]["loc"][0]), param=param) from None


async def read_body_or_conflict[Model: BaseModel](
    request: Request, model: type[Model], *, param: str = "model"
) -> Model:
    """As `read_body`, for routes that answer what they do not understand with 409 (contradiction C17)."""
    try:
        return await read_body(request, model, param=param)
    except ApiError as invalid:
        raise ApiError(409, invalid.body) from None


async def read_json(request: Request, *, param: str = "model") -> Any:
    """The JSON value of a body, numbers with a point as Decimal. Raises ApiError 422 (E5)."""
    raw = await request.body()
    try:
        value = json.loads(raw, parse_float=Decimal, parse_constant=_refuse_constant)
        if b"\\u" in raw:
            json.dumps(value, ensure_ascii=False, default=str).encode()  # halves of a character cannot be stored
        return value
    except (ValueError, ArithmeticError, RecursionError):
        raise model_invalid("", param=param) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


class CreateOrder(Resource):
    """The members of `CreateOrderResource` that this exchange understands."""

    symbol: str | None = None
    type: OrderType
    side: Side
    quantity: Annotated[Amount, Field(gt=0)]
    price: Amount | None = None
    time_inforce: Annotated[
        TimeInForce, BeforeValidator(lambda value: "Day" if value in (None, "") else SHORT_FORMS.get(value, value))
    ] = "Day"  # on the wire TimeInforce
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

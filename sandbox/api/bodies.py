"""Request bodies: typed models whose keys match in any case, as the vendor's framework does."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from fastapi import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_pascal

from sandbox.api.errors import ApiError, model_invalid, unexpected
from sandbox.api.paging import LARGEST_PAGE
from sandbox.clock import parse_iso
from sandbox.exchange.calendar import close_on
from sandbox.exchange.orders import CONDITIONAL_TYPES
from sandbox.exchange.replacing import Change
from sandbox.exchange.tickets import SHORT_FORMS, Ticket

LARGEST = Decimal(1_000_000_000)
MOST_DECIMALS = 12
MOST_LEGS = 16

OrderType = Literal[
    "Market", "Limit", "Stop", "StopLimit", "Pegged", "TrailingStop", "TrailingStopLimit", "OneCancelOther",
    "OneTriggerOther", "OneTriggerOneCancelOther", "External", "MutualFundsExchange", "StagingBlotter",
]  # fmt: skip
Side = Literal["Buy", "Sell", "SellShort", "BuyToCover"]
TimeInForce = Literal[
    "Day", "GoodTillCancel", "AtTheOpening", "ImmediateOrCancel", "FillOrKill", "GoodTillCrossing", "GoodTillDate",
    "AtTheClose", "GoodTillTime", "GoodTillCancelPlus", "GoodTillDatePlus",
]  # fmt: skip


ExecInst = Literal[
    "None", "CashAmountOrder", "FullLiquidation", "DoNotIncrease", "DoNotReduce", "AllOrNone",
]  # fmt: skip
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d(T00:00:00(\.0+)?Z?)?")
TrailType = Literal["Absolute", "Persentage"]


def _not_absurd(value: Decimal | None) -> Decimal | None:
    if value is not None and (abs(value) > LARGEST or int(value.as_tuple().exponent) < -MOST_DECIMALS):
        raise ValueError("The number is too large or too fine.")
    return value


def _read_date(value: Any) -> int | None:
    """A date in ISO spelling as virtual ms; the vendor's "no date" is none, a day alone means its close."""
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("The date is not understood.")
    if value.startswith("0001-"):
        return None
    if not "1970" <= value[:4] < "2200":
        raise ValueError("The date is too far away.")
    return close_on(date.fromisoformat(value[:10])) if _A_DAY.fullmatch(value) else parse_iso(value)


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


TimeInForceMember = Annotated[
    TimeInForce | None,
    BeforeValidator(lambda value: SHORT_FORMS.get(value, value or None) if isinstance(value, str) else value),
]
ClientId = Annotated[str, Field(max_length=128)]
Comment = Annotated[str, Field(max_length=1000)]


class OrderMembers(Resource):
    """What placing and replacing have in common."""

    type: OrderType | None = None
    price: Amount | None = None
    stop_price: Amount | None = None
    trailing_stop_amount_type: TrailType | None = None
    trailing_stop_amount: Amount | None = None
    trailing_limit_amount_type: TrailType | None = None
    trailing_limit_amount: Amount | None = None
    expire_date: Annotated[int | None, BeforeValidator(_read_date)] = None
    client_id: ClientId | None = None
    comment: Comment | None = None
    extended_hours: str | None = None


class Leg(OrderMembers):
    """The members of `CreateOrderResource` that the exchange understands."""

    symbol: str | None = None
    side: Side | None = None
    quantity: Annotated[Amount, Field(gt=0)] | None = None
    time_inforce: TimeInForceMember = None  # on the wire TimeInforce
    exchange: str | None = None
    exec_inst: Annotated[ExecInst, BeforeValidator(lambda value: "None" if value == "" else value)] = "None"

    def as_ticket(self, *, where: str = "", legs: tuple[Ticket, ...] = ()) -> Ticket:
        """Raises ApiError 422 when a member that has to be there is missing; `where` leads to it."""
        if self.type is None:
            raise model_invalid(f"{where}Type")
        is_head = self.type in CONDITIONAL_TYPES
        if self.side is None and not (is_head or legs):
            raise model_invalid(f"{where}Side")
        if self.quantity is None and not is_head:
            raise model_invalid(f"{where}Quantity")
        return Ticket(
            symbol=self.symbol,
            side=self.side or "",
            type=self.type,
            quantity=self.quantity or Decimal(0),
            price=self.price,
            tif=self.time_inforce or "Day",
            exchange=self.exchange or "Auto",
            client_id=self.client_id or None,
            comment=self.comment,
            extended_hours=self.extended_hours or None,
            exec_inst=self.exec_inst,
            stop_price=self.stop_price,
            trail_type=self.trailing_stop_amount_type or "Absolute",
            trail_amount=self.trailing_stop_amount,
            trail_limit_type=self.trailing_limit_amount_type or "Absolute",
            trail_limit_amount=self.trailing_limit_amount,
            expire_ms=self.expire_date,
            legs=legs,
        )


class CreateOrder(Leg):
    """An order with its legs: complete orders of a conditional one, or what an option strategy consists of (C32)."""

    legs: Annotated[list[Leg], Field(max_length=MOST_LEGS)] | None = None

    def as_whole_ticket(self) -> Ticket:
        """Raises ApiError 422 like `as_ticket`."""
        legs = self.legs or []
        if self.type not in CONDITIONAL_TYPES:
            legs = [leg.model_copy(update={"type": "Market"}) for leg in legs]
        return self.as_ticket(legs=tuple(leg.as_ticket(where=f"Legs[{n}].") for n, leg in enumerate(legs)))


class ModifyLeg(OrderMembers):
    """The members of `ModifyOrderResource` that the exchange understands."""

    id: int | None = None
    quantity: Annotated[Amount, Field(ge=0)] | None = None
    time_in_force: TimeInForceMember = None

    def as_change(self, legs: tuple[Change, ...] = ()) -> Change:
        """Raises ApiError 500 (E4) without an id or a quantity, as the vendor does (C57)."""
        if self.id is None or (self.quantity is None and not legs):
            raise unexpected()
        return Change(
            order_id=self.id,
            quantity=self.quantity or Decimal(0),
            type=self.type,
            price=self.price,
            stop_price=self.stop_price,
            trail_type=self.trailing_stop_amount_type,
            trail_amount=self.trailing_stop_amount,
            trail_limit_type=self.trailing_limit_amount_type,
            trail_limit_amount=self.trailing_limit_amount,
            tif=self.time_in_force,
            expire_ms=self.expire_date,
            extended_hours=self.extended_hours,
            client_id=self.client_id or None,
            comment=self.comment,
            legs=legs,
        )


class ModifyOrder(ModifyLeg):
    """What an order shall be from now on. Legs of a conditional order are named by their ids."""

    legs: Annotated[list[ModifyLeg], Field(max_length=MOST_LEGS)] | None = None

    def as_whole_change(self, order_id: int) -> Change:
        """Raises ApiError 500 (E4) as `as_change`, and when the body speaks of another order than the path."""
        if self.id != order_id:
            raise unexpected()
        return self.as_change(tuple(leg.as_change() for leg in self.legs or []))


class ConsolidatedQuery(Resource):
    """Several accounts at once, with the page in the body (style F)."""

    account_ids: Annotated[list[int], Field(max_length=1000)] = Field(default_factory=list)
    page_number: int = 0
    page_size: int = LARGEST_PAGE
    sort_field: str | None = None
    desc: bool = False

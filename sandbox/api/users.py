"""Users: who somebody is, what all their accounts are worth, and how they like to trade."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from sandbox.api.access import CallerHere, UserHere
from sandbox.api.answers import answer
from sandbox.api.bodies import Resource, read_body
from sandbox.api.errors import ApiError, denied, model_invalid, user_unknown
from sandbox.api.numbers import Int32
from sandbox.api.shapes import users as shapes
from sandbox.dependencies import WorldHere
from sandbox.people.bindings import is_administrator
from sandbox.people.profile import (
    NotAdded,
    become_pro_trader,
    change_profile,
    save_trading_settings,
    trading_settings,
)
from sandbox.people.wealth import accounts_of, balances_together

router = APIRouter(prefix="/v1.0")

ROUTES = ("NYSE", "KNIGHT", "NSDQ", "Auto", "VIRTEX", "FXCM", "ARCA", "BATS", "MNGD", "EDGX")
Salutation = Literal["NoSalutation", "Mr", "Mrs", "Ms", "Dr", "Sir", "Madam"]
Suffix = Literal["NoSuffix", "Jr", "Sr", "Second", "Third", "Fourth"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@router.get("/users/{user_id}/info")
async def user_info(user: UserHere) -> Response:
    return answer(shapes.user_info(user))


@router.get("/users/{user_id}/balance-info")
async def user_balances(world: WorldHere, user: UserHere) -> Response:
    """The map of one account's balances, added up over all of the user's accounts."""
    world.catch_up()
    return answer(balances_together(world.market, accounts_of(world.market, user["id"])))


class GetUserFilter(Resource):
    email: str = ""


@router.post("/users/info")
async def user_by_email(request: Request, world: WorldHere, caller: CallerHere) -> Response:
    """Of the back office: others than oneself are found by an administrator alone."""
    asked = await read_body(request, GetUserFilter, param="filter")
    if not asked.email:
        raise model_invalid("Email", "Email is required", param="filter")
    user = world.state.row("SELECT * FROM user WHERE email = ?", asked.email)
    if (user is None or user["id"] != caller.user_id) and not is_administrator(world.state, caller.user_id):
        raise denied()
    if user is None:
        raise user_unknown()
    return answer(shapes.user_info(user))


# How they like to trade


class StocksInstrumentsSettings(Resource):
    order_type: str | None = None
    quantity: Int32 | None = None
    duration_type: str | None = None
    exchange_type: str | None = None
    extended_hours_type: str | None = None
    aon: Annotated[bool | None, Field(alias="AON")] = None


class OptionsInstrumentsSettings(StocksInstrumentsSettings):
    spreads: Int32 | None = None


class InstrumentsSettings(Resource):
    stocks: StocksInstrumentsSettings | None = None
    options: OptionsInstrumentsSettings | None = None
    forex: StocksInstrumentsSettings | None = None


class UserTradingSettings(Resource):
    quantity_step_increment_multiplier: Int32 | None = None
    price_step_increment_multiplier: Int32 | None = None
    do_not_close_trade_popup_on_order_placement: bool | None = None
    skip_verify_order: str | None = None
    skip_verify_cancel_order: str | None = None
    skip_verify_closing_position: str | None = None
    skip_verify_order_replace: str | None = None
    skip_place_order_status: str | None = None
    skip_cancel_order_status: str | None = None
    skip_closing_position_status: str | None = None
    skip_order_replace_status: str | None = None
    max_stocks_quantity: Int32 | None = None
    max_options_quantity: Int32 | None = None
    instruments: InstrumentsSettings | None = None


@router.get("/users/{user_id}/settings/trading")
async def get_trading_settings(user: UserHere) -> Response:
    return answer(trading_settings(user))


@router.put("/users/{user_id}/settings/trading")
async def put_trading_settings(request: Request, world: WorldHere, user: UserHere) -> Response:
    asked = await read_body(request, UserTradingSettings, param="tradingSettings")
    return answer(save_trading_settings(world, user, asked.model_dump(by_alias=True, exclude_none=True)))


@router.get("/users/{user_id}/exchanges")
async def user_exchanges(user: UserHere) -> Response:
    """Where orders may be routed to (A.1)."""
    return answer(ROUTES)


# Profile

# Fields on the wire, and the columns that keep them.
ADDRESS_COLUMNS = {
    "street_address1": "street", "street_address2": "street2", "city": "city", "state": "state_id",
    "postal_code": "postal_code", "country_id": "country_id",
}  # fmt: skip
PROFILE_COLUMNS = {
    "first_name": "first_name", "middle": "middle_name", "last_name": "last_name", "salutation": "salutation",
    "suffix": "suffix", "time_zone_info_id": "time_zone",
}  # fmt: skip


class PatchUserAddress(Resource):
    street_address1: str | None = None
    street_address2: str | None = None
    city: str | None = None
    state: Int32 | None = None
    postal_code: str | None = None
    country_id: Int32 | None = None


class UserAddress(PatchUserAddress):
    """A whole address: these five are required (A.12)."""

    street_address1: Name
    city: Name
    state: Int32
    postal_code: Name
    country_id: Int32


class PatchUser(Resource):
    first_name: Name | None = None
    middle: str | None = None
    last_name: Name | None = None
    address: PatchUserAddress | None = None
    salutation: Salutation | None = None
    suffix: Suffix | None = None
    time_zone_info_id: str | None = None


def _columns(said: Resource, names: dict[str, str]) -> dict[str, Any]:
    """What was said, by column. What was not said stays."""
    values = {column: getattr(said, field) for field, column in names.items()}
    return {column: value for column, value in values.items() if value is not None}


@router.patch("/users/{user_id}")
async def patch_user(request: Request, world: WorldHere, user: UserHere) -> Response:
    asked = await read_body(request, PatchUser, param="user")
    return answer(shapes.user_model(change_profile(world, user, changed_columns(asked))))


def changed_columns(asked: PatchUser) -> dict[str, Any]:
    columns = _columns(asked, PROFILE_COLUMNS)
    return columns | (_columns(asked.address, ADDRESS_COLUMNS) if asked.address is not None else {})


@router.get("/users/{user_id}/addresses")
async def get_address(user: UserHere) -> Response:
    return answer(shapes.address(user))


@router.put("/users/{user_id}/addresses")
async def put_address(request: Request, world: WorldHere, user: UserHere) -> Response:
    asked = await read_body(request, UserAddress, param="address")
    return answer(shapes.address(change_profile(world, user, _columns(asked, ADDRESS_COLUMNS))))


@router.post("/users/{user_id}/group")
async def join_group(world: WorldHere, user: UserHere, confirmationToken: str) -> Response:
    try:
        become_pro_trader(world, user, confirmationToken)
    except NotAdded as refused:
        raise ApiError(409 if refused.already else 400) from None
    return Response(status_code=200)

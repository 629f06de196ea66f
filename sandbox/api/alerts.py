"""Price alerts: list, set, change, delete. They fire in `sandbox/lists/alerts.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from sandbox.api.access import UserHere
from sandbox.api.answers import answer
from sandbox.api.bodies import Amount, Resource, read_body_or_conflict
from sandbox.api.errors import ApiError, unexpected
from sandbox.api.listing import sieve
from sandbox.api.members import PRICE_ALERT
from sandbox.api.numbers import Int32
from sandbox.api.paging import Page
from sandbox.api.shapes import lists as shapes
from sandbox.dependencies import WorldHere
from sandbox.lists import alerts
from sandbox.lists.alerts import AlertRefused, Trigger

router = APIRouter(prefix="/v1.0/users/{user_id}/pricealerts")

LATEST_SECOND = 253_402_300_799  # the last of the year 9999


class PriceAlert(Resource):
    """`PriceAlertEditableModel`. All six members are asked for, as the prose says; the contract marks three of them.

    `expiration_date` in Unix seconds. A client can ask for the states New and Stopped only: that an alert completed or
    expired is for the market to say.
    """

    operator: Literal["GTEQ", "LTEQ"]
    state: Literal["New", "Stopped"]
    field: Literal["Ask", "Bid", "Last"]
    argument: Annotated[Amount, Field(ge=0)]
    expiration_date: Annotated[int, Field(ge=0, le=LATEST_SECOND)]
    security_id: Int32

    def as_trigger(self) -> Trigger:
        return Trigger(
            operator=self.operator,
            field=self.field,
            security_id=self.security_id,
            argument=self.argument,
            expires_ms=self.expiration_date * 1000,
            state=self.state,
        )


@router.get("")
async def list_alerts(
    request: Request, world: WorldHere, user: UserHere, pageSize: int, pageNumber: int, sortBy: str, isDesc: bool
) -> Response:
    world.catch_up()
    rows = [shapes.price_alert(row) for row in alerts.alerts_of(world.market, user["id"])]
    rows = sieve(rows, "", members=PRICE_ALERT, sort=sortBy, desc=isDesc)
    page = Page.read(pageNumber, pageSize)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


@router.post("")
async def create(request: Request, world: WorldHere, user: UserHere) -> Response:
    asked = await read_body_or_conflict(request, PriceAlert)
    try:
        return answer(shapes.price_alert(alerts.create_alert(world.market, user["id"], asked.as_trigger())))
    except AlertRefused:
        raise ApiError(409) from None


@router.get("/{alert_id}")
async def get_alert(world: WorldHere, user: UserHere, alert_id: Int32) -> Response:
    world.catch_up()
    row = alerts.find_alert(world.market, user["id"], alert_id)
    if row is None:
        raise unexpected()
    return answer(shapes.price_alert(row))


@router.put("/{alert_id}")
async def change(request: Request, world: WorldHere, user: UserHere, alert_id: Int32) -> Response:
    world.catch_up()
    asked = await read_body_or_conflict(request, PriceAlert)
    try:
        return answer(shapes.price_alert(alerts.change_alert(world.market, user["id"], alert_id, asked.as_trigger())))
    except AlertRefused:
        raise ApiError(409) from None


@router.delete("/{alert_id}")
async def delete(world: WorldHere, user: UserHere, alert_id: Int32) -> Response:
    world.catch_up()
    try:
        alerts.delete_alert(world.market, user["id"], alert_id)
    except AlertRefused:
        raise ApiError(409) from None
    return Response(status_code=204)

"""Order entry: preview, place, replace and cancel. The `syncorders` routes wait for the venue before they answer."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from decimal import Decimal, InvalidOperation

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import AccountHere, CallerHere
from sandbox.api.answers import answer
from sandbox.api.bodies import LARGEST, CreateOrder, ModifyOrder, read_body
from sandbox.api.errors import ApiError, request_invalid, unexpected
from sandbox.api.shapes import orders as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.cancelling import OrderNotCancelable, cancel_order, hurry
from sandbox.exchange.entry import (
    OrderNotReplaceable,
    UnknownLeg,
    judge,
    judge_again,
    judge_change,
    order_limits,
    place_order,
    replace_order,
)
from sandbox.exchange.orders import Order, find_order, get_order, legs_of
from sandbox.exchange.replacing import Change
from sandbox.exchange.securities import find_security
from sandbox.exchange.tickets import Ticket
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

PLACE, MODIFY = "placeParams", "modifyParams"
LONGEST_WAIT_SECONDS = 5.0
HANG_SECONDS = 60


# Previews


@router.post("/accounts/{account_id}/preview/orders")
@router.post("/accounts/{account_id}/preview/syncorders")
async def preview_order(request: Request, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    ticket = await _read_ticket(request)
    return answer(shapes.order_preview(world.market, judge(world.market, account, caller.user_id, ticket)))


@router.put("/accounts/{account_id}/preview/orders/{order_id}")
@router.put("/accounts/{account_id}/preview/syncorders/{order_id}")
async def preview_change(request: Request, world: WorldHere, account: AccountHere, order_id: int) -> Response:
    change = await _read_change(request, order_id)
    order = _order(world, account, order_id)
    try:
        verdict = judge_change(world.market, account, order, change)
    except UnknownLeg:
        raise unexpected() from None
    return answer(shapes.order_preview(world.market, verdict) | {"OrderId": order_id})


@router.get("/accounts/{account_id}/verified/orders/{order_id}")
async def verify_order(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    verdict = judge_again(world.market, account, _order(world, account, order_id))
    return answer(shapes.order_preview(world.market, verdict) | {"OrderId": order_id})


@router.get("/accounts/{account_id}/preview/limits/{symbol}")
async def preview_limits(world: WorldHere, account: AccountHere, symbol: str, price: str = "0") -> Response:
    security = find_security(symbol)
    if security is None:
        raise unexpected()
    try:
        wanted = Decimal(price)
    except InvalidOperation:
        raise request_invalid() from None
    if not (wanted.is_finite() and 0 <= wanted <= LARGEST):
        raise request_invalid()
    limits = order_limits(world.market, account, security, wanted)
    return answer(shapes.order_limits(account["id"], security.symbol, limits))


# Placing


@router.post("/accounts/{account_id}/orders")
async def place(request: Request, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    order = place_order(world.market, account, caller.user_id, await _read_ticket(request))
    await _hang_if_scripted(request, world, order)
    return answer(shapes.order(world.market, order))


async def _hang_if_scripted(request: Request, world: World, order: Order) -> None:
    """Leave the client without an answer until it gives up, if the order's symbol or quantity says so."""
    if not world.market.script_of(order.symbol, order.scripted_quantity).hangs:
        return
    with contextlib.suppress(asyncio.CancelledError):  # how the server ends hanging requests when it stops
        for _ in range(int(HANG_SECONDS / 0.1)):
            if await request.is_disconnected():
                return
            await asyncio.sleep(0.1)


@router.post("/accounts/{account_id}/syncorders")
async def place_and_wait(request: Request, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    order = place_order(world.market, account, caller.user_id, await _read_ticket(request))
    await _hang_if_scripted(request, world, order)
    order = await _venue_answers(world, order)
    return answer(shapes.order(world.market, order))


# Replacing


@router.put("/accounts/{account_id}/orders/{order_id}")
async def replace(request: Request, world: WorldHere, account: AccountHere, order_id: int) -> Response:
    """200: asked for, not yet done. 409: too late."""
    order = _replace(world, account, order_id, await _read_change(request, order_id))
    return answer(shapes.order(world.market, order))


@router.put("/accounts/{account_id}/syncorders/{order_id}")
async def replace_and_wait(request: Request, world: WorldHere, account: AccountHere, order_id: int) -> Response:
    order = _replace(world, account, order_id, await _read_change(request, order_id))
    order = await _venue_answers(world, order)
    return answer(shapes.order(world.market, order))


def _replace(world: World, account: sqlite3.Row, order_id: int, change: Change) -> Order:
    try:
        order = replace_order(world.market, account, order_id, change)
    except OrderNotReplaceable:
        raise ApiError(409) from None
    except UnknownLeg:
        raise unexpected() from None
    if order is None:
        raise unexpected()
    return order


# Cancelling


@router.delete("/accounts/{account_id}/orders/{order_id}")
async def cancel(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    """204: asked for, not yet done. 409: too late, or asked before."""
    _cancel(world, account, order_id)
    return Response(status_code=204)


@router.delete("/accounts/{account_id}/syncorders/{order_id}")
async def cancel_and_wait(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    """204: done. 409: too late; perhaps it was filled in the meantime."""
    order = _cancel(world, account, order_id)
    order = await _venue_answers(world, order)
    if order.status != "Canceled":
        raise ApiError(409)
    return Response(status_code=204)


def _cancel(world: World, account: sqlite3.Row, order_id: int) -> Order:
    try:
        order = cancel_order(world.market, account["id"], order_id)
    except OrderNotCancelable:
        raise ApiError(409) from None
    if order is None:
        raise unexpected()
    return order


# Shared


async def _read_ticket(request: Request) -> Ticket:
    return (await read_body(request, CreateOrder, param=PLACE)).as_whole_ticket()


async def _read_change(request: Request, order_id: int) -> Change:
    return (await read_body(request, ModifyOrder, param=MODIFY)).as_whole_change(order_id)


def _order(world: World, account: sqlite3.Row, order_id: int) -> Order:
    order = find_order(world.state, account["id"], order_id)
    if order is None:
        raise unexpected()
    return order


async def _venue_answers(world: World, order: Order) -> Order:
    """Wait until the moment at which the venue answers; while time stands still, or crawls, it answers at once."""
    market = world.market
    family = [order, *legs_of(market.state, order)]
    answers_ms = max(one.answer_ms for one in family)
    seconds = max(answers_ms - market.now_ms(), 0) / 1000 / market.clock.speed
    if market.clock.is_running and seconds <= LONGEST_WAIT_SECONDS:
        await asyncio.sleep(seconds + 0.001)
        world.catch_up()
    else:
        hurry(market, family)
    return get_order(market.state, order.id)

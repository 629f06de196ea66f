"""Orders: preview, place, list, follow and cancel."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import AccountHere, CallerHere
from sandbox.api.answers import answer
from sandbox.api.bodies import LARGEST, CreateOrder, read_body
from sandbox.api.errors import ApiError, request_invalid, unexpected
from sandbox.api.filters import Column, Moment, as_sql, parse_filter
from sandbox.api.paging import Page
from sandbox.api.shapes import orders as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.entry import OrderNotCancelable, cancel_order, judge, order_limits, place_order
from sandbox.exchange.orders import find_order, read_order
from sandbox.exchange.securities import find_security

router = APIRouter(prefix="/v1.0")

STATUS_CODES = (
    "New", "PartiallyFilled", "Filled", "DoneForDay", "Canceled", "Replaced", "PendingCancel", "Stopped", "Rejected",
    "Suspended", "PendingNew", "Calculated", "Expired", "AcceptedForBidding", "PendingReplace", "Error",
)  # fmt: skip


_KNOWN_CODES = range(len(STATUS_CODES))
_LARGEST_ID = 2**31 - 1


@router.post("/accounts/{account_id}/preview/orders")
async def preview_order(request: Request, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    ticket = (await read_body(request, CreateOrder, param="placeParams")).as_whole_ticket()
    return answer(shapes.order_preview(world.market, judge(world.market, account, caller.user_id, ticket)))


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


@router.post("/accounts/{account_id}/orders")
async def place(request: Request, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    ticket = (await read_body(request, CreateOrder, param="placeParams")).as_whole_ticket()
    order = place_order(world.market, account, caller.user_id, ticket)
    return answer(shapes.order(world.market, order))


def _status_name(literal: Any) -> str:
    """A status from its number or, as a convenience, its name."""
    if not isinstance(literal, Decimal):
        return str(literal)
    return STATUS_CODES[int(literal)] if literal in _KNOWN_CODES else ""


def _ms(literal: Any) -> int:
    if not isinstance(literal, Moment):
        raise TypeError(literal)
    return literal.ms


def _id(literal: Any) -> int:
    number = int(literal)
    if abs(number) > _LARGEST_ID:
        raise ValueError(literal)
    return number


def _number(literal: Any) -> float:
    return float(Decimal(literal))


_FILTERS = {
    "id": Column("id", _id),
    "createdate": Column("create_ms", _ms),
    "date": Column("date_ms", _ms),
    "securityid": Column("security_id", _id),
    "symbol": Column("symbol", str),
    "status": Column("status", _status_name),
    "side": Column("side", str),
    "type": Column("type", str),
    "clientid": Column("client_id", str),
    "quantity": Column("CAST(quantity AS REAL)", _number),
    "price": Column("CAST(price AS REAL)", _number),
}


@router.get("/accounts/{account_id}/orders")
async def list_orders(
    request: Request,
    world: WorldHere,
    account: AccountHere,
    pageNumber: int,
    pageSize: int,
    filter: str = "",
    sortField: str = "Id",
    desc: bool = False,
) -> Response:
    page = Page.read(pageNumber, pageSize)
    where, values = as_sql(parse_filter(filter), _FILTERS)
    column = _FILTERS.get(sortField.lower())
    if column is None:
        raise request_invalid()
    where = f"account_id = ? AND listed_ms <= ? AND {where}"
    values = [account["id"], world.market.now_ms(), *values]
    direction = "DESC" if desc else "ASC"
    # Field names come from _FILTERS, values travel as parameters.
    total = world.state.row(f"SELECT count(*) AS n FROM orders WHERE {where}", *values)  # noqa: S608
    rows = world.state.rows(
        f"SELECT * FROM orders WHERE {where} ORDER BY {column.expression} {direction}, id {direction}"  # noqa: S608
        " LIMIT ? OFFSET ?",
        *values,
        page.size,
        page.offset,
    )
    drawn = [shapes.order(world.market, read_order(row)) for row in rows]
    return answer(page.envelope(request, drawn, total["n"] if total else 0))


@router.get("/accounts/{account_id}/orders/{order_id}")
async def get_order(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    order = find_order(world.state, account["id"], order_id)
    if order is None:
        raise unexpected()
    return answer(shapes.order(world.market, order))


@router.delete("/accounts/{account_id}/orders/{order_id}")
async def cancel(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    """204: asked for, not yet done. 409: too late, or asked before."""
    try:
        order = cancel_order(world.market, account["id"], order_id)
    except OrderNotCancelable:
        raise ApiError(409) from None
    if order is None:
        raise unexpected()
    return Response(status_code=204)


@router.get("/accounts/{account_id}/orders/{order_id}/details")
async def get_order_details(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    order = find_order(world.state, account["id"], order_id)
    if order is None:
        raise unexpected()
    events = world.state.rows("SELECT * FROM order_event WHERE order_id = ? ORDER BY id", order_id)
    return answer([shapes.order_details(order, event) for event in events])

"""Orders as they are: lists, of one account or of several, single ones and their history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import AccountHere, CallerHere, accounts_of
from sandbox.api.answers import answer
from sandbox.api.bodies import ConsolidatedQuery, read_body
from sandbox.api.errors import request_invalid, unexpected
from sandbox.api.filters import Column, Moment, as_sql, name_of, parse_filter
from sandbox.api.members import ORDER_STATUSES
from sandbox.api.paging import Page
from sandbox.api.shapes import orders as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.orders import find_order, read_orders
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

_LARGEST_ID = 2**31 - 1
_status_name = name_of(ORDER_STATUSES)


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
    "accountid": Column("account_id", _id),
    "userid": Column("user_id", _id),
    "requestid": Column("request_id", _id),
    "createdate": Column("create_ms", _ms),
    "date": Column("date_ms", _ms),
    "transactiondate": Column("transaction_ms", _ms),
    "expiredate": Column("expire_ms", _ms),
    "securityid": Column("security_id", _id),
    "symbol": Column("symbol", str),
    "name": Column("symbol", str),
    "status": Column("status", _status_name),
    "executionstatus": Column("execution_status", _status_name),
    "requeststatus": Column("request_status", str),
    "side": Column("side", str),
    "type": Column("type", str),
    "initialtype": Column("initial_type", str),
    "timeinforce": Column("tif", str),
    "execinst": Column("exec_inst", str),
    "exchange": Column("exchange", str),
    "extendedhours": Column("extended_hours", str),
    "clientid": Column("client_id", str),
    "comment": Column("comment", str),
    "description": Column("description", str),
    **{
        name: Column(f"CAST({column} AS REAL)", _number)
        for name, column in {
            "quantity": "quantity",
            "price": "price",
            "stopprice": "stop_price",
            "executedquantity": "executed",
            "lastprice": "last_price",
            "lastquantity": "last_quantity",
            "trailingstopamount": "trail_amount",
            "trailinglimitamount": "trail_limit_amount",
        }.items()
    },
}


@router.get("/accounts/{account_id}/orders")
@router.get("/accounts/{account_id}/syncorders")
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
    """Heads alone: legs are inside of them. `isReport` and `isBlotter` change nothing."""
    page = Page.read(pageNumber, pageSize)
    rows, total = _find(world, [account["id"]], filter, page, sort=sortField or "Id", desc=desc)
    return answer(page.envelope(request, rows, total))


@router.post("/orders/consolidated")
async def list_orders_of_several(request: Request, world: WorldHere, caller: CallerHere, filter: str = "") -> Response:
    query = await read_body(request, ConsolidatedQuery, param="dto")
    accounts = [account["id"] for account in accounts_of(world, caller, query.account_ids)]
    page = Page.read(query.page_number, query.page_size)
    rows, total = _find(world, accounts, filter, page, sort=query.sort_field or "Id", desc=query.desc)
    return answer(page.envelope(request, rows, total))


def _find(
    world: World, account_ids: list[int], filter: str, page: Page, *, sort: str, desc: bool
) -> tuple[list[dict[str, Any]], int]:
    """A page of orders of these accounts, drawn, and how many there are in all. Raises ApiError 400."""
    condition, more = as_sql(parse_filter(filter), _FILTERS)
    column = _FILTERS.get(sort.lower())
    if column is None:
        raise request_invalid()
    marks = ", ".join("?" * len(account_ids))
    where = f"account_id IN ({marks}) AND parent_id IS NULL AND listed_ms <= ? AND {condition}"
    values = [*account_ids, world.market.now_ms(), *more]
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
    return [shapes.order(world.market, order) for order in read_orders(rows)], total["n"] if total else 0


@router.get("/accounts/{account_id}/orders/{order_id}")
@router.get("/accounts/{account_id}/syncorders/{order_id}")
async def get_order(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    order = find_order(world.state, account["id"], order_id)
    if order is None:
        raise unexpected()
    return answer(shapes.order(world.market, order))


@router.get("/accounts/{account_id}/orders/{order_id}/details")
async def get_order_details(world: WorldHere, account: AccountHere, order_id: int) -> Response:
    order = find_order(world.state, account["id"], order_id)
    if order is None:
        raise unexpected()
    events = world.state.rows("SELECT * FROM order_event WHERE order_id = ? ORDER BY id", order_id)
    return answer(shapes.order_history(world.market, order, events))

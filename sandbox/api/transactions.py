"""Transactions and activity: what was booked in an account, in pages, as reports, and of several accounts at once.

Both names show the same entries; they differ in the name of the parameter for the direction (C43).
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import AccountHere, CallerHere, accounts_of
from sandbox.api.answers import answer
from sandbox.api.bodies import ConsolidatedQuery, read_body
from sandbox.api.errors import request_invalid
from sandbox.api.filters import Column, Moment, as_sql, parse_filter
from sandbox.api.numbers import Int32
from sandbox.api.paging import Page
from sandbox.api.shapes import transactions as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.securities import find_by_id
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

TYPES = (
    "Commission", "OrderExecution", "OptionExpiration", "Payment", "ManualManipulation", "Clearing", "Rpl",
)  # fmt: skip
ReportFormat = Literal["NotReport", "CsvReport", "PdfReport"]


def _ms(literal: Any) -> int:
    if not isinstance(literal, Moment):
        raise TypeError(literal)
    return literal.ms


def _symbol_of(literal: Any) -> str:
    """The stored symbol of a security's id; an empty one for entries without a security."""
    security = find_by_id(int(literal))
    return security.symbol if security else "" if int(literal) == shapes.NO_ID else "?"


def _number(expression: str) -> Column:
    return Column(f"CAST(coalesce({expression}, '0') AS REAL)", lambda literal: float(Decimal(literal)))


_CODE = "(SELECT mechanism FROM transfer WHERE entry_id = entry.id)"
_FIELDS = {
    "id": Column("entry.id", lambda literal: float(Decimal(literal))),
    "accountid": Column("entry.account_id", lambda literal: float(Decimal(literal))),
    "orderid": Column("coalesce(entry.order_id, -1)", lambda literal: float(Decimal(literal))),
    "securityid": Column("coalesce(entry.symbol, '')", _symbol_of),
    "symbol": Column("coalesce(entry.symbol, '')", str),
    "type": Column("entry.kind", str),
    "code": Column(f"coalesce({_CODE}, '')", str),
    "description": Column("coalesce(entry.note, '')", str),
    "date": Column("entry.at_ms", _ms),
    "settlementdate": Column("entry.settle_ms", _ms),
    "quantity": _number("entry.quantity"),
    "price": _number("entry.price"),
    "value": _number("entry.amount"),
}
# The names of the same fields in the rows of several accounts.
_FIELDS |= {
    "accountnumber": _FIELDS["accountid"], "activitytype": _FIELDS["type"], "netamount": _FIELDS["value"],
}  # fmt: skip

_TABLES = "cash_entry AS entry JOIN account ON account.id = entry.account_id"
# Each trade is an execution and the latest event of its order at that moment.
_DETAILS = """
    LEFT JOIN execution AS trade ON entry.kind = 'OrderExecution' AND trade.order_id = entry.order_id
        AND trade.at_ms = entry.at_ms AND trade.symbol = entry.symbol
    LEFT JOIN order_event AS event ON event.id = (
        SELECT max(id) FROM order_event WHERE order_id = entry.order_id AND at_ms = entry.at_ms)
"""
# All hours of an American trading day lie in one day of a clock five hours behind UTC, in summer too.
_DAY = "date({}.at_ms / 1000, 'unixepoch', '-5 hours')"
_IS_DAY_TRADE = f"""
    entry.kind = 'OrderExecution' AND EXISTS (
        SELECT 1 FROM execution AS other WHERE other.account_id = entry.account_id AND other.symbol = entry.symbol
        AND other.at_ms BETWEEN entry.at_ms - 86400000 AND entry.at_ms + 86400000
        AND {_DAY.format("other")} = {_DAY.format("entry")}
        AND (other.side IN ('Buy', 'BuyToCover')) <> (CAST(entry.quantity AS REAL) > 0))
"""  # noqa: S608 - pieces of our own
_COLUMNS = (
    f"entry.*, account.margin_type, {_CODE} AS code, trade.commission, event.id AS state_id,"
    f" event.quantity AS ordered, event.executed, {_IS_DAY_TRADE} AS is_day_trade"
)


def _find(
    world: World, account_ids: list[int], filter: str, *, sort: str, desc: bool, page: Page, with_code: bool = False
) -> tuple[list[sqlite3.Row], int]:
    """A page of entries, and how many there are in all. Raises ApiError 400."""
    condition, more = as_sql(parse_filter(filter), _FIELDS)
    column = _FIELDS.get(sort.lower())
    if column is None:
        raise request_invalid()
    where = f"entry.account_id IN ({', '.join('?' * len(account_ids))}) AND {condition}"
    if with_code:
        where += f" AND {_CODE} IS NOT NULL"
    values, direction = [*account_ids, *more], "DESC" if desc else "ASC"
    # Field names come from _FIELDS, values travel as parameters.
    total = world.state.row(f"SELECT count(*) AS n FROM {_TABLES} WHERE {where}", *values)  # noqa: S608
    rows = world.state.rows(
        f"SELECT {_COLUMNS} FROM {_TABLES} {_DETAILS} WHERE {where}"  # noqa: S608
        f" ORDER BY {column.expression} {direction}, entry.id {direction} LIMIT ? OFFSET ?",
        *values,
        page.size,
        page.offset,
    )
    return rows, total["n"] if total else 0


@router.get("/accounts/{account_id}/transactions/allowed-types")
@router.get("/accounts/{account_id}/activity/allowed-types")
async def allowed_types(account: AccountHere) -> Response:
    """Names for a filter on `Type`."""
    return answer(TYPES)


@router.get("/accounts/{account_id}/transactions")
async def list_transactions(
    request: Request,
    world: WorldHere,
    account: AccountHere,
    pageSize: Int32,
    pageNumber: Int32,
    sortBy: str,
    isDesc: bool,
    checkCode: bool = False,
    filter: str = "",
) -> Response:
    page = Page.read(pageNumber, pageSize)
    rows, total = _find(world, [account["id"]], filter, sort=sortBy, desc=isDesc, page=page, with_code=checkCode)
    return answer(page.envelope(request, [shapes.transaction(row) for row in rows], total))


@router.get("/accounts/{account_id}/activity")
async def list_activity(
    request: Request,
    world: WorldHere,
    account: AccountHere,
    pageSize: Int32,
    pageNumber: Int32,
    sortBy: str,
    isAsc: bool,
    filter: str = "",
) -> Response:
    page = Page.read(pageNumber, pageSize)
    rows, total = _find(world, [account["id"]], filter, sort=sortBy, desc=not isAsc, page=page)
    return answer(page.envelope(request, [shapes.transaction(row) for row in rows], total))


@router.get("/accounts/{account_id}/transaction/report")
async def report_transactions(
    world: WorldHere,
    account: AccountHere,
    sortBy: str,
    isDesc: bool,
    reportEnum: ReportFormat,
    checkCode: bool = False,
    filter: str = "",
) -> Response:
    """The path is singular."""
    return _report(world, account, filter, sort=sortBy, desc=isDesc, form=reportEnum, with_code=checkCode)


@router.get("/accounts/{account_id}/activity/report")
async def report_activity(
    world: WorldHere, account: AccountHere, sortBy: str, isAsc: bool, reportEnum: ReportFormat, filter: str = ""
) -> Response:
    return _report(world, account, filter, sort=sortBy, desc=not isAsc, form=reportEnum)


def _report(
    world: World,
    account: sqlite3.Row,
    filter: str,
    *,
    sort: str,
    desc: bool,
    form: ReportFormat,
    with_code: bool = False,
) -> Response:
    """All entries as lines of comma-separated text, or printed, as a PDF."""
    everything = Page(0, 1_000_000)
    rows, _ = _find(world, [account["id"]], filter, sort=sort, desc=desc, page=everything, with_code=with_code)
    drawn = [shapes.transaction(row) for row in rows]
    return answer(shapes.printed_report(drawn) if form == "PdfReport" else shapes.report(drawn))


@router.post("/transactions/consolidated")
async def list_of_several(request: Request, world: WorldHere, caller: CallerHere, filter: str = "") -> Response:
    """Rows of another shape."""
    query = await read_body(request, ConsolidatedQuery, param="dto")
    accounts = [account["id"] for account in accounts_of(world, caller, query.account_ids)]
    page = Page.read(query.page_number, query.page_size)
    rows, total = _find(world, accounts, filter, sort=query.sort_field or "Date", desc=query.desc, page=page)
    return answer(page.envelope(request, [shapes.activity(row) for row in rows], total))

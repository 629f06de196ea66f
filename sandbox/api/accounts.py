"""Accounts: whose they are, what they are worth and were worth, how they were opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import AccountHere, CallerHere, UserHere, account_of_caller
from sandbox.api.answers import answer
from sandbox.api.bodies import read_json
from sandbox.api.errors import ApiError, model_invalid
from sandbox.api.filters import Column, Moment, as_sql, name_of, parse_filter
from sandbox.api.members import OWNER_TYPES
from sandbox.api.paging import Page
from sandbox.api.shapes import accounts as shapes
from sandbox.clock import parse_iso
from sandbox.dependencies import WorldHere
from sandbox.exchange.balances import balance_map, worth
from sandbox.oauth.tokens import Caller
from sandbox.people.bindings import is_administrator, owner_of, owners_of
from sandbox.people.equity_curve import curves_together, equity_curve
from sandbox.people.sign_up import end_of_ssn
from sandbox.people.wealth import accounts_of, balances_together
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

LARGEST_ID = 2**31 - 1
MOST_ACCOUNTS = 100
# The flags of E:Permissions, in the order of the list.
PERMISSION_CODES = {
    "Empty": 0, "LongStock": 1, "ShortStock": 2, "LongOption": 4, "ShortOption": 8, "AllowTrade": 16,
    "AllowMargin": 32, "AllowOpen": 64,
}  # fmt: skip


@router.get("/users/{user_id}/accounts")
async def user_accounts(world: WorldHere, user: UserHere) -> Response:
    rows = accounts_of(world.market, user["id"])
    return answer([shapes.user_account(row, owners_of(world.state, row["id"])) for row in rows])


def _number(literal: Any) -> float:
    return float(Decimal(literal))


def _ms(literal: Any) -> int:
    if not isinstance(literal, Moment):
        raise TypeError(literal)
    return literal.ms


_FILTERS = {
    "id": Column("account.id", lambda literal: min(int(literal), LARGEST_ID + 1)),
    "clearingaccount": Column("CAST(account.id AS TEXT)", str),
    "cash": Column("CAST(cash AS REAL)", _number),
    "enabled": Column("enabled", int),
    "currency": Column("'USD'", str),
    "status": Column("status", str),
    "margininterestrate": Column("0", _number),
    "margintype": Column("margin_type", str),
    "permissions": Column(str(PERMISSION_CODES["AllowTrade"]), int),
    "ownertype": Column("owner_type", name_of(OWNER_TYPES)),
    "optionlevel": Column("option_level", int),
    "isaverageaccount": Column("0", int),
    "clearingfirm": Column("clearing_firm", str),
    "createddate": Column("created_ms", _ms),
}

_MINE = "account.id IN (SELECT account_id FROM account_user WHERE user_id = ?)"
# Phone, e-mail, name, or the account's number; the same words for all of them.
_MASK = (
    "(instr(CAST(account.id AS TEXT), ?) > 0 OR EXISTS (SELECT 1 FROM account_user JOIN user ON user.id = user_id"
    " WHERE account_id = account.id AND access_type = 'Owner'"
    " AND instr(lower(email || ' ' || first_name || ' ' || last_name || ' ' || coalesce(phone, '')), lower(?)) > 0))"
)


@contextmanager
def _undeclared() -> Iterator[None]:
    """The contract has no 400 here: what is not understood is an invalid model."""
    try:
        yield
    except ApiError as refused:
        raise (model_invalid("", param="query") if refused.status == 400 else refused) from None


@router.get("/accounts/all")
async def all_accounts(
    request: Request,
    world: WorldHere,
    caller: CallerHere,
    pageNumber: int,
    pageSize: int,
    propertyName: str = "Id",
    isAscending: bool = True,
    filter: str = "",
    isReport: bool = False,
    mask: str = "",
) -> Response:
    """Those of the company for an administrator, one's own for others. `isReport` changes nothing here."""
    world.catch_up()
    with _undeclared():
        page = Page.read(pageNumber, pageSize)
        where, values = as_sql(parse_filter(filter), _FILTERS)
    column = _FILTERS.get(propertyName.lower() or "id")
    if column is None:
        raise model_invalid("propertyName", param="query")
    if not is_administrator(world.state, caller.user_id):
        where = f"{_MINE} AND {where}"
        values = [caller.user_id, *values]
    if mask:
        where, values = f"{where} AND {_MASK}", [*values, mask, mask]
    direction = "ASC" if isAscending else "DESC"
    # Field names come from _FILTERS, values travel as parameters.
    total = world.state.row(f"SELECT count(*) AS n FROM account WHERE {where}", *values)  # noqa: S608
    rows = world.state.rows(
        f"SELECT * FROM account WHERE {where} ORDER BY {column.expression} {direction}, id {direction}"  # noqa: S608
        " LIMIT ? OFFSET ?",
        *values,
        page.size,
        page.offset,
    )
    return answer(page.envelope(request, [drawn_account(world, row) for row in rows], total["n"] if total else 0))


def drawn_account(world: World, account: sqlite3.Row) -> dict[str, Any]:
    value = worth(world.market, account, world.market.now_ms())
    return shapes.account(account, owner_of(world.state, account["id"]), value, end_of_ssn(world, account["id"]))


# Several accounts at once


async def _accounts_asked(request: Request, world: World, caller: Caller) -> list[sqlite3.Row]:
    """The accounts of a bare JSON array of ids, each once. Foreign ones are E3, unknown ones E4, nonsense is E5."""
    ids = await read_json(request, param="accountIds")
    if not isinstance(ids, list) or any(type(number) is not int for number in ids) or len(ids) > MOST_ACCOUNTS:
        raise model_invalid("", param="accountIds")
    if any(abs(number) > LARGEST_ID for number in ids):
        raise model_invalid("", param="accountIds")
    world.catch_up()
    return [account_of_caller(world, caller, number) for number in dict.fromkeys(ids)]


@router.post("/accounts/balance/consolidated")
async def consolidated_balance(request: Request, world: WorldHere, caller: CallerHere) -> Response:
    return answer(balances_together(world.market, await _accounts_asked(request, world, caller)))


@router.post("/accounts/history")
async def accounts_history(
    request: Request, world: WorldHere, caller: CallerHere, startDate: str, endDate: str
) -> Response:
    """The curves of several accounts, added up day by day."""
    start, end = _read_moment("startDate", startDate), _read_moment("endDate", endDate)
    accounts = await _accounts_asked(request, world, caller)
    curves = [equity_curve(world.market, account, start, end) for account in accounts]
    return answer([shapes.value_item(point) for point in curves_together(curves)])


def _read_moment(name: str, text: str) -> int:
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise model_invalid(name, param="query") from None


# One account


@router.get("/accounts/{account_id}")
async def account(world: WorldHere, account: AccountHere) -> Response:
    """An array, even for one account (C36)."""
    return answer([drawn_account(world, account)])


@router.get("/accounts/{account_id}/info")
async def account_balances(world: WorldHere, account: AccountHere) -> Response:
    return answer(balance_map(worth(world.market, account, world.market.now_ms())))


@router.get("/accounts/{account_id}/history")
async def account_history(world: WorldHere, account: AccountHere, startDate: str, endDate: str, step: int) -> Response:
    """The equity curve, a point per trading day. `step` has to be there and changes nothing."""
    start, end = _read_moment("startDate", startDate), _read_moment("endDate", endDate)
    return answer([shapes.value_item(point) for point in equity_curve(world.market, account, start, end)])


@router.get("/accounts/{account_id}/details")
async def account_details(world: WorldHere, account: AccountHere) -> Response:
    request = world.state.row("SELECT * FROM account_request WHERE account_id = ?", account["id"])
    return answer(shapes.account_details(account, owner_of(world.state, account["id"]), request))

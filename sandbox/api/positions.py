"""Positions of an account or of several."""

from __future__ import annotations

import sqlite3

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import AccountHere, CallerHere, accounts_of
from sandbox.api.answers import answer
from sandbox.api.bodies import ConsolidatedQuery, read_body
from sandbox.api.errors import unexpected
from sandbox.api.listing import sieve
from sandbox.api.members import EXPIRATION_TYPES, POSITION, SECURITY_TYPES
from sandbox.api.paging import Page
from sandbox.api.shapes import positions as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.balances import Holding, by_asset_class, holdings
from sandbox.exchange.securities import find_security
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

LARGEST_COUNT = 1000
# Members that a filter may tell by numbers.
CODES = {"SecurityType": SECURITY_TYPES, "UnderlyingExpirationType": EXPIRATION_TYPES}


@router.get("/accounts/{account_id}/positions/groups")
async def position_groups(world: WorldHere, account: AccountHere) -> Response:
    """What is held by asset class, with a row for the cash."""
    groups = by_asset_class(_holdings(world, account))
    return answer(shapes.groups([*groups.items(), ("Cash", account["cash"])]))


@router.get("/accounts/{account_id}/positions/top")
async def top_positions(world: WorldHere, account: AccountHere, count: int = 10) -> Response:
    """The most valuable positions, largest first."""
    held = sorted(_holdings(world, account), key=lambda holding: -holding.market_value)
    rows = [(holding.security.symbol, holding.market_value) for holding in held if holding.quantity]
    return answer(shapes.groups(rows[: min(max(count, 0), LARGEST_COUNT)]))


@router.get("/accounts/{account_id}/positions")
async def list_positions(
    request: Request,
    world: WorldHere,
    account: AccountHere,
    pageNumber: int,
    pageSize: int,
    sortField: str,
    desc: bool,
    filter: str = "",
) -> Response:
    rows = [shapes.position(holding) for holding in _holdings(world, account)]
    rows = sieve(rows, filter, members=POSITION, codes=CODES, sort=sortField, desc=desc)
    page = Page.read(pageNumber, pageSize)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


@router.post("/positions/consolidated")
async def list_positions_of_several(
    request: Request, world: WorldHere, caller: CallerHere, filter: str = ""
) -> Response:
    query = await read_body(request, ConsolidatedQuery, param="dto")
    page = Page.read(query.page_number, query.page_size)
    accounts = accounts_of(world, caller, query.account_ids)
    rows = [shapes.position(holding) for account in accounts for holding in _holdings(world, account)]
    rows = sieve(rows, filter, members=POSITION, codes=CODES, sort=query.sort_field or "Id", desc=query.desc)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


@router.get("/accounts/{account_id}/positions/{symbol}")
async def get_position(world: WorldHere, account: AccountHere, symbol: str) -> Response:
    """An array; empty when nothing is held. An unknown ticker is E4."""
    security = find_security(symbol)
    if security is None:
        raise unexpected()
    held = _holdings(world, account)
    return answer([shapes.position(holding) for holding in held if holding.security.symbol == security.symbol])


def _holdings(world: World, account: sqlite3.Row) -> list[Holding]:
    return holdings(world.market, account["id"], world.market.now_ms())

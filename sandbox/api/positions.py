"""Positions of an account."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import AccountHere
from sandbox.api.answers import answer
from sandbox.api.errors import unexpected
from sandbox.api.listing import sieve
from sandbox.api.paging import Page
from sandbox.api.shapes import positions as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.balances import holdings
from sandbox.exchange.securities import find_security

router = APIRouter(prefix="/v1.0")


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
    held = holdings(world.market, account["id"], world.market.now_ms())
    rows = [shapes.position(holding) for holding in held]
    rows = sieve(rows, filter, sort=sortField, desc=desc)
    page = Page.read(pageNumber, pageSize)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


@router.get("/accounts/{account_id}/positions/{symbol}")
async def get_position(world: WorldHere, account: AccountHere, symbol: str) -> Response:
    """An array; empty when nothing is held. An unknown ticker is E4."""
    security = find_security(symbol)
    if security is None:
        raise unexpected()
    held = holdings(world.market, account["id"], world.market.now_ms())
    return answer([shapes.position(holding) for holding in held if holding.security is security])

"""Securities: equities by mask, page, id and symbol."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.answers import answer
from sandbox.api.errors import ApiError, no_resource
from sandbox.api.listing import sieve
from sandbox.api.paging import Page
from sandbox.api.shapes import securities as shapes
from sandbox.exchange.securities import SECURITIES, SECURITIES_BY_ID, find_security, lookup

router = APIRouter(prefix="/v1.0")


@router.get("/equities/lookup")
async def look_up(request: Request, count: int, mask: str = "", symbol: str = "", filter: str = "") -> Response:
    if not (mask or symbol):
        raise no_resource(str(request.url))
    found = [shapes.equity(security) for security in lookup(mask or symbol, count=len(SECURITIES))]
    return answer(sieve(found, filter)[: max(count, 0)])


@router.get("/equities")
async def list_equities(
    request: Request,
    pageNumber: int,
    pageSize: int,
    sortField: str,
    desc: bool,
    filter: str = "",
) -> Response:
    rows = [shapes.equity(security) for security in SECURITIES.values()]
    rows = sieve(rows, filter, sort=sortField, desc=desc)
    page = Page.read(pageNumber, pageSize)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


@router.get("/equities/{symbol}")
async def equity(symbol: str) -> Response:
    """All digits are an id, anything else a ticker."""
    security = SECURITIES_BY_ID.get(int(symbol[:9])) if symbol.isdecimal() else find_security(symbol)
    if security is None:
        raise ApiError(404)
    return answer(shapes.equity(security))

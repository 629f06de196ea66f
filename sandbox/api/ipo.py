"""New issues: industries, risk notice, open offerings, and following one."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from sandbox.api.access import AccountHere
from sandbox.api.answers import answer
from sandbox.api.errors import ApiError
from sandbox.api.listing import sieve
from sandbox.api.members import OFFERING
from sandbox.api.paging import Page
from sandbox.api.shapes import ipo as shapes
from sandbox.dependencies import WorldHere
from sandbox.lists import offerings
from sandbox.lists.offerings import OfferingRefused

router = APIRouter(prefix="/v1.0/ipo")


@router.get("/industries")
async def industries() -> Response:
    return answer(offerings.INDUSTRIES)


@router.get("/security-info")
async def security_info() -> Response:
    """A JSON string; what it says is not documented."""
    return answer(offerings.SECURITY_INFO)


@router.get("/accounts/{account_id}/offerings/active")
async def active_offerings(
    world: WorldHere, account: AccountHere, page: int, pageSize: int, filter: str = "", sortBy: str = ""
) -> Response:
    """In an envelope of its own."""
    now = world.market.now_ms()
    rows = [shapes.account_offering(found, now) for found in offerings.open_offerings(world.market, account["id"])]
    rows = sieve(rows, filter, members=OFFERING, sort=sortBy)
    cut = Page.read(page, pageSize)
    return answer(
        {
            "Items": cut.cut(rows),
            "PageNumber": cut.number,
            "PageSize": cut.size,
            "TotalCount": len(rows),
            "TotalPage": -(-len(rows) // cut.size),
        }
    )


@router.post("/accounts/{account_id}/offerings/{reference}/subscribe")
async def subscribe(world: WorldHere, account: AccountHere, reference: str) -> Response:
    try:
        offerings.follow(world.market, account["id"], reference)
    except OfferingRefused:
        raise ApiError(409) from None
    return Response()


@router.post("/accounts/{account_id}/offerings/{reference}/unsubscribe")
async def unsubscribe(world: WorldHere, account: AccountHere, reference: str) -> Response:
    try:
        offerings.unfollow(world.market, account["id"], reference)
    except OfferingRefused:
        raise ApiError(409) from None
    return Response()

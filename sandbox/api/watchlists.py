"""Watchlists: lists, names and members. What cannot be done is 409; bodies that make no sense are too (C17)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from sandbox.api.access import UserHere
from sandbox.api.answers import answer
from sandbox.api.bodies import Resource, read_body_or_conflict
from sandbox.api.errors import ApiError
from sandbox.api.numbers import Int32
from sandbox.api.shapes import lists as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.securities import find_security
from sandbox.lists import watchlists
from sandbox.lists.watchlists import MOST_SECURITIES, Watchlist, WatchlistRefused

router = APIRouter(prefix="/v1.0/users/{user_id}/watchlists")


class CreateWatchlist(Resource):
    """`CreateWatchlistModel`: `securities` are ids."""

    name: str
    securities: Annotated[list[Int32], Field(max_length=MOST_SECURITIES)] = []


class SecuritySignature(Resource):
    symbol: str


@contextmanager
def _conflicts_told() -> Iterator[None]:
    try:
        yield
    except WatchlistRefused:
        raise ApiError(409) from None


def _drawn(found: Watchlist) -> Response:
    return answer(shapes.watchlist(found, with_securities=True))


@router.get("")
async def list_watchlists(world: WorldHere, user: UserHere, includeSecurities: bool) -> Response:
    found = watchlists.watchlists_of(world.market, user["id"])
    return answer([shapes.watchlist(each, with_securities=includeSecurities) for each in found])


@router.post("")
async def create(request: Request, world: WorldHere, user: UserHere, resultIncludeSecurities: bool) -> Response:
    asked = await read_body_or_conflict(request, CreateWatchlist, param="watchlist")
    try:
        created = watchlists.create_watchlist(world.market, user["id"], asked.name, asked.securities)
    except WatchlistRefused as refused:
        raise ApiError(409, {"Message": str(refused)}) from None  # here, and only here, the contract promises a body
    return answer(shapes.watchlist(created, with_securities=resultIncludeSecurities))


@router.get("/{watchlist_id}")
async def get_watchlist(world: WorldHere, user: UserHere, watchlist_id: Int32, includeSecurities: bool) -> Response:
    with _conflicts_told():
        found = watchlists.find_watchlist(world.market, user["id"], watchlist_id)
    return answer(shapes.watchlist(found, with_securities=includeSecurities))


@router.delete("/{watchlist_id}")
async def delete(world: WorldHere, user: UserHere, watchlist_id: Int32) -> Response:
    with _conflicts_told():
        watchlists.delete_watchlist(world.market, user["id"], watchlist_id)
    return Response(status_code=204)


@router.put("/{watchlist_id}/name")
async def rename(world: WorldHere, user: UserHere, watchlist_id: Int32, name: str) -> Response:
    """The answer is a pair, in the words of the vendor's framework."""
    with _conflicts_told():
        new_name = watchlists.rename_watchlist(world.market, user["id"], watchlist_id, name)
    return answer({"m_Item1": watchlist_id, "m_Item2": new_name})


@router.put("/{watchlist_id}/securities")
async def add_by_ticker(request: Request, world: WorldHere, user: UserHere, watchlist_id: Int32) -> Response:
    security_id = await _security_in(request)
    with _conflicts_told():
        return _drawn(watchlists.add_security(world.market, user["id"], watchlist_id, security_id))


@router.delete("/{watchlist_id}/securities")
async def remove_by_ticker(request: Request, world: WorldHere, user: UserHere, watchlist_id: Int32) -> Response:
    """A DELETE with a body."""
    security_id = await _security_in(request)
    with _conflicts_told():
        return _drawn(watchlists.remove_security(world.market, user["id"], watchlist_id, security_id))


@router.put("/{watchlist_id}/securities/{security_id}")
async def add_by_id(world: WorldHere, user: UserHere, watchlist_id: Int32, security_id: Int32) -> Response:
    with _conflicts_told():
        return _drawn(watchlists.add_security(world.market, user["id"], watchlist_id, security_id))


@router.delete("/{watchlist_id}/securities/{security_id}")
async def remove_by_id(world: WorldHere, user: UserHere, watchlist_id: Int32, security_id: Int32) -> Response:
    with _conflicts_told():
        return _drawn(watchlists.remove_security(world.market, user["id"], watchlist_id, security_id))


async def _security_in(request: Request) -> int:
    """The id of the security that the body names by its ticker."""
    asked = await read_body_or_conflict(request, SecuritySignature, param="symbolToExchange")
    security = find_security(asked.symbol)
    if security is None:
        raise ApiError(409)
    return security.id

"""The console's page and its plain forms."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from sandbox.control.plane import only_from_here, show_clock, show_faults, show_prices
from sandbox.dependencies import WorldHere
from sandbox.exchange.balances import holdings, worth
from sandbox.exchange.orders import read_order
from sandbox.exchange.securities import SECURITIES
from sandbox.pages import draw, see_other
from sandbox.world import World

ORDERS_SHOWN = 30

router = APIRouter(dependencies=[Depends(only_from_here)])


@router.get("/")
async def show(world: WorldHere) -> Response:
    world.catch_up()
    return draw("console.html", console_context(world))


def console_context(world: World, **more: Any) -> dict[str, Any]:
    orders = world.state.rows("SELECT * FROM orders ORDER BY id DESC LIMIT ?", ORDERS_SHOWN)
    return {
        "clock": show_clock(world),
        "accounts": _accounts(world),
        "orders": [read_order(row) for row in orders],
        "prices": show_prices(world),
        "securities": SECURITIES,
        "faults": show_faults(world),
        "request_count": len(world.requests),
        "web_port": world.web_port,
        "problem": "",
        **more,
    }


def _accounts(world: World) -> list[dict[str, Any]]:
    now = world.market.now_ms()
    rows = world.state.rows(
        "SELECT account.*, alias, email FROM account JOIN account_user ON account_id = account.id"
        " JOIN user ON user.id = user_id ORDER BY account.id"
    )
    return [
        {"row": row, "worth": worth(world.market, row, now), "holdings": holdings(world.market, row["id"], now)}
        for row in rows
    ]


@router.post("/console/prices")
async def move_price(
    request: Request,
    world: WorldHere,
    symbol: Annotated[str, Form()],
    last: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "hold",
) -> Response:
    """Hold the price, let it walk on from there, or give it back."""
    change = None if action == "release" else {"last": last, "hold": action == "hold"}
    return _attempt(world, lambda: world.move_prices({symbol.strip().upper(): change}), at="prices")


@router.post("/console/clock")
async def change_clock(
    world: WorldHere,
    mode: Annotated[str, Form()] = "",
    advance: Annotated[str, Form()] = "",
    market: Annotated[str, Form()] = "",
) -> Response:
    given = {"mode": mode, "advance": advance, "market": market}
    change = {name: value for name, value in given.items() if value}
    return _attempt(world, lambda: world.change_clock(change), at="clock")


@router.post("/console/faults/clear")
async def clear_faults(world: WorldHere) -> Response:
    world.faults.clear()
    return see_other("/#faults")


def _attempt(world: World, act: Any, *, at: str) -> Response:
    """Do it and show the page again; what was wrong is said on the page."""
    try:
        act()
    except ValueError as problem:
        return draw("console.html", console_context(world, problem=str(problem)), status=400)
    return see_other(f"/#{at}")

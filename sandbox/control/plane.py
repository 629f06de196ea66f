"""`/_control/*`: JSON without keys, for this machine only."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from sandbox.clock import iso
from sandbox.control import people
from sandbox.control.account_requests import decide_request, list_requests
from sandbox.control.account_transfers import decide_transfer, list_transfers
from sandbox.control.faults import read_rule
from sandbox.control.ledger import ledger
from sandbox.control.money import decide_money, show_money
from sandbox.dependencies import WorldHere
from sandbox.exchange.market import Market
from sandbox.exchange.securities import SECURITIES, security_of
from sandbox.pages import comes_from_here, is_local
from sandbox.people.mail import outbox
from sandbox.world import World


class ControlRefused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


def draw_refused(refused: ControlRefused) -> JSONResponse:
    return JSONResponse({"error": refused.text}, status_code=refused.status)


async def only_from_here(request: Request) -> None:
    if not is_local(request) or not comes_from_here(request):
        raise ControlRefused(403, "The control plane answers this machine only.")


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object. Numbers with a point stay exact, as strings."""
    text = await request.body()
    try:
        raw = json.loads(text, parse_float=str) if text.strip() else {}
    except ValueError:
        raise ControlRefused(400, "The body is not JSON.") from None
    if not isinstance(raw, dict):
        raise ControlRefused(400, "The body is not a JSON object.")
    return raw


Body = Annotated[dict[str, Any], Depends(body_of)]
router = APIRouter(prefix="/_control", dependencies=[Depends(only_from_here)])


@router.post("/reset")
async def reset(world: WorldHere, body: Body) -> dict[str, Any]:
    people.refuse_unknown(body, {"seed", "clock"})
    seed = body.get("seed")
    world.reset(seed=None if seed is None else int(seed), clock=body.get("clock"))
    return show_clock(world)


def show_clock(world: World) -> dict[str, Any]:
    market = world.market
    now = market.now_ms()
    next_open = market.hours.next_open_ms(now)
    return {
        "now": iso(now),
        "mode": market.clock.mode,
        "speed": market.clock.speed,
        "market": market.hours.mode,
        "is_open": market.hours.is_open(now),
        "next_open": iso(next_open) if next_open else None,
        "seed": market.seed,
    }


@router.get("/clock")
async def get_clock(world: WorldHere) -> dict[str, Any]:
    return show_clock(world)


@router.post("/clock")
async def post_clock(world: WorldHere, body: Body) -> dict[str, Any]:
    world.change_clock(body)
    return show_clock(world)


@router.get("/prices")
async def get_prices(world: WorldHere) -> dict[str, Any]:
    return show_prices(world)


def show_prices(world: World) -> dict[str, Any]:
    """All but options: of those there are too many."""
    return {symbol: show_price(world.market, symbol) for symbol in SECURITIES}


def show_price(market: Market, symbol: str) -> dict[str, str]:
    now = market.now_ms()
    quote = market.tape.quote(symbol, now)
    override = market.tape.override_now(symbol, now)
    return {
        "bid": str(quote.bid),
        "ask": str(quote.ask),
        "last": str(quote.last),
        "previous_close": str(market.tape.previous_close(symbol, now)),
        "state": "walking" if override is None else "held" if override.held else "moved",
    }


@router.get("/halts")
async def get_halts(world: WorldHere) -> list[str]:
    return sorted(world.market.halted)


@router.post("/halts")
async def post_halts(world: WorldHere, body: Body) -> list[str]:
    world.halt(body)
    return sorted(world.market.halted)


@router.post("/prices")
async def post_prices(world: WorldHere, body: Body) -> dict[str, Any]:
    world.move_prices(body)
    return {symbol: show_price(world.market, security_of(symbol).symbol) for symbol in body}


@router.get("/faults")
async def get_faults(world: WorldHere) -> dict[str, Any]:
    return show_faults(world)


def show_faults(world: World) -> dict[str, Any]:
    return {
        "rules": [rule.as_dict() for rule in world.faults.rules],
        "settings": world.market.settings.as_dict(),
    }


@router.post("/faults")
async def post_faults(world: WorldHere, request: Request) -> dict[str, Any]:
    """One rule, or {"rules": [...], "settings": {...}}."""
    raw = json.loads(await request.body() or b"{}")
    if not isinstance(raw, dict):
        raise ValueError("a JSON object is expected")
    rules = raw.get("rules", [] if "settings" in raw else [raw])
    read = [read_rule(rule) for rule in rules]
    if "settings" in raw:
        people.refuse_unknown(raw, {"rules", "settings"})
        world.change_settings(raw["settings"])
    for rule in read:
        world.faults.add(rule)
    return show_faults(world)


@router.delete("/faults")
async def delete_faults(world: WorldHere, id: int | None = None) -> dict[str, Any]:
    """One rule by its id, or all of them. Settings stay."""
    if id is None:
        world.faults.clear()
    else:
        world.faults.remove(id)
    return show_faults(world)


@router.get("/users")
async def get_users(world: WorldHere, email: str | None = None) -> list[dict[str, Any]]:
    return people.list_users(world, email)


@router.post("/users")
async def post_users(world: WorldHere, body: Body) -> dict[str, Any]:
    world.catch_up()
    return people.save_user(world, body)


@router.get("/mail")
async def get_mail(world: WorldHere, to: str | None = None) -> list[dict[str, Any]]:
    """What would have been sent, newest first."""
    return outbox(world, to)


@router.post("/mail")
async def post_mail(world: WorldHere, body: Body) -> list[dict[str, Any]]:
    """Mail somebody a token: {"email", "purpose"}."""
    return people.mail_token(world, body)


@router.get("/agreements")
async def get_agreements(world: WorldHere) -> list[dict[str, Any]]:
    return people.list_agreements(world)


@router.post("/agreements")
async def post_agreements(world: WorldHere, body: Body) -> list[dict[str, Any]]:
    return people.change_agreements(world, body)


@router.get("/account-requests")
async def get_account_requests(world: WorldHere) -> list[dict[str, Any]]:
    return list_requests(world)


@router.post("/account-requests")
async def post_account_requests(world: WorldHere, body: Body) -> dict[str, Any]:
    return decide_request(world, body)


@router.get("/money")
async def get_money(world: WorldHere, account: int | None = None) -> dict[str, Any]:
    return show_money(world, account)


@router.post("/money")
async def post_money(world: WorldHere, body: Body) -> dict[str, Any]:
    world.catch_up()
    return decide_money(world, body)


@router.get("/account-transfers")
async def get_account_transfers(world: WorldHere) -> list[dict[str, Any]]:
    world.catch_up()
    return list_transfers(world)


@router.post("/account-transfers")
async def post_account_transfers(world: WorldHere, body: Body) -> dict[str, Any]:
    world.catch_up()
    return decide_transfer(world, body)


@router.get("/apps")
async def get_apps(world: WorldHere) -> list[dict[str, Any]]:
    return people.list_apps(world)


@router.patch("/apps")
async def patch_apps(world: WorldHere, body: Body) -> list[dict[str, Any]]:
    return people.change_app(world, body)


@router.post("/tokens")
async def post_tokens(world: WorldHere, body: Body) -> dict[str, int]:
    return people.change_tokens(world, body)


@router.get("/ledger")
async def get_ledger(world: WorldHere, account: int | None = None) -> dict[str, Any]:
    world.catch_up()
    return ledger(world, account_id=account)


@router.get("/requests")
async def get_requests(world: WorldHere) -> list[dict[str, Any]]:
    """The last 5000, oldest first."""
    return list(world.requests)


@router.delete("/requests")
async def delete_requests(world: WorldHere) -> list[dict[str, Any]]:
    world.requests.clear()
    return []

"""The console's pages and its plain forms. Everything works without the script, which only keeps pages up to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from sandbox.console.contexts import PAGES, Page, context_of
from sandbox.control import people
from sandbox.control.faults import read_rule
from sandbox.control.plane import only_from_here
from sandbox.dependencies import WorldHere
from sandbox.pages import draw, see_other
from sandbox.webhooks import outbox
from sandbox.webhooks.events import EVENTS
from sandbox.world import World

router = APIRouter(dependencies=[Depends(only_from_here)])

Text = Annotated[str, Form()]


def _add_page(page: Page) -> None:
    async def show(request: Request, world: WorldHere) -> Response:
        world.catch_up()
        return _draw(world, page, dict(request.query_params))

    router.add_api_route(page.path, show, methods=["GET"])


for _page in PAGES:
    _add_page(_page)


def _draw(world: World, page: Page, wanted: dict[str, str], *, problem: str = "") -> Response:
    context = context_of(world, page, wanted, problem=problem)
    return draw(page.template, context, status=400 if problem else 200, runs_scripts=True)


def _attempt(world: World, act: Callable[[], object], back: str) -> Response:
    """Do it and show the page again from which it came; what was wrong is said there."""
    page = next((page for page in PAGES if page.path == back), PAGES[0])
    try:
        act()
    except (ValueError, TypeError) as problem:
        return _draw(world, page, {}, problem=str(problem))
    return see_other(page.path)


@router.post("/console/prices")
async def move_price(
    world: WorldHere, symbol: Text, last: Text = "", action: Text = "hold", back: Text = "/console/prices"
) -> Response:
    """Hold the price, let it walk on from there, or give it back."""
    change = None if action == "release" else {"last": last, "hold": action == "hold"}
    return _attempt(world, lambda: world.move_prices({symbol.strip().upper(): change}), back)


@router.post("/console/halts")
async def halt(world: WorldHere, symbol: Text, halted: Text = "", back: Text = "/console/prices") -> Response:
    """Halt trading in a symbol (`halted` is "true"), or let it go on."""
    return _attempt(world, lambda: world.halt({symbol.strip().upper(): halted == "true"}), back)


@router.post("/console/clock")
async def change_clock(
    world: WorldHere,
    mode: Text = "",
    advance: Text = "",
    market: Text = "",
    speed: Text = "",
    set: Text = "",
    back: Text = "/",
) -> Response:
    given = {"mode": mode, "speed": speed, "set": set.strip(), "advance": advance, "market": market}
    return _attempt(world, lambda: world.change_clock({name: value for name, value in given.items() if value}), back)


@router.post("/console/reset")
async def start_over(world: WorldHere, seed: Text = "", back: Text = "/") -> Response:
    """The demo's people and nothing else, with another seed if one is given."""
    return _attempt(world, lambda: world.reset(seed=int(seed) if seed.strip() else None), back)


@router.post("/console/faults/add")
async def add_fault(
    world: WorldHere,
    action: Text = "",
    message: Text = "",
    method: Text = "",
    path: Text = "",
    name: Text = "",
    count: Text = "1",
    seconds: Text = "",
    status: Text = "",
    retry_after: Text = "",
    back: Text = "/console/faults",
) -> Response:
    """A rule about requests, or, with `message` (what and action), about messages."""
    on, _, what = message.partition(" ")
    if on:
        rule: dict[str, Any] = {"on": on, "action": what, "entity" if on == "stream" else "event": name}
    else:
        rule = {"action": action, "method": method, "path": path, "seconds": seconds}
        if action == "status":
            rule |= {"status": status, "headers": {"Retry-After": retry_after} if retry_after else None}
    rule = {name: value for name, value in rule.items() if value}

    def add() -> None:
        world.faults.add(read_rule(rule | {"count": None if count == "always" else int(count)}))

    return _attempt(world, add, back)


@router.post("/console/faults/remove")
async def remove_fault(world: WorldHere, rule: Annotated[int, Form()], back: Text = "/console/faults") -> Response:
    return _attempt(world, lambda: world.faults.remove(rule), back)


@router.post("/console/faults/clear")
async def clear_faults(world: WorldHere, back: Text = "/console/faults") -> Response:
    return _attempt(world, world.faults.clear, back)


@router.post("/console/settings")
async def change_settings(request: Request, world: WorldHere) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    back = form.pop("back", "/console/faults")
    known = world.market.settings.as_dict()

    def change() -> None:
        world.change_settings({name: _read_setting(known.get(name), text) for name, text in form.items()})

    return _attempt(world, change, back)


def _read_setting(known: object, text: str) -> object:
    """A text of the form as the kind of value that the setting has. Raises ValueError."""
    if isinstance(known, bool):
        return text == "true"
    if isinstance(known, int | float):
        return float(text)
    return text or None


@router.post("/console/webhooks")
async def listen(
    world: WorldHere, client_id: Text, url: Text = "", secret: Text = "", back: Text = "/console/webhooks"
) -> Response:
    def save() -> None:
        outbox.save_endpoint(world.market, client_id, url=url, secret=secret, events=list(EVENTS), active=True)

    return _attempt(world, save, back)


@router.post("/console/webhooks/remove")
async def stop_listening(world: WorldHere, client_id: Text, back: Text = "/console/webhooks") -> Response:
    return _attempt(world, lambda: outbox.remove_endpoint(world.market, client_id), back)


@router.post("/console/webhooks/redeliver")
async def send_again(world: WorldHere, delivery: Annotated[int, Form()], back: Text = "/console/webhooks") -> Response:
    return _attempt(world, lambda: outbox.redeliver(world.market, delivery), back)


@router.post("/console/requests/clear")
async def clear_requests(world: WorldHere, back: Text = "/console/requests") -> Response:
    return _attempt(world, world.requests.clear, back)


@router.post("/console/agreements")
async def change_agreements(
    world: WorldHere,
    email: Text,
    outstanding: Annotated[list[str] | None, Form()] = None,
    back: Text = "/console/people",
) -> Response:
    """Exactly these are to be signed by this user from now on."""
    change = {"email": email, "outstanding": outstanding or []}
    return _attempt(world, lambda: people.change_agreements(world, change), back)

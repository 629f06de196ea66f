"""`/_control/webhooks`: endpoints of the applications, and the log of deliveries."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from sandbox.control.people import refuse_unknown
from sandbox.control.plane import Body, only_from_here
from sandbox.dependencies import WorldHere
from sandbox.webhooks import outbox
from sandbox.webhooks.events import EVENTS

router = APIRouter(prefix="/_control/webhooks", dependencies=[Depends(only_from_here)])


@router.get("")
async def get_endpoints(world: WorldHere) -> list[dict[str, Any]]:
    return outbox.list_endpoints(world.market)


@router.post("")
async def post_endpoint(world: WorldHere, body: Body) -> list[dict[str, Any]]:
    """{"client_id", "url", "secret"} and, if not all, "events"; a `url` of null takes the endpoint away."""
    refuse_unknown(body, {"client_id", "url", "secret", "events", "active"})
    client_id, url = str(body.get("client_id", "")), body.get("url")
    if url is None:
        outbox.remove_endpoint(world.market, client_id)
        return outbox.list_endpoints(world.market)
    outbox.save_endpoint(
        world.market,
        client_id,
        url=str(url),
        secret=str(body.get("secret") or ""),
        events=list(body.get("events", EVENTS)),
        active=bool(body.get("active", True)),
    )
    return outbox.list_endpoints(world.market)


@router.get("/deliveries")
async def get_deliveries(world: WorldHere, limit: int = 200) -> list[dict[str, Any]]:
    """Newest first."""
    return outbox.list_deliveries(world.market, limit)


@router.post("/deliveries/{delivery_id}/redeliver")
async def post_redeliver(world: WorldHere, delivery_id: int) -> dict[str, int]:
    outbox.redeliver(world.market, delivery_id)
    world.sender.start_due()
    return {"redelivered": delivery_id}

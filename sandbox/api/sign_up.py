"""The gateway of the development sign-up, outside of the API and without its keys; and the link in a welcome mail."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.answers import answer
from sandbox.api.bodies import read_json
from sandbox.api.errors import model_invalid, registration_failed
from sandbox.api.shapes.users import user_info
from sandbox.dependencies import WorldHere
from sandbox.pages import draw
from sandbox.people.confirmations import redeem
from sandbox.people.registration import RegistrationRefused
from sandbox.people.sign_up import ApplicationRefused, open_clearing_account, register_trader
from sandbox.world import World

router = APIRouter()


@router.post("/v1/userregistrationroute")
@router.post("/v1/userregistrationroute/")
async def sign_up(request: Request, world: WorldHere) -> Response:
    """An envelope {"route", "content"}: ETNA makes the trading user, RQD the clearing account. Answered in another."""
    envelope = await read_json(request, param="envelope")
    content = envelope.get("content") if isinstance(envelope, dict) else None
    if not isinstance(content, dict):
        raise model_invalid("content", param="envelope")
    try:
        made = _carry_out(world, str(envelope.get("route", "")).upper(), content)
    except RegistrationRefused as refused:
        raise registration_failed(refused.errors, refused.reason) from None
    except ApplicationRefused as refused:
        raise model_invalid(refused.field, refused.text, param="content") from None
    return answer({"route": envelope["route"], "content": made})


def _carry_out(world: World, route: str, content: dict[str, Any]) -> dict[str, Any]:
    if route == "ETNA":
        return user_info(register_trader(world, content))
    if route == "RQD":
        return {"acct_no": str(open_clearing_account(world, content))}
    raise model_invalid("route", param="envelope")


@router.get("/confirm/{code}")
async def confirm_address(world: WorldHere, code: str) -> Response:
    user = redeem(world, code, "UserActivation")
    if user is None:
        text = "The link has been used, or is older than a day."
        return draw("problem.html", {"title": "This link is no longer good", "text": text}, status=404)
    world.state.db.execute("UPDATE user SET email_confirmed = 1 WHERE id = ?", (user["id"],))
    return draw("problem.html", {"title": "Your address is confirmed", "text": "You can go back to your broker."})

"""The direct login, the end of a session, and the gateway's health: routes without a version."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.answers import answer
from sandbox.api.errors import credentials_invalid
from sandbox.clock import wall_ms
from sandbox.dependencies import WorldHere
from sandbox.oauth.tokens import find_caller, issue_tokens, revoke_access

router = APIRouter()


@router.post("/token")
async def log_in(request: Request, world: WorldHere) -> Response:
    """The direct login, everything in headers."""
    name, password = request.headers.get("username", ""), request.headers.get("password", "")
    user = world.state.row("SELECT * FROM user WHERE email = ? OR login = ?", name, name)
    if user is None or not secrets.compare_digest(user["password"].encode(), password.encode()):
        raise credentials_invalid()
    app = world.state.row("SELECT * FROM app WHERE client_id = ?", request.state.client_id)
    assert app is not None  # noqa: S101 - the gate has just found it
    token = issue_tokens(world, app, user_id=user["id"], scope="", auth_ms=wall_ms())["access_token"]
    return answer({"State": "Succeeded", "Token": token})


@router.post("/logout")
async def log_out(request: Request, world: WorldHere) -> Response:
    """The token is dead at once; one that is dead already is no error."""
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    if caller := find_caller(world.state, token):
        revoke_access(world.state, caller.token_hash)
    return Response(status_code=200)


@router.get("/health")
async def health() -> dict[str, str]:
    return {"status": "Healthy"}

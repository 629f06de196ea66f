"""The machine's side of the identity provider: discovery, keys, tokens, profile, revocation."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import sqlite3
from html import escape
from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox.dependencies import WorldHere
from sandbox.oauth.tokens import (
    SCOPES,
    GrantRefused,
    claims_of,
    find_caller,
    redeem_code,
    refresh_tokens,
    revoke_refresh,
)
from sandbox.world import World

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}

router = APIRouter()


def refuse_grant(refused: GrantRefused) -> JSONResponse:
    body = {"error": refused.error, "error_description": refused.description}
    return JSONResponse(body, status_code=refused.status, headers=NO_STORE)


@router.get("/.well-known/openid-configuration")
async def discovery(world: WorldHere) -> dict[str, Any]:
    base = world.base_url
    return {
        "issuer": world.issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "userinfo_endpoint": f"{base}/userinfo",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "claims_supported": [
            "aud", "auth_time", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name",
            "nickname", "picture", "sub",
        ],
    }  # fmt: skip


@router.get("/.well-known/jwks.json")
async def jwks(world: WorldHere) -> dict[str, Any]:
    return world.signing_key.as_jwks()


@router.post("/oauth/token")
async def token(request: Request, world: WorldHere) -> JSONResponse:
    params = await _read_params(request)
    app = _authenticate(world, request, params)
    grant_type = params.get("grant_type")
    if grant_type == "authorization_code":
        answer = redeem_code(
            world,
            app,
            code=_required(params, "code"),
            redirect_uri=_required(params, "redirect_uri"),
            verifier=params.get("code_verifier"),
        )
    elif grant_type == "refresh_token":
        answer = refresh_tokens(world, app, _required(params, "refresh_token"))
    else:
        raise GrantRefused(403, "unsupported_grant_type", f"Unsupported grant type: {grant_type}")
    return JSONResponse(answer, headers=NO_STORE)


@router.get("/userinfo")
async def userinfo(request: Request, world: WorldHere) -> Response:
    caller = find_caller(world.state, bearer_of(request))
    if caller is None:
        return Response("Unauthorized", 401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return JSONResponse(claims_of(world, caller.user_id, caller.scope), headers=NO_STORE)


@router.post("/oauth/revoke")
async def revoke(request: Request, world: WorldHere) -> Response:
    params = await _read_params(request)
    revoke_refresh(world.state, _authenticate(world, request, params), _required(params, "token"))
    return Response(status_code=200, headers=NO_STORE)


@router.get("/avatars/{user_id}.svg")
async def avatar(world: WorldHere, user_id: int) -> Response:
    user = world.state.row("SELECT * FROM user WHERE id = ?", user_id)
    letters = escape(user["first_name"][:1] + user["last_name"][:1]) if user else "?"
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#33527a"/>'
        '<text x="32" y="41" fill="#fff" font-family="sans-serif" font-size="26" text-anchor="middle">'
        f"{letters}</text></svg>"
    )
    return Response(svg, media_type="image/svg+xml")


def bearer_of(request: Request) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else ""


async def _read_params(request: Request) -> dict[str, str]:
    """A form or a JSON object, as strings. Raises GrantRefused for anything else."""
    if "json" in request.headers.get("content-type", ""):
        try:
            raw = json.loads(await request.body())
        except ValueError:
            raw = None
        if not isinstance(raw, dict):
            raise GrantRefused(400, "invalid_request", "The body is not a JSON object.")
    else:
        raw = dict(await request.form())
    return {name: value for name, value in raw.items() if isinstance(value, str)}


def _required(params: dict[str, str], name: str) -> str:
    if not params.get(name):
        raise GrantRefused(400, "invalid_request", f"Missing required parameter: {name}")
    return params[name]


def _authenticate(world: World, request: Request, params: dict[str, str]) -> sqlite3.Row:
    """The application that calls, by HTTP Basic or by its id and secret in the body. Raises GrantRefused."""
    client_id, secret = _basic_credentials(request) or (params.get("client_id", ""), params.get("client_secret", ""))
    app = world.state.row("SELECT * FROM app WHERE client_id = ?", client_id)
    if app is None or not app["active"] or not secrets.compare_digest(app["client_secret"].encode(), secret.encode()):
        raise GrantRefused(401, "access_denied", "Unauthorized")
    return app


def _basic_credentials(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(client_id), unquote(secret)

"""The direct login, the end of a session, and the gateway's health: routes without a version."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.answers import answer, without_nulls
from sandbox.api.errors import login_failed
from sandbox.dependencies import WorldHere
from sandbox.oauth.endpoints import bearer_of
from sandbox.oauth.tokens import GrantRefused, exchange_code, find_caller, revoke_access
from sandbox.people.signing_in import Expecting, Given, LoginFailed, sign_in

router = APIRouter()


@router.post("/token")
async def log_in(request: Request, world: WorldHere) -> Response:
    """Everything travels in headers: name and password, or the authorization code of the OAuth flow (C3).

    `AuthenticationType` and `ReferralCode` may be there, and change nothing.
    """
    app = world.state.row("SELECT * FROM app WHERE client_id = ?", request.state.client_id)
    assert app is not None  # noqa: S101 - the gate has just found it
    headers = request.headers
    try:
        if "oauthcode" in headers:
            uri = headers.get("redirecturi", "")
            return _succeeded(exchange_code(world, app, code=headers["oauthcode"], redirect_uri=uri))
        outcome = sign_in(world, app, _read_given(request))
    except LoginFailed as failure:
        raise login_failed(failure.step, failure.reason, failure.confirmation_token) from None
    except GrantRefused as refused:
        raise login_failed("BaseAuthentication", refused.description) from None
    return _draw_expecting(outcome) if isinstance(outcome, Expecting) else _succeeded(outcome)


def _read_given(request: Request) -> Given:
    headers = request.headers
    return Given(
        name=headers.get("username", ""),
        password=headers.get("password", ""),
        interim=bearer_of(request),
        verification_code=headers.get("verificationcode", "").strip(),
        pin_code=headers.get("pincode", "").strip(),
    )


def _succeeded(token: str) -> Response:
    return answer({"State": "Succeeded", "Token": token})


def _draw_expecting(expecting: Expecting) -> Response:
    body = {
        "State": "Expecting",
        "Step": expecting.step,
        "Reason": expecting.reason,
        "Token": expecting.token,
        "ConfirmationToken": expecting.confirmation_token,
        "PersonalPhrase": expecting.personal_phrase,
        "Image": expecting.image,
    }
    return answer(without_nulls(body), status=202)


@router.post("/logout")
async def log_out(request: Request, world: WorldHere) -> Response:
    """The token is dead at once; one that is dead already is no error."""
    if caller := find_caller(world.state, bearer_of(request)):
        revoke_access(world.state, caller.token_hash)
    return Response(status_code=200)


@router.get("/health")
async def health() -> dict[str, str]:
    return {"status": "Healthy"}

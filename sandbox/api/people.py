"""Users, their accounts, balances and agreements, and the direct login."""

from __future__ import annotations

import secrets
import sqlite3

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api import resources
from sandbox.api.access import AccountHere, CallerHere, UserHere
from sandbox.api.answers import answer
from sandbox.api.errors import credentials_invalid, model_invalid
from sandbox.clock import wall_ms
from sandbox.dependencies import WorldHere
from sandbox.exchange.balances import balance_map, worth
from sandbox.oauth.tokens import find_caller, issue_tokens, revoke_access
from sandbox.world import World

router = APIRouter()
versioned = APIRouter(prefix="/v1.0")


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


@versioned.get("/users/{user_id}/info")
async def user_info(user: UserHere) -> Response:
    return answer(resources.user_info(user))


@versioned.get("/users/{user_id}/accounts")
async def user_accounts(world: WorldHere, user: UserHere) -> Response:
    rows = world.state.rows(
        "SELECT account.*, access_type, alias FROM account JOIN account_user ON account_id = account.id"
        " WHERE user_id = ? ORDER BY account.id",
        user["id"],
    )
    return answer([resources.user_account(row, _owners(world, row["id"])) for row in rows])


def _owners(world: World, account_id: int) -> list[sqlite3.Row]:
    return world.state.rows(
        "SELECT user.* FROM user JOIN account_user ON user_id = user.id"
        " WHERE account_id = ? AND access_type = 'Owner' ORDER BY user.id",
        account_id,
    )


def _owner(world: World, account_id: int) -> sqlite3.Row | None:
    return next(iter(_owners(world, account_id)), None)


@versioned.get("/accounts/{account_id}")
async def account(world: WorldHere, account: AccountHere) -> Response:
    """An array, even for one account (C36)."""
    value = worth(world.market, account, world.market.now_ms())
    return answer([resources.account(account, _owner(world, account["id"]), value)])


@versioned.get("/accounts/{account_id}/info")
async def account_balances(world: WorldHere, account: AccountHere) -> Response:
    return answer(balance_map(worth(world.market, account, world.market.now_ms())))


@versioned.get("/accounts/{account_id}/details")
async def account_details(world: WorldHere, account: AccountHere) -> Response:
    return answer(resources.account_details(account, _owner(world, account["id"])))


@versioned.get("/users/{user_id}/agreements")
async def outstanding_agreements(world: WorldHere, user: UserHere) -> Response:
    rows = world.state.rows(
        "SELECT agreement.* FROM agreement JOIN user_agreement ON agreement_id = agreement.id"
        " WHERE user_id = ? AND signed_ms IS NULL AND current ORDER BY agreement.id",
        user["id"],
    )
    return answer([resources.agreement(row) for row in rows])


@versioned.post("/users/{user_id}/agreements/{agreement_id}/sign")
async def sign_agreement(world: WorldHere, user: UserHere, caller: CallerHere, agreement_id: int) -> Response:
    """Sign; again is fine. An agreement that this user was never asked to sign is refused."""
    signed = world.state.db.execute(
        "UPDATE user_agreement SET signed_ms = coalesce(signed_ms, ?) WHERE user_id = ? AND agreement_id = ?",
        (world.market.now_ms(), user["id"], agreement_id),
    )
    if not signed.rowcount:
        raise model_invalid("", "Agreement is not found.", param="agreementId")
    return Response(status_code=200)

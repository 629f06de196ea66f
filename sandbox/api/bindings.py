"""Accounts and their users: who is bound to which, under what name, and which account somebody has selected."""

from __future__ import annotations

import sqlite3

from fastapi import APIRouter
from fastapi.responses import Response

from sandbox.api.access import AccountHere, AdministratorHere, CallerHere, UserHere
from sandbox.api.answers import answer
from sandbox.api.errors import model_invalid, user_unknown
from sandbox.api.shapes import accounts as shapes
from sandbox.dependencies import WorldHere
from sandbox.people.bindings import ACCESS_TYPES, bind, name_account, unbind, users_of
from sandbox.world import World

router = APIRouter(prefix="/v1.0/accounts/{account_id}")

LONGEST_ALIAS = 255


@router.get("/users")
async def account_users(world: WorldHere, account: AccountHere) -> Response:
    """An array, as in the vendor's sample (C36)."""
    return answer([shapes.relation(user, user["access_type"]) for user in users_of(world.state, account["id"])])


def _bind(world: World, account: sqlite3.Row, user: sqlite3.Row, access_type: str) -> Response:
    """One relation comes back, not all (C37)."""
    if access_type not in ACCESS_TYPES:
        raise model_invalid("accessType", param="query")
    bind(world.state, account["id"], user["id"], access_type)
    return answer(shapes.relation(user, access_type))


@router.put("/users/{user_id}")
async def bind_by_id(
    world: WorldHere, administrator: AdministratorHere, account: AccountHere, user: UserHere, accessType: str
) -> Response:
    return _bind(world, account, user, accessType)


@router.put("/username/{username:path}")
async def bind_by_name(
    world: WorldHere, administrator: AdministratorHere, account: AccountHere, username: str, accessType: str
) -> Response:
    user = world.state.row("SELECT * FROM user WHERE login = ?", username)
    if user is None:
        raise user_unknown()
    return _bind(world, account, user, accessType)


@router.delete("/users/{user_id}")
async def unbind_by_id(
    world: WorldHere, administrator: AdministratorHere, account: AccountHere, user: UserHere
) -> Response:
    """The relations that are left."""
    unbind(world.state, account["id"], user["id"])
    return answer([shapes.relation(left, left["access_type"]) for left in users_of(world.state, account["id"])])


@router.put("/alias/{alias:path}")
async def set_alias(world: WorldHere, account: AccountHere, caller: CallerHere, alias: str) -> Response:
    if not 0 < len(alias.strip()) <= LONGEST_ALIAS:
        raise model_invalid("alias", param="path")
    name_account(world.state, account["id"], caller.user_id, alias.strip())
    return Response(status_code=200)


@router.delete("/alias")
async def clear_alias(world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    name_account(world.state, account["id"], caller.user_id, None)
    return Response(status_code=200)


@router.put("/select")
async def select(world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    """The account that the user works with, kept on this side."""
    world.state.db.execute("UPDATE user SET selected_account = ? WHERE id = ?", (account["id"], caller.user_id))
    return answer({"Id": account["id"]})

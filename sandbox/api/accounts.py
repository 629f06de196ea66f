"""Accounts: whose they are, what they are worth, how they were opened."""

from __future__ import annotations

import sqlite3

from fastapi import APIRouter
from fastapi.responses import Response

from sandbox.api.access import AccountHere, UserHere
from sandbox.api.answers import answer
from sandbox.api.shapes import accounts as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.balances import balance_map, worth
from sandbox.world import World

router = APIRouter(prefix="/v1.0")


@router.get("/users/{user_id}/accounts")
async def user_accounts(world: WorldHere, user: UserHere) -> Response:
    rows = world.state.rows(
        "SELECT account.*, access_type, alias FROM account JOIN account_user ON account_id = account.id"
        " WHERE user_id = ? ORDER BY account.id",
        user["id"],
    )
    return answer([shapes.user_account(row, _owners(world, row["id"])) for row in rows])


def _owners(world: World, account_id: int) -> list[sqlite3.Row]:
    return world.state.rows(
        "SELECT user.* FROM user JOIN account_user ON user_id = user.id"
        " WHERE account_id = ? AND access_type = 'Owner' ORDER BY user.id",
        account_id,
    )


def _owner(world: World, account_id: int) -> sqlite3.Row | None:
    return next(iter(_owners(world, account_id)), None)


@router.get("/accounts/{account_id}")
async def account(world: WorldHere, account: AccountHere) -> Response:
    """An array, even for one account (C36)."""
    value = worth(world.market, account, world.market.now_ms())
    return answer([shapes.account(account, _owner(world, account["id"]), value)])


@router.get("/accounts/{account_id}/info")
async def account_balances(world: WorldHere, account: AccountHere) -> Response:
    return answer(balance_map(worth(world.market, account, world.market.now_ms())))


@router.get("/accounts/{account_id}/details")
async def account_details(world: WorldHere, account: AccountHere) -> Response:
    return answer(shapes.account_details(account, _owner(world, account["id"])))

"""Who may see what: users know themselves, and the accounts they are bound to."""

from __future__ import annotations

import sqlite3
from typing import Annotated

from fastapi import Depends, Request

from sandbox.api.errors import denied, request_invalid, unexpected, user_unknown
from sandbox.dependencies import WorldHere
from sandbox.oauth.tokens import Caller


async def caller_of(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


CallerHere = Annotated[Caller, Depends(caller_of)]


async def account_of(world: WorldHere, caller: CallerHere, account_id: int) -> sqlite3.Row:
    """The account of the path, brought up to now. A foreign one is E3, an unknown one E4."""
    world.catch_up()
    row = world.state.row("SELECT * FROM account WHERE id = ?", account_id)
    if row is None:
        raise unexpected()
    bound = world.state.row(
        "SELECT 1 FROM account_user WHERE account_id = ? AND user_id = ?", account_id, caller.user_id
    )
    if bound is None:
        raise denied()
    return row


async def user_of(world: WorldHere, caller: CallerHere, user_id: str) -> sqlite3.Row:
    """The user of the path: `@me` or the caller's own id. Somebody else is E3, nobody E9."""
    if user_id != "@me" and not user_id.isdecimal():
        raise request_invalid()
    wanted = caller.user_id if user_id == "@me" else int(user_id[:18])
    row = world.state.row("SELECT * FROM user WHERE id = ?", wanted)
    if row is None:
        raise user_unknown()
    if wanted != caller.user_id:
        raise denied()
    return row


AccountHere = Annotated[sqlite3.Row, Depends(account_of)]
UserHere = Annotated[sqlite3.Row, Depends(user_of)]

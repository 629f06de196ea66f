"""Who may see what: users know themselves, and the accounts they are bound to."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Request

from sandbox.api.errors import denied, request_invalid, unexpected, user_unknown
from sandbox.dependencies import WorldHere
from sandbox.oauth.tokens import Caller
from sandbox.people.bindings import access_of, is_administrator
from sandbox.world import World

_INTEGER = re.compile(r"-?[0-9]+")


async def caller_of(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


CallerHere = Annotated[Caller, Depends(caller_of)]


async def account_of(world: WorldHere, caller: CallerHere, account_id: int, request: Request) -> sqlite3.Row:
    """The account of the path, brought up to now. Changing anything in one that the caller may only look at is E3."""
    world.catch_up()
    row = account_of_caller(world, caller, account_id)
    if _changes_account(request) and access_of(world.state, account_id, caller.user_id) == "ReadOnly":
        raise denied()
    return row


def account_of_caller(world: World, caller: Caller, account_id: int) -> sqlite3.Row:
    """An account that the caller may look at. A foreign one is E3, an unknown one E4 (C16)."""
    row = world.state.row("SELECT * FROM account WHERE id = ?", account_id)
    if row is None:
        raise unexpected()
    if access_of(world.state, account_id, caller.user_id) is None:
        raise denied()
    return row


def _changes_account(request: Request) -> bool:
    """False for reads that are spelled POST, for what everybody may keep to themselves (alias, selection), and for new
    orders: order entry rejects those in its own words (`AccountRestricted`)."""
    below = request.url.path.partition("/accounts/")[2].partition("/")[2]
    if request.method == "POST" and below in ("orders", "syncorders"):
        return False
    return request.method != "GET" and not below.startswith(("preview/", "alias", "select"))


async def user_of(world: WorldHere, caller: CallerHere, user_id: str) -> sqlite3.Row:
    """The user of the path: `@me`, the caller's own id, or anybody for an administrator. Nobody is E9, others E3."""
    if user_id != "@me" and not _INTEGER.fullmatch(user_id):
        raise request_invalid()
    wanted = caller.user_id if user_id == "@me" else int(user_id[:18])
    row = world.state.row("SELECT * FROM user WHERE id = ?", wanted)
    if row is None:
        raise user_unknown()
    if wanted != caller.user_id and not is_administrator(world.state, caller.user_id):
        raise denied()
    return row


UserHere = Annotated[sqlite3.Row, Depends(user_of)]


async def oneself(user: UserHere, caller: CallerHere) -> sqlite3.Row:
    """The user of the path, who has to be the caller."""
    if user["id"] != caller.user_id:
        raise denied()
    return user


async def administrator(world: WorldHere, caller: CallerHere) -> Caller:
    if not is_administrator(world.state, caller.user_id):
        raise denied()
    return caller


AccountHere = Annotated[sqlite3.Row, Depends(account_of)]
OneselfHere = Annotated[sqlite3.Row, Depends(oneself)]
AdministratorHere = Annotated[Caller, Depends(administrator)]


def accounts_of(world: World, caller: Caller, account_ids: Iterable[int]) -> list[sqlite3.Row]:
    """The accounts that a body names, brought up to now, each once. Raises like `account_of`."""
    world.catch_up()
    accounts = []
    for account_id in dict.fromkeys(account_ids):
        row = world.state.row("SELECT * FROM account WHERE id = ?", account_id)
        if row is None:
            raise unexpected()
        if access_of(world.state, account_id, caller.user_id) is None:
            raise denied()
        accounts.append(row)
    return accounts

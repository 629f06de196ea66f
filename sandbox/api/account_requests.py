"""Requests to open an account: asked for by users, decided by administrators (and by clearing, see the control plane).

Only the first route is known, from prose (API fact sheet 8.3); the others are built like those of account transfers
(A.4) around the schemas that the contract has for them (B.1).
"""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from sandbox.api.access import AdministratorHere, CallerHere, UserHere
from sandbox.api.answers import answer
from sandbox.api.bodies import Resource, read_body
from sandbox.api.errors import ApiError, denied, model_invalid, unexpected
from sandbox.api.filters import Column, Moment, as_sql, parse_filter
from sandbox.api.paging import Page
from sandbox.api.shapes import account_requests as shapes
from sandbox.dependencies import WorldHere
from sandbox.people.account_requests import (
    FORM_TYPES,
    PROVIDERS,
    FormDataInvalid,
    Opening,
    StepNotPossible,
    ask_for_account,
    change_form,
    find_request,
    take_step,
)
from sandbox.people.bindings import is_administrator
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

_LISTED = (
    "SELECT account_request.*, email, login, first_name, last_name FROM account_request JOIN user ON user.id = user_id"
)


class CreateOpenAccountRequest(Resource):
    """`form_data_reference` is what the terminal sends along for paper: JSON with marginType and cash."""

    account_provider: str | None = None
    form_type: str | None = None
    account_opening_provider_name: str | None = None
    form_data_reference: str | None = None


@router.post("/user/{user_id}/account-requests/open")
async def open_request(request: Request, world: WorldHere, user: UserHere) -> Response:
    asked = await read_body(request, CreateOpenAccountRequest, param="resource")
    if not asked.account_provider or not asked.form_type:
        raise unexpected()
    if asked.account_provider not in PROVIDERS[1:]:
        raise model_invalid("AccountProvider", param="resource")
    if asked.form_type not in FORM_TYPES[1:]:
        raise model_invalid("FormType", param="resource")
    opening = Opening(
        asked.account_provider, asked.form_type, asked.account_opening_provider_name, asked.form_data_reference
    )
    try:
        return answer(shapes.account_request(ask_for_account(world, user, opening)))
    except FormDataInvalid:
        raise model_invalid("FormDataReference", param="resource") from None


@router.get("/user/{user_id}/account-requests")
async def requests_of_user(world: WorldHere, user: UserHere) -> Response:
    rows = world.state.rows(f"{_LISTED} WHERE user_id = ? ORDER BY number", user["id"])
    return answer([shapes.account_request(row) for row in rows])


def _ms(literal: Any) -> int:
    if not isinstance(literal, Moment):
        raise TypeError(literal)
    return literal.ms


_FILTERS = {
    "createdat": Column("created_ms", _ms),
    "status": Column("status", str),
    "accountprovider": Column("provider", str),
    "formtype": Column("form_type", str),
    "userid": Column("CAST(user_id AS TEXT)", str),
    "email": Column("email", str),
    "accountnumber": Column("CAST(account_id AS TEXT)", str),
}


@router.get("/account-requests")
async def all_requests(
    request: Request,
    world: WorldHere,
    administrator: AdministratorHere,
    pageNumber: int,
    pageSize: int,
    sortBy: str = "CreatedAt",
    isDesc: bool = False,
    filter: str = "",
) -> Response:
    page = Page.read(pageNumber, pageSize)
    where, values = as_sql(parse_filter(filter), _FILTERS)
    column = _FILTERS.get(sortBy.lower())
    if column is None:
        raise model_invalid("sortBy", param="query")
    direction = "DESC" if isDesc else "ASC"
    # Field names come from _FILTERS, values travel as parameters.
    total = world.state.row(
        f"SELECT count(*) AS n FROM account_request JOIN user ON user.id = user_id WHERE {where}",  # noqa: S608
        *values,
    )
    rows = world.state.rows(
        f"{_LISTED} WHERE {where} ORDER BY {column.expression} {direction}, number {direction} LIMIT ? OFFSET ?",
        *values,
        page.size,
        page.offset,
    )
    drawn = [shapes.account_request(row) for row in rows]
    return answer(page.envelope(request, drawn, total["n"] if total else 0))


# One request


async def request_of(world: WorldHere, caller: CallerHere, request_id: str) -> sqlite3.Row:
    """The request of the path. Somebody else's is E3, but for an administrator; an unknown one E4."""
    row = find_request(world, request_id)
    if row is None:
        raise unexpected()
    if row["user_id"] != caller.user_id and not is_administrator(world.state, caller.user_id):
        raise denied()
    return row


RequestHere = Annotated[sqlite3.Row, Depends(request_of)]


@router.get("/account-requests/{request_id}")
async def one_request(asked: RequestHere) -> Response:
    return answer(shapes.account_request(asked))


@router.get("/account-requests/{request_id}/versions")
async def request_versions(
    request: Request, world: WorldHere, asked: RequestHere, pageNumber: int, pageSize: int
) -> Response:
    """What has become of it, oldest first."""
    page = Page.read(pageNumber, pageSize)
    rows = world.state.rows("SELECT * FROM account_request_version WHERE request_id = ? ORDER BY id", asked["id"])
    drawn = [shapes.account_request_version(row) for row in rows]
    return answer(page.envelope(request, page.cut(drawn), len(drawn)))


class SubmitRequest(Resource):
    form_data_reference: str | None = None
    sync_processing: bool = False


class ApproveRequest(Resource):
    comment: str | None = None
    sync_processing: bool = False


class RejectRequest(Resource):
    """Of a rejection by an administrator, and of a cancellation by the user."""

    reason: str | None = None
    sync_processing: bool = False


@router.put("/account-requests/{request_id}/submit")
async def submit(request: Request, world: WorldHere, caller: CallerHere, asked: RequestHere) -> Response:
    said = await read_body(request, SubmitRequest, param="resource")
    with world.state.transaction():
        if said.form_data_reference is not None:
            try:
                change_form(world, asked, said.form_data_reference)
            except FormDataInvalid:
                raise model_invalid("FormDataReference", param="resource") from None
        _take(world, asked, "submit", caller.user_id)
    return Response(status_code=204)


@router.put("/account-requests/{request_id}/cancel")
@router.post("/account-requests/{request_id}/cancel")
async def cancel(request: Request, world: WorldHere, caller: CallerHere, asked: RequestHere) -> Response:
    said = await read_body(request, RejectRequest, param="resource")
    _take(world, asked, "cancel", caller.user_id, comment=said.reason)
    return Response(status_code=204)


@router.put("/account-requests/{request_id}/approve")
async def approve(
    request: Request, world: WorldHere, administrator: AdministratorHere, asked: RequestHere
) -> Response:
    """On to clearing; with `SyncProcessing` clearing approves at once."""
    said = await read_body(request, ApproveRequest, param="resource")
    _take(world, asked, "approve", administrator.user_id, comment=said.comment, at_once=said.sync_processing)
    return Response(status_code=204)


@router.put("/account-requests/{request_id}/reject")
async def reject(request: Request, world: WorldHere, administrator: AdministratorHere, asked: RequestHere) -> Response:
    said = await read_body(request, RejectRequest, param="resource")
    _take(world, asked, "reject", administrator.user_id, comment=said.reason)
    return Response(status_code=204)


def _take(
    world: World, asked: sqlite3.Row, step: str, user_id: int, *, comment: str | None = None, at_once: bool = False
) -> None:
    """Raises ApiError 409 when the request is not, or no longer, in a state for it."""
    actor = world.state.row("SELECT login FROM user WHERE id = ?", user_id)
    try:
        take_step(world, asked, step, made_by=actor["login"] if actor else "", comment=comment, at_once=at_once)
    except StepNotPossible:
        raise ApiError(409) from None

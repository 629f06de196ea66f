"""Agreements: what is outstanding, and signing it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from sandbox.api.access import CallerHere, UserHere
from sandbox.api.answers import answer
from sandbox.api.errors import model_invalid
from sandbox.api.shapes import users as shapes
from sandbox.dependencies import WorldHere

router = APIRouter(prefix="/v1.0")


@router.get("/users/{user_id}/agreements")
async def outstanding_agreements(world: WorldHere, user: UserHere) -> Response:
    rows = world.state.rows(
        "SELECT agreement.* FROM agreement JOIN user_agreement ON agreement_id = agreement.id"
        " WHERE user_id = ? AND signed_ms IS NULL AND current ORDER BY agreement.id",
        user["id"],
    )
    return answer([shapes.agreement(row) for row in rows])


@router.post("/users/{user_id}/agreements/{agreement_id}/sign")
async def sign_agreement(world: WorldHere, user: UserHere, caller: CallerHere, agreement_id: int) -> Response:
    """Sign; again is fine. An agreement that this user was never asked to sign is refused."""
    signed = world.state.db.execute(
        "UPDATE user_agreement SET signed_ms = coalesce(signed_ms, ?) WHERE user_id = ? AND agreement_id = ?",
        (world.market.now_ms(), user["id"], agreement_id),
    )
    if not signed.rowcount:
        raise model_invalid("", "Agreement is not found.", param="agreementId")
    return Response(status_code=200)

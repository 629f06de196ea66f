"""Users: who somebody is."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from sandbox.api.access import UserHere
from sandbox.api.answers import answer
from sandbox.api.shapes import users as shapes

router = APIRouter(prefix="/v1.0")


@router.get("/users/{user_id}/info")
async def user_info(user: UserHere) -> Response:
    return answer(shapes.user_info(user))

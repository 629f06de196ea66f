"""What the company tells its users' programs: security policies, settings of the mobile app; and feedback to it.

Routes known from prose only (API fact sheet A.6, A.8, A.11).
"""

from __future__ import annotations

import base64
import binascii
import sqlite3
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import CallerHere
from sandbox.api.answers import answer
from sandbox.api.bodies import Resource, read_body
from sandbox.api.errors import ApiError, unexpected
from sandbox.clock import iso
from sandbox.dependencies import WorldHere
from sandbox.people.mail import send_mail

router = APIRouter(prefix="/v1.0")

SUPPORT = "support@sandbox.test"
MOBILE_SETTINGS = {
    "maxNumberOrderLegs": 4, "defaultOrdersPageSize": 15, "PinEnabled": True, "passwordMinLength": 8,
}  # fmt: skip


@router.get("/applications/mobile/settings")
async def mobile_settings(caller: CallerHere) -> Response:
    return answer({"Settings": MOBILE_SETTINGS})


@router.get("/policies")
async def policies(world: WorldHere, caller: CallerHere) -> Response:
    """The one policy of the caller, with the rules that hold for him or her."""
    user = world.state.row("SELECT * FROM user WHERE id = ?", caller.user_id)
    assert user is not None  # noqa: S101 - a foreign key promises it
    policy = {"Id": 1, "Name": "Standard", "Date": iso(user["added_ms"]), "Rules": _rules(user)}
    return answer([policy])


def _rules(user: sqlite3.Row) -> list[dict[str, Any]]:
    rules = [{"Id": 1, "Name": "PasswordExpiration", "Attributes": {"duration": "365"}}]
    if user["two_factor"]:
        rules.append({"Id": 2, "Name": "SmsPassword", "Attributes": {}})
    return rules


class Base64File(Resource):
    name: str = ""
    data: str
    type: str = ""


class SubmitFeedback(Resource):
    build_version: str | None = None
    comment: str | None = None
    contacts: str | None = None
    subject: str | None = None
    images_to_upload: list[Base64File] | None = None


@router.post("/feedbacks")
@router.put("/feedbacks")
async def send_feedback(request: Request, world: WorldHere, caller: CallerHere) -> Response:
    """A message to support, which lands in the outbox. All members have to be there; attachments are not kept."""
    said = await read_body(request, SubmitFeedback, param="feedback")
    if None in (said.build_version, said.comment, said.contacts, said.subject, said.images_to_upload):
        raise unexpected()
    for image in said.images_to_upload or []:
        try:
            base64.b64decode(image.data, validate=True)
        except (binascii.Error, ValueError):
            raise ApiError(409) from None
    text = f"From user {caller.user_id}, version {said.build_version}: {said.comment}"
    send_mail(world, SUPPORT, "Feedback", subject=said.subject or "", text=text)
    return answer(said.model_dump(by_alias=True))

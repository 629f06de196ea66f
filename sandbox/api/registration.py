"""Registration: the form's schema, and joining by it. No user's token is asked for, but the company's host (C75)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.answers import answer
from sandbox.api.bodies import read_json
from sandbox.api.errors import registration_failed
from sandbox.api.shapes.users import user_info
from sandbox.dependencies import WorldHere
from sandbox.people.registration import UNITS, Field, Form, RegistrationRefused, register
from sandbox.world import World

router = APIRouter(prefix="/v1.0/registration")


@router.get("/schema")
async def registration_schema() -> Response:
    units = [{"UnitName": unit, "Fields": [_field(field) for field in fields]} for unit, fields in UNITS.items()]
    return answer(units)


def _field(field: Field) -> dict[str, Any]:
    drawn: dict[str, Any] = {"FieldName": field.name, "Required": field.required}
    if field.options:
        drawn["Options"] = field.options
    if field.numbered:
        drawn["OptionsWithId"] = {str(number): words for number, words in field.numbered.items()}
    return drawn


@router.post("")
@router.post("/")
async def join(request: Request, world: WorldHere) -> Response:
    form = Form(await read_json(request, param="registrationRequest"))
    try:
        if not _comes_from_the_company(request, world):
            raise RegistrationRefused("PolicyFail", ["Origin is not the host of the company."])
        user = register(world, form)
    except RegistrationRefused as refused:
        raise registration_failed(refused.errors, refused.reason) from None
    return answer(user_info(user))


def _comes_from_the_company(request: Request, world: World) -> bool:
    """`Origin` says the host of the application, with or without a scheme and a port."""
    app = world.state.row("SELECT host FROM app WHERE client_id = ?", request.state.client_id)
    origin = request.headers.get("origin", "")
    try:
        host = urlsplit(origin if "//" in origin else f"//{origin}").hostname
    except ValueError:
        return False
    return app is not None and host == app["host"]
